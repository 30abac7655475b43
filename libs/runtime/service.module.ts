import { type DynamicModule, Module, type OnApplicationShutdown, type Provider, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { DataSource, type EntityTarget } from 'typeorm';
import { Access } from '#libs/auth/access';
import type { AnyContract, AnyEvent } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import { operationsOf } from '#libs/contracts/operations';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import type { Logger } from '#libs/observability/logger';
import { Cursors } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { DeadLetters } from '#libs/persistence/dead-letters';
import { DeliveryFailure, type FailureKind } from '#libs/persistence/delivery-failure';
import type { OutboxRow } from '#libs/persistence/outbox-row';
import { Relay } from '#libs/persistence/relay';
import type { Retention } from '#libs/persistence/retention';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { BYTES, type Bytes } from './byte-routes.ts';
import { CoreModule, LOGGER, SETTINGS } from './core.module.ts';
import { deadLetterHandlers } from './dead-letter.handlers.ts';
import { type HandlerExtras, handlerAt, handlersOf } from './handlers.ts';
import { measure, measureTables } from './measurements.ts';
import { Readiness } from './probes.ts';
import { Rounds } from './rounds.ts';
import { Serving } from './serving.ts';
import { databaseUrl, type Settings } from './settings.ts';
import type { ServiceName } from './topology.ts';

export interface ServiceModuleOptions {
  readonly contract: AnyContract & { readonly name: ServiceName };
  /** Contracts of the services that this one calls. */
  readonly peers?: readonly AnyContract[];
  readonly entities?: readonly EntityTarget<object>[];
  readonly migrations: readonly Type<object>[];
  readonly retention: Retention;
  /** The class that handles the contract's byte operations, where there are any. */
  readonly bytes?: Type<object>;
}

const PING_MS = 2_000;
const SWEEP_MS = 10 * 60_000;
const MEASURE_MS = 10_000;
const MEASURE_TABLES_MS = 5 * 60_000;
/** For rows that no relay has a plan for: those of a replica that stopped or died, once their lease is over, and replayed ones. */
const CLAIM_MS = 3_000;
const EXPIRE_MS = 5_000;

/** What keeps running beside the requests of a service, and ends after them. */
class Background implements OnApplicationShutdown {
  private isUp = true;

  constructor(
    private readonly source: DataSource,
    private readonly database: Database,
    private readonly relay: Relay,
    sweeper: Sweeper,
    readiness: Readiness,
    rounds: Rounds,
    contract: AnyContract,
  ) {
    readiness.require({ name: 'postgres', isUp: () => this.isUp });
    rounds.every('postgres.ping', { everyMs: PING_MS, atOnce: true }, async () => {
      this.isUp = await database.row(sql`SELECT 1`).then(
        () => true,
        () => false,
      );
    });
    rounds.every('tables.retention', SWEEP_MS, () => sweeper.sweep());
    const claims = rounds.every('outbox.claim', { everyMs: CLAIM_MS, atOnce: true }, () => this.relay.claimDue());
    relay.wake = (afterMs) => claims.wake(afterMs);
    rounds.every('service.measure', { everyMs: MEASURE_MS, atOnce: true }, () => measure(contract, this.relay, this.database));
    rounds.every('tables.measure', { everyMs: MEASURE_TABLES_MS, atOnce: true }, () => measureTables(contract, this.database));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.source.destroy();
  }
}

/** Everything a service stands on: bus, database, outbox, dead letters. Its own module adds handlers and repositories. */
@Module({})
export class ServiceModule {
  static for({ contract, peers = [], entities = [], migrations, retention, bytes }: ServiceModuleOptions): DynamicModule {
    const service = contract.name;
    const providers: Provider[] = [
      Readiness,
      { provide: BYTES, useValue: bytes === undefined ? null : ({ contract, handlers: bytes } satisfies Bytes) },
      {
        provide: DataSource,
        inject: [SETTINGS],
        useFactory: (values: Settings) =>
          new DataSource(
            databaseOptions({ url: databaseUrl(values, service), entities, migrations: [...migrations], applicationName: service }),
          ).initialize(),
      },
      { provide: Database, inject: [DataSource], useFactory: (source: DataSource) => new Database(source) },
      { provide: Sweeper, inject: [Database], useFactory: (database: Database) => new Sweeper(database, retention) },
      {
        provide: Cursors,
        inject: [SETTINGS],
        useFactory: (values: Settings) => new Cursors(values.BUS_SECRET, values.BUS_SECRET_PREVIOUS),
      },
      {
        provide: DeadLetters,
        inject: [Database, Cursors],
        useFactory: (database: Database, cursors: Cursors) => new DeadLetters(database, cursors),
      },
      { provide: Serving, inject: [Access, Database], useFactory: (access: Access, database: Database) => new Serving(access, database) },
      {
        provide: BusServer,
        inject: [BusClient, LOGGER, Serving, Rounds, Readiness, ModuleRef],
        useFactory: (bus: BusClient, logger: Logger, serving: Serving, rounds: Rounds, readiness: Readiness, module: ModuleRef) => {
          const server = new BusServer({
            bus,
            logger,
            // What `handlersOf` and `reactionsOf` noted beside each pattern.
            routeFor: (_pattern, extras) => serving.routeFor(extras as HandlerExtras, handlerAt(extras as HandlerExtras, module)),
          });
          readiness.requireForLife({ name: 'taker', isUp: () => !server.isDeaf });
          rounds.every('bus.measure', { everyMs: MEASURE_MS, atOnce: true }, () => server.measure());
          rounds.every('bus.expire_replies', EXPIRE_MS, () => server.expireReplyLists());
          return server;
        },
      },
      {
        provide: Relay,
        inject: [Database, BusClient, LOGGER],
        useFactory: (database: Database, bus: BusClient, logger: Logger) =>
          new Relay({
            database,
            deliver: (rows) => deliver(contract, bus, rows),
            isBatched: ({ event, subscriber }) => eventOf(contract, event)?.batched.includes(subscriber) ?? false,
            onError: (error) => logger.warn({ err: error }, 'outbox.failed'),
          }),
      },
      {
        provide: Background,
        inject: [DataSource, Database, Relay, Sweeper, Readiness, Rounds],
        useFactory: (source: DataSource, database: Database, relay: Relay, sweeper: Sweeper, readiness: Readiness, rounds: Rounds) =>
          new Background(source, database, relay, sweeper, readiness, rounds, contract),
      },
    ];
    return {
      module: ServiceModule,
      global: true,
      imports: [CoreModule.for(service, peers)],
      controllers: handlersOf(operationsOf(service), [deadLetterHandlers()]),
      providers,
      exports: [BYTES, Readiness, DataSource, Database, Sweeper, Cursors, DeadLetters, Serving, BusServer, Relay],
    };
  }
}

const eventOf = (publisher: AnyContract, key: string): AnyEvent | undefined =>
  Object.values(publisher.events).find((event) => event.key === key);

/** Rows of one event for one subscriber. */
async function deliver(publisher: AnyContract, bus: BusClient, rows: readonly [OutboxRow, ...OutboxRow[]]): Promise<string> {
  const [first] = rows;
  const lane = eventOf(publisher, first.event)?.lane ?? 'browse';
  const isOne = rows.length === 1;
  // A payload is JSON already.
  const body = isOne ? first.payload : `[${rows.map(inBatch).join(',')}]`;
  try {
    const answer = await bus.deliver({ key: first.event, lane }, first.subscriber, body, {
      id: first.id,
      version: first.version,
      requestId: first.requestId,
      ...(isOne ? {} : { count: rows.length }),
      ...(first.traceparent === null ? {} : { traceparent: first.traceparent }),
    });
    return answer.toString();
  } catch (error) {
    throw new DeliveryFailure(error instanceof Error ? error.message : String(error), failureOf(error));
  }
}

function failureOf(error: unknown): FailureKind {
  if (!(error instanceof Refusal)) return 'failed';
  if (error.retryable || error.kind === 'rate_limited') return 'away';
  return error.code === 'validation_failed' || error.code === 'malformed' ? 'misread' : 'failed';
}

/** An `EventInBatch`. */
const inBatch = ({ id, version, payload, traceparent }: OutboxRow): string =>
  `{"id":"${id}","version":${version},"data":${payload}${traceparent === null ? '' : `,"traceparent":${JSON.stringify(traceparent)}`}}`;
