import pg from 'pg';
import type { DataSource, DataSourceOptions, EntityManager, EntityTarget, QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { AnyEvent } from '#libs/contracts/contract';
import { currentRequest } from '#libs/observability/context';
import { inSpan, isTracing, SpanKind } from '#libs/observability/tracing';
import { isConflictOfTransactions } from './database-errors.ts';
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
}

/** Tables come from migrations alone; `synchronize` is never on. */
export function databaseOptions({
  url,
  entities,
  migrations,
  applicationName,
  poolSize = 4,
  statementTimeoutMs = 1_500,
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
      connectionTimeoutMillis: 2_000,
      idleTimeoutMillis: 60_000,
      ...(statementTimeoutMs === 0 ? {} : { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: 10_000 }),
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

  private run({ name, text, values }: Statement): Promise<{ rows: unknown[]; rowCount: number | null }> {
    if (!isTracing()) return this.runner().query({ name, text, values });
    return inSpan('sql', SpanKind.CLIENT, { 'db.system.name': 'postgresql', 'db.query.text': text }, () =>
      this.runner().query({ name, text, values }),
    );
  }
}

/** An event on its way, once its transaction is committed. */
export interface Publication {
  /** True when every subscriber has taken it at the first try; it will arrive in any case. */
  readonly delivered: Promise<boolean>;
}

/** Seconds that a publisher has for its own rows before any replica may deliver them. */
const PUBLISHER_LEASE = 15;

export class Transaction extends Queries {
  readonly published: { readonly row: OutboxRow; readonly settle: (delivered: boolean) => void }[] = [];
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
    const outcomes = event.subscribers.map((subscriber) => {
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
      return new Promise<boolean>((settle) => this.published.push({ row, settle }));
    });
    const rows = this.published.slice(-event.subscribers.length).map(({ row }) => row);
    await this.execute(sql`
      INSERT INTO outbox (id, event, version, subscriber, payload, request_id, traceparent, leased_until)
      SELECT id, ${event.key}::text, ${event.version}::int, subscriber, ${payload}::text, ${rows[0]?.requestId}::text, ${rows[0]?.traceparent}::text, now() + make_interval(secs => ${PUBLISHER_LEASE}::float8)
      FROM unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ subscriber }) => subscriber)}::text[]) AS row (id, subscriber)`);
    return { delivered: Promise.all(outcomes).then((all) => all.every(Boolean)) };
  }

  /** Runs once the transaction is committed, and is waited for; a failure there undoes nothing. */
  afterCommit(work: () => void | Promise<void>): void {
    this.after.push(work);
  }
}

const MAX_TRIES = 4;

/** A service's own database. */
export class Database extends Queries {
  /** Takes over what a committed transaction has published; set by the relay. */
  onPublished: (published: Transaction['published']) => void = (published) => {
    for (const { settle } of published) settle(false);
  };

  constructor(private readonly source: DataSource) {
    // TypeORM types its driver's pool as `any`.
    super(() => (source.driver as unknown as { master: Runner }).master);
  }

  get manager(): EntityManager {
    return this.source.manager;
  }

  /** All of `work` or nothing. Deadlocks and serialisation failures are tried again, so `work` must only touch the database. */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (attempt === MAX_TRIES || !isConflictOfTransactions(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  private async attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    let transaction: Transaction;
    let result: T;
    try {
      const client = (await runner.connect()) as Runner;
      await runner.startTransaction();
      transaction = new Transaction(client, runner.manager);
      result = await work(transaction);
      await runner.commitTransaction();
    } catch (error) {
      await rollback(runner);
      throw error;
    } finally {
      await runner.release().catch(() => undefined);
    }
    if (transaction.published.length > 0) this.onPublished(transaction.published);
    for (const step of transaction.after) await step();
    return result;
  }
}

/** A connection that is gone has rolled back by itself. */
async function rollback(runner: QueryRunner): Promise<void> {
  if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
}
