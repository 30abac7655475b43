import pg from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { AnyEvent } from '#libs/contracts/contract';
import { currentRequest } from '#libs/observability/context';
import { inSpan, isTracing, SpanKind } from '#libs/observability/tracing';
import { DatabaseUnavailable, isConflictOfTransactions, isLost } from './database-errors.ts';
import { Flight, type Outcome } from './flight.ts';
import type { OutboxRow } from './outbox-row.ts';
import { isRead, type Statement, sql } from './sql.ts';

// Counts and paise are far below 2^53; as text they would be added up wrongly.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

type Row = Record<string, unknown>;
interface Client {
  query(flight: Flight): unknown;
  on(event: 'error', listener: () => void): void;
  off(event: 'error', listener: () => void): void;
  /** With an error the connection is closed instead of used again. */
  release(error?: Error): void;
}
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  connect(): Promise<Client>;
}

/** Statements on one connection or on any of the pool's; every one is prepared under its own name. */
export abstract class Queries {
  async rows<T = Row>(statement: Statement): Promise<T[]> {
    return (await this.run(statement)).rows as T[];
  }

  async row<T = Row>(statement: Statement): Promise<T | undefined> {
    return (await this.run(statement)).rows[0] as T | undefined;
  }

  /** How many rows it touched. */
  async execute(statement: Statement): Promise<number> {
    return (await this.run(statement)).rowCount;
  }

  protected run(statement: Statement): Promise<Outcome> {
    if (!isTracing()) return this.ask(statement);
    return inSpan(titleOf(statement.text), SpanKind.CLIENT, { 'db.system.name': 'postgresql', 'db.query.text': statement.text }, () =>
      this.ask(statement),
    );
  }

  protected abstract ask(statement: Statement): Promise<Outcome>;
}

/** `INSERT outbox`: what a statement does to which table, of several the one it is about. */
export function titleOf(text: string): string {
  const plain = text.replace(/^\s*WITH\b[\s\S]*\)\s*(?=(?:SELECT|INSERT|UPDATE|DELETE)\b)/, '');
  const [verb = 'SQL'] = /\b(?:SELECT|INSERT|UPDATE|DELETE|[A-Z]+)\b/.exec(plain) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)/.exec(plain) ?? [];
  return table === undefined ? verb : `${verb} ${table}`;
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

const BEGIN = {
  'READ COMMITTED': sql`BEGIN`,
  'REPEATABLE READ': sql`BEGIN ISOLATION LEVEL REPEATABLE READ`,
  SERIALIZABLE: sql`BEGIN ISOLATION LEVEL SERIALIZABLE`,
};
const COMMIT = sql`COMMIT`;
const ROLLBACK = sql`ROLLBACK`;
/** For the rest of the transaction, an implicit one too. */
const PLAN_BY_VALUES = sql`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`;

/**
 * Statements reach Postgres in the order they are given in, and leave together: an awaited one takes along what was given before it in the
 * same tick, and those that nobody waits for (`send`) wait for company. BEGIN goes with the first flight, COMMIT with the last; a
 * transaction in which nobody waits for an answer is one flight, which is a transaction by itself.
 */
export class Transaction extends Queries {
  readonly published: Published[] = [];
  readonly after: (() => void | Promise<void>)[] = [];
  private readonly unanswered: Promise<unknown>[] = [];
  private flight = new Flight();
  private isBoarding = false;
  private hasBegun = false;
  private failure: unknown;

  constructor(
    private readonly client: Client,
    private readonly isolation: NonNullable<TransactionOptions['isolation']>,
  ) {
    super();
  }

  /** A statement whose answer nobody needs. It takes its place among the others; if it fails, so does the transaction, with its error. */
  send(statement: Statement): void {
    this.expectAnswer(isTracing() ? this.run(statement) : this.flight.add(statement));
  }

  /** @throws what the first statement failed with that nobody waited for. */
  async commit(): Promise<void> {
    if (!this.hasBegun && this.isolation === 'READ COMMITTED') {
      if (this.flight.size > 0) this.leave({ isWhole: true });
      return this.allAnswered();
    }
    const committed = this.flight.add(COMMIT);
    committed.catch(() => undefined);
    this.leave();
    await this.allAnswered();
    // What Postgres answers when a statement had failed, which somebody must have kept to themselves.
    if ((await committed).command === 'ROLLBACK') throw new Error('nothing was committed, for a statement of the transaction had failed');
  }

