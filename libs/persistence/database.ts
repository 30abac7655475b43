import pg from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { AnyEvent } from '#libs/contracts/contract';
import { currentRequest } from '#libs/observability/context';
import { inSpan, isTracing, SpanKind } from '#libs/observability/tracing';
import { DatabaseUnavailable, isConflictOfTransactions, isLost } from './database-errors.ts';
import type { OutboxRow } from './outbox-row.ts';
import { type Statement, sql } from './sql.ts';

// Counts and paise are far below 2^53; as text they would be added up wrongly.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

type Row = Record<string, unknown>;
interface Result {
  readonly rows: unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}
interface Runner {
  query(statement: unknown): Promise<Result>;
}
interface Client extends Runner {
  on(event: 'error', listener: () => void): void;
  off(event: 'error', listener: () => void): void;
  /** With an error the connection is closed instead of used again. */
  release(error?: Error): void;
}
interface Pool {
  connect(): Promise<Client>;
}

/** Statements on one connection or on any of the pool's; every one is prepared under its own name. */
export class Queries {
  constructor(private readonly runner: Runner) {}

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

  protected run(statement: Statement): Promise<Result> {
    if (!isTracing()) return this.ask(statement);
    return inSpan('sql', SpanKind.CLIENT, { 'db.system.name': 'postgresql', 'db.query.text': statement.text }, () => this.ask(statement));
  }

  private async ask({ name, text, values }: Statement): Promise<Result> {
    try {
      return await this.runner.query({ name, text, values });
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

/**
 * Statements reach Postgres in the order they are given in; whoever needs no answer does not wait for one (`send`), for a round trip costs more
 * than most statements. The beginning travels with the first statement, and COMMIT with the last ones that were sent.
 */
export class Transaction extends Queries {
  readonly published: Published[] = [];
  readonly after: (() => void | Promise<void>)[] = [];
  private readonly unanswered: Promise<unknown>[] = [];
  private failure: unknown;
  private isEnding = false;

  constructor(
    private readonly client: Runner,
    isolation: TransactionOptions['isolation'],
  ) {
    super(client);
    this.expectAnswer(client.query(isolation === undefined ? 'START TRANSACTION' : `START TRANSACTION ISOLATION LEVEL ${isolation}`));
  }

  /** A statement whose answer nobody needs. It takes its place among the others; if it fails, so does the transaction, with its error. */
  send(statement: Statement): void {
    this.expectAnswer(this.run(statement));
  }

  /** @throws what the first statement failed with that nobody waited for. */
  async commit(): Promise<void> {
    this.isEnding = true;
    const committed = this.client.query('COMMIT');
    committed.catch(() => undefined);
    await Promise.all(this.unanswered);
    if (this.failure !== undefined) throw this.failure;
    // What Postgres answers when a statement had failed, which somebody must have kept to himself.
    if ((await committed).command === 'ROLLBACK') throw new Error('nothing was committed, for a statement of the transaction had failed');
  }

  /** Ends it without effect, and answers why: `cause`, or what an earlier statement failed with that nobody waited for. @throws when the connection is lost. */
  async rollBack(cause: unknown): Promise<unknown> {
    if (!this.isEnding) await this.client.query('ROLLBACK');
    await Promise.all(this.unanswered);
    return this.failure ?? cause;
  }

  /** An outbox row for each subscriber, in this transaction: the event leaves if and only if it commits. */
  publish<Data extends object>(event: AnyEvent & { readonly data: new () => Data }, data: Data): Publication {
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
    this.send(sql`
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

  private expectAnswer(answer: Promise<unknown>): void {
    this.unanswered.push(
      answer.catch((error: unknown) => {
        this.failure ??= error;
      }),
    );
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
    super({ query: (statement) => this.borrow((client) => client.query(statement)) });
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

  private attempt<T>(
    work: (transaction: Transaction) => Promise<T>,
    isolation: TransactionOptions['isolation'],
  ): Promise<{ transaction: Transaction; result: T }> {
    return this.borrow(async (client) => {
      const transaction = new Transaction(client, isolation);
      try {
        const result = await work(transaction);
        await transaction.commit();
        return { transaction, result };
      } catch (error) {
        for (const { settle } of transaction.published) settle(false);
        throw await transaction.rollBack(error);
      }
    });
  }

  /** A connection of the pool, which gets it back unless it is lost. The pool's own `query` closes one for any statement that fails. */
  private async borrow<T>(work: (client: Client) => Promise<T>): Promise<T> {
    // TypeORM types its driver's pool as `any`.
    const client = await (this.source.driver as unknown as { master: Pool }).master.connect();
    // An error between two statements fails the next one; without a listener it would end the process.
    const onError = (): void => undefined;
    client.on('error', onError);
    let lost: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      if (isLost(error)) lost = error as Error;
      throw error;
    } finally {
      client.off('error', onError);
      client.release(lost);
    }
  }
}
