import type { INestApplication, InjectionToken, Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type pg from 'pg';
import { throwError } from 'rxjs';
import { DataSource } from 'typeorm';
import { Access } from '#libs/auth/access';
import type { Actor } from '#libs/contracts/call';
import type { AnyOperation } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { Presence } from '#libs/messaging/presence';
import { Signals } from '#libs/messaging/signals';
import { databaseOptions } from '#libs/persistence/database-options';
import { SETTINGS } from '#libs/runtime/core.module';
import type { Declarations, Environment, Source } from '#libs/runtime/environment';
import { Serving } from '#libs/runtime/serving';
import { settings } from '#libs/runtime/settings';
import { databaseVariable, type ServiceName } from '#libs/runtime/topology';
import { type Network, SimulatedBus, SimulatedServer } from './network.ts';

export interface Program {
  readonly service: ServiceName;
  readonly module: Type<object>;
  readonly databaseUrl: string;
  readonly environment?: { readonly declared: Environment<Declarations>; readonly values: Source };
  /** Providers that something else stands for. */
  readonly replaced?: readonly (readonly [InjectionToken, object])[];
}

/** Tokens of simulated callers: `customer:<user id>` and `admin:<user id>`. */
const simulatedAccess = {
  actorFor: async (operation: AnyOperation, sender: { from: string; token?: string }): Promise<Actor> => {
    if (operation.access === 'internal' && sender.from === 'gateway') throw refuse('forbidden');
    if (sender.token === undefined) return sender.from === 'gateway' ? { kind: 'anonymous' } : { kind: 'service', name: sender.from };
    const [role, userId = ''] = sender.token.split(':');
    return { kind: 'user', userId, sessionId: userId, roles: role === 'admin' ? ['admin'] : ['customer'] };
  },
};

/** How busy the machine is must not decide what becomes of a run. */
const PATIENCE_MS = 30_000;
const patientDatabase = ({ databaseUrl: url, service }: Program) =>
  databaseOptions({
    url,
    entities: [],
    migrations: [],
    applicationName: service,
    connectTimeoutMs: PATIENCE_MS,
    statementTimeoutMs: PATIENCE_MS,
  });

const connectionLost = (): Error => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });

/** As a connection that is gone answers: a statement of its own, one with a callback, or one that is waited for. */
function refuseQuery(args: readonly unknown[]): unknown {
  const [first] = args;
  const flight = first as { handleError?: (error: Error) => void };
  if (typeof flight.handleError === 'function') {
    queueMicrotask(() => flight.handleError?.(connectionLost()));
    return first;
  }
  const callback = args.findLast((one) => typeof one === 'function') as ((error: Error) => void) | undefined;
  if (callback === undefined) return lostAnswer();
  queueMicrotask(() => callback(connectionLost()));
  return undefined;
}

/** Nobody may be waiting for it any more. */
const lostAnswer = (): Promise<never> => {
  const answer = Promise.reject(connectionLost());
  answer.catch(() => undefined);
  return answer;
};

/** One life of a service: its real module on real Postgres, which can be ended between any two of its statements and messages. */
export class Process {
  isUp = false;
  /** Boundaries until the end; undefined: it lives. */
  endsIn: number | undefined;
  /** Called once when it ends by `endsIn`. */
  onEnd: () => void = () => undefined;
  private readonly death = Promise.withResolvers<never>();
  private readonly clients = new Set<pg.Client>();

  private constructor(
    readonly service: ServiceName,
    readonly app: INestApplication,
    readonly server: SimulatedServer,
  ) {
    this.death.promise.catch(() => undefined);
  }

  static async start(program: Program, network: Network): Promise<Process> {
    const bus = new SimulatedBus(network, program.service);
    const server = new SimulatedServer();
    const inert = { start: async () => undefined, stop: async () => undefined, on: () => undefined, send: () => undefined };
    const builder = Test.createTestingModule({ imports: [program.module] })
      .overrideProvider(SETTINGS)
      .useValue(
        settings.read({
          NODE_ENV: 'test',
          APP: program.service,
          BUS_SECRET: 'a bus secret of the simulation, long enough',
          REDIS_URL: 'redis://127.0.0.1:1',
          [databaseVariable(program.service)]: program.databaseUrl,
          LOG_LEVEL: process.env.SIMULATION_LOG_LEVEL ?? 'silent',
        }),
      )
      .overrideProvider(DataSource)
      .useFactory({ factory: () => new DataSource(patientDatabase(program)).initialize() })
      .overrideProvider(BusClient)
      .useValue(bus)
      .overrideProvider(BusServer)
      .useValue(server)
      .overrideProvider(Signals)
      .useValue(inert)
      .overrideProvider(Presence)
      .useValue(inert)
      .overrideProvider(Access)
      .useValue(simulatedAccess);
    const { environment } = program;
    if (environment !== undefined) builder.overrideProvider(environment.declared).useValue(environment.declared.read(environment.values));
    for (const [token, value] of program.replaced ?? []) builder.overrideProvider(token).useValue(value);
    const app = (await builder.compile()).createNestApplication(new FastifyAdapter({ forceCloseConnections: true }), { logger: false });
    app.useGlobalFilters({ catch: (error: unknown) => throwError(() => error) as never });
    app.connectMicroservice({ strategy: server }, { inheritAppConfig: true });
    await app.startAllMicroservices();
    await app.init();
    server.serving = app.get(Serving);
    const life = new Process(program.service, app, server);
    life.watchDatabase(app.get(DataSource));
    bus.process = life;
    life.isUp = true;
    network.processes.set(program.service, life);
    return life;
  }

  /** A point at which a power cut may fall. Throws in a process that is no more. */
  boundary(): void {
    if (this.isUp && this.endsIn !== undefined) {
      this.endsIn -= 1;
      if (this.endsIn <= 0) {
        this.kill();
        this.onEnd();
      }
    }
    if (!this.isUp) throw refuse('unavailable', 'this process has ended');
  }

  /** What the process was doing is never answered once it has ended. */
  orDies<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return Promise.race([work, this.death.promise]);
  }

  /** As a power cut would: connections break, open transactions roll back, what was in memory is gone. */
  kill(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.death.reject(new Error('the process was killed'));
    for (const client of this.clients) (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    // Its timers still run in this process; without a database and a bus they can do nothing until they are stopped.
    void this.app.close().catch(() => undefined);
  }

  async stop(): Promise<void> {
    const wasUp = this.isUp;
    this.isUp = false;
    if (wasUp) await this.app.close();
  }

  private watchDatabase(source: DataSource): void {
    const pool = (source.driver as unknown as { master: pg.Pool & { _clients: pg.Client[] } }).master;
    for (const client of pool._clients) this.watch(client);
    pool.on('connect', (client) => this.watch(client as unknown as pg.Client));
    const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown;
    // The pool's own types have one signature for each way of waiting; what is added here is the same for both.
    (pool as { connect: unknown }).connect = (callback?: (error: Error, client: undefined, release: () => void) => void) => {
      if (this.isUp) return callback === undefined ? connect() : connect(callback);
      if (callback === undefined) return lostAnswer();
      return callback(connectionLost(), undefined, () => undefined);
    };
  }

  private watch(client: pg.Client): void {
    if (this.clients.has(client)) return;
    this.clients.add(client);
    client.on('error', () => undefined);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    (client as { query: unknown }).query = (...args: unknown[]) => {
      try {
        this.boundary();
      } catch {
        return refuseQuery(args);
      }
      return query(...args);
    };
  }
}