  /** Ends it without effect, and answers why: `cause`, or what an earlier statement failed with that nobody waited for. @throws when the connection is lost. */
  async rollBack(cause: unknown): Promise<unknown> {
    // What was sent and has not left may hold the true reason, such as an event that was seen before.
    if (this.flight.size > 0) this.leave();
    await this.allAnswered().catch(() => undefined);
    // In a flight of its own: behind a failed statement it would be skipped like the rest.
    if (this.hasBegun) await alone(this.client, ROLLBACK);
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

  protected ask(statement: Statement): Promise<Outcome> {
    if (statement.isPlannedByValues === true) void this.flight.add(PLAN_BY_VALUES).catch(() => undefined);
    const answer = this.flight.add(statement);
    if (!this.isBoarding) {
      this.isBoarding = true;
      // Whatever the same tick gives goes along.
      process.nextTick(() => {
        if (this.isBoarding) this.leave();
      });
    }
    return answer;
  }

  /** Sends what was given so far; as a transaction of its own when it is the whole. */
  private leave({ isWhole = false } = {}): void {
    const flight = this.flight;
    this.flight = new Flight();
    this.isBoarding = false;
    if (!isWhole && !this.hasBegun) {
      this.hasBegun = true;
      flight.addFirst(BEGIN[this.isolation]);
    }
    this.client.query(flight);
  }

  private async allAnswered(): Promise<void> {
    await Promise.all(this.unanswered);
    if (this.failure !== undefined) throw this.failure;
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

  /** The connection that reads share while any of them waits for its answer. */
  private shared: { readonly client: Promise<Client>; readers: number; lost?: Error } | undefined;

  constructor(private readonly source: DataSource) {
    super();
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
    { isolation = 'READ COMMITTED', maxTries = 4 }: TransactionOptions,
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
    isolation: NonNullable<TransactionOptions['isolation']>,
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

  protected async ask(statement: Statement): Promise<Outcome> {
    try {
      if (statement.isPlannedByValues === true) return await this.borrow((client) => alone(client, PLAN_BY_VALUES, statement));
      return await (isRead(statement) ? this.read(statement) : this.borrow((client) => alone(client, statement)));
    } catch (error) {
      throw isLost(error) ? new DatabaseUnavailable(error) : error;
    }
  }

  /**
   * Reads that run at once share a connection, each in a flight of its own: that saves most of a statement's price. Only reads, for a write
   * may wait for a lock, and whoever holds the lock must not wait behind it.
   */
  private async read(statement: Statement): Promise<Outcome> {
    this.shared ??= { client: this.connect(), readers: 0 };
    const { shared } = this;
    shared.readers += 1;
    try {
      return await alone(await shared.client, statement);
    } catch (error) {
      if (isLost(error)) {
        shared.lost = error as Error;
        if (this.shared === shared) this.shared = undefined;
      }
      throw error;
    } finally {
      shared.readers -= 1;
      if (shared.readers === 0) {
        if (this.shared === shared) this.shared = undefined;
        shared.client.then((client) => giveBack(client, shared.lost)).catch(() => undefined);
      }
    }
  }

  /** Of this process' pool; `waiting` are callers. */
  get connections(): { readonly used: number; readonly idle: number; readonly waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  private get pool(): Pool {
    // TypeORM types its driver's pool as `any`.
    return (this.source.driver as unknown as { master: Pool }).master;
  }

  /** A connection of the pool, which gets it back unless it is lost. The pool's own `query` closes one for any statement that fails. */
  private async borrow<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let lost: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      if (isLost(error)) lost = error as Error;
      throw error;
    } finally {
      giveBack(client, lost);
    }
  }

  private async connect(): Promise<Client> {
    const client = await this.pool.connect();
    client.on('error', ignore);
    return client;
  }
}

/** An error between two statements fails the next one; without a listener it would end the process. */
const ignore = (): void => undefined;

function giveBack(client: Client, lost: Error | undefined): void {
  client.off('error', ignore);
  client.release(lost);
}

/** A flight of these statements; answers the last one's outcome. */
async function alone(client: Client, ...statements: readonly Statement[]): Promise<Outcome> {
  const flight = new Flight();
  const outcomes = statements.map((statement) => flight.add(statement));
  client.query(flight);
  return (await Promise.all(outcomes)).at(-1) as Outcome;
}
