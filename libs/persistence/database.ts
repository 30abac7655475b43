import pg from 'pg';
import type { DataSource, DataSourceOptions, EntityManager, EntityTarget, QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { AnyEvent } from '#libs/contracts/contract';
import { currentRequest } from '#libs/observability/context';
import { inSpan, isTracing, SpanKind } from '#libs/observability/tracing';
import { DatabaseUnavailable, isConflictOfTransactions, isLost } from './database-errors.ts';
import type { OutboxRow } from './outbox-row.ts';
import { type Statement, sql } from './sql.ts';

// Counts and paise are far below 2^53; as text they would be added up wrongly.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface DatabaseSettings {
  readonly url: string;
  readonly entities: readonly EntityTarget<object>[];
  readonly migrations: readonly (new () => object)[];
  readonly applicationName: string;
  readonly poolSize?: number;
  /** Milliseconds; 0 for migrations. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds to wait for a connection of the pool, or for a new one. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds on top of the statement's time-out after which a server that says nothing is given up, and the connection with it. */
  readonly silenceMs?: number;
}

/** Tables come from migrations alone; `synchronize` is never on. */
export function databaseOptions({
  url,
  entities,
  migrations,
  applicationName,
  poolSize = 4,
  statementTimeoutMs = 1_500,
  connectTimeoutMs = 2_000,
  silenceMs = 10_000,
}: DatabaseSettings): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: entities as never,
    migrations: migrations as never,
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize,
    applicationName,
    extra: {
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      ...(statementTimeoutMs === 0
        ? {}
        : {
            statement_timeout: statementTimeoutMs,
            idle_in_transaction_session_timeout: 10_000,
            query_timeout: statementTimeoutMs + silenceMs,
          }),
    },
  };
}

type Row = Record<string, unknown>;
interface Runner {
  query(statement: unknown): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Statements on one connection or on any of the pool's; every one is prepared under its own name. */
export class Queries {
  constructor(private readonly runner: () => Runner) {}

  async rows<T = Row>(statement: Statement): Promise<T[]> {
    return (await this.run(statement)).rows as T[];
  }

  async row<T = Row>(statement: Statement): Promise<T | undefined> {
    return (await this.run(statement)).rows[0] as T | undefined;
  }

  /** How many rows it touched. */
  async execute(statement: Statement): Promise<number> {
    return (await this.run(statement)).rowCount ?? 0;
  }

  private run(statement: Statement): Promise<{ rows: unknown[]; rowCount: number | null }> {
    if (!isTracing()) return this.send(statement);
    return inSpan('sql', SpanKind.CLIENT, { 'db.system.name': 'postgresql', 'db.query.text': statement.text }, () => this.send(statement));
  }

  private async send({ name, text, values }: Statement): Promise<{ rows: unknown[]; rowCount: number | null }> {
    try {
      return await this.runner().query({ name, text, values });
    } catch (error) {
      throw isLost(error) ? new DatabaseUnavailable(error) : error;
    }
  }
}

/** An event on its way, once its transaction is committed. */
export interface Publication {
  /** True when every subscriber has taken it at the first try; it will arrive in any case. */
  readonly delivered: Promise<boolean>;
}

/** Seconds that a publisher has for its own rows before any replica may deliver them. */
const PUBLISHER_LEASE = 15;

export interface Published {
  readonly row: OutboxRow;
  /** Until when the row is this process's alone, by its own clock (`performance.now()`). */
  readonly leaseEnds: number;
  readonly settle: (delivered: boolean) => void;
}

export class Transaction extends Queries {
  readonly published: Published[] = [];
  readonly after: (() => void | Promise<void>)[] = [];

  constructor(
    client: Runner,
    /** TypeORM's, on the same connection. */
    readonly manager: EntityManager,
  ) {
    super(() => client);
  }

  /** An outbox row for each subscriber, in this transaction: the event leaves if and only if it commits. */
  async publish<Data extends object>(event: AnyEvent & { readonly data: new () => Data }, data: Data): Promise<Publication> {
    const context = currentRequest();
    const payload = JSON.stringify(data);
    // Taken before the statement runs, so never later than the lease in the row.
    const leaseEnds = performance.now() + PUBLISHER_LEASE * 1_000;
    const published = event.subscribers.map((subscriber) => {
      const row: OutboxRow = {
        id: uuidv7(),
        event: event.key,
        version: event.version,
        subscriber,
        payload,
        attempts: 0,
        createdAt: new Date(),
        requestId: context?.requestId ?? 'background',
        traceparent: context?.traceparent ?? null,
      };
      const { promise, resolve: settle } = Promise.withResolvers<boolean>();
      return { row, leaseEnds, settle, outcome: promise };
    });
    if (published.length === 0) return { delivered: Promise.resolve(true) };
    const rows = published.map(({ row }) => row);
    await this.execute(sql`
      INSERT INTO outbox (id, event, version, subscriber, payload, request_id, traceparent, leased_until)
      SELECT id, ${event.key}::text, ${event.version}::int, subscriber, ${payload}::text, ${rows[0]?.requestId}::text, ${rows[0]?.traceparent}::text, clock_timestamp() + make_interval(secs => ${PUBLISHER_LEASE}::float8)
      FROM unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ subscriber }) => subscriber)}::text[]) AS row (id, subscriber)`);
    this.published.push(...published);
    return { delivered: Promise.all(published.map(({ outcome }) => outcome)).then((all) => all.every(Boolean)) };
  }

  /** Runs once the transaction is committed, and is waited for. A failure there undoes nothing and stops no other step, but the caller hears of it. */
  afterCommit(work: () => void | Promise<void>): void {
    this.after.push(work);
  }
}

export interface TransactionOptions {
  /** READ COMMITTED unless said. */
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  /** How often the work is tried when it loses against another transaction; 4 unless said. */
  readonly maxTries?: number;
}

/** A service's own database. */
export class Database extends Queries {
  /** Takes over what a committed transaction has published; set by the relay. */
  onPublished: (published: readonly Published[]) => void = (published) => {
    for (const { settle } of published) settle(false);
  };

  constructor(private readonly source: DataSource) {
    // TypeORM types its driver's pool as `any`.
    super(() => (source.driver as unknown as { master: Runner }).master);
  }

  get manager(): EntityManager {
    return this.source.manager;
  }

  /**
   * All of `work` or nothing. Deadlocks and serialisation failures are tried again, so `work` must only touch the database.
   * @throws DatabaseUnavailable when the connection is lost, also at COMMIT: then repeat under an idempotency key.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { transaction, result } = await this.committed(work, options);
    if (transaction.published.length > 0) this.onPublished(transaction.published);
    // Outside the repeats: what is committed must not run again because a step after it lost against another transaction.
    const failures: unknown[] = [];
    for (const step of transaction.after) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return result;
  }

  private async committed<T>(
    work: (transaction: Transaction) => Promise<T>,
    { isolation, maxTries = 4 }: TransactionOptions,
  ): Promise<{ transaction: Transaction; result: T }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(work, isolation);
      } catch (error) {
        if (attempt >= maxTries || !isConflictOfTransactions(error)) throw isLost(error) ? new DatabaseUnavailable(error) : error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  private async attempt<T>(
    work: (transaction: Transaction) => Promise<T>,
    isolation: TransactionOptions['isolation'],
  ): Promise<{ transaction: Transaction; result: T }> {
    const runner = this.source.createQueryRunner();
    let transaction: Transaction | undefined;
    try {
      const client = (await runner.connect()) as Runner;
      await runner.startTransaction(isolation);
      transaction = new Transaction(client, runner.manager);
      const result = await work(transaction);
      await runner.commitTransaction();
      return { transaction, result };
    } catch (error) {
      for (const { settle } of transaction?.published ?? []) settle(false);
      await rollback(runner);
      throw error;
    } finally {
      await runner.release().catch(() => undefined);
    }
  }
}

/** A connection that is gone has rolled back by itself; one that cannot even roll back must not go back to the pool. */
async function rollback(runner: QueryRunner): Promise<void> {
  if (!runner.isTransactionActive || runner.isReleased) return;
  try {
    await runner.rollbackTransaction();
  } catch {
    const client = (await runner.connect()) as { end(): Promise<void> };
    void client.end().catch(() => undefined);
  }
}
