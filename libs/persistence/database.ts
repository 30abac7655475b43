import pg from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseUnavailable, isConflictOfTransactions, isLost } from './database-errors.ts';
import { type Outcome } from './flight.ts';
import type { Letter, Publication, Published } from './letter.ts';
import { alone, type Client, giveBack, ignore, PLAN_BY_VALUES, type Pool, Queries } from './queries.ts';
import { isRead, type Statement } from './sql.ts';
import { Transaction, type TransactionOptions } from './transaction.ts';

// Counts and paise are far below 2^53; as text they would be added up wrongly.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const MAX_TRIES = 4;

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

  /** Hands over a letter that a statement of its own has written. */
  sent(letter: Letter, data: object): Publication {
    const { published, publication } = letter.handOver(JSON.stringify(data));
    this.onPublished(published);
    return publication;
  }

  private async committed<T>(
    work: (transaction: Transaction) => Promise<T>,
    { isolation = 'READ COMMITTED', maxTries = MAX_TRIES }: TransactionOptions,
  ): Promise<{ transaction: Transaction; result: T }> {
    return this.repeated(() => this.attempt(work, isolation), maxTries);
  }

  /** Again after a deadlock or a serialisation failure, of which nothing took effect. */
  private async repeated<T>(attempt: () => Promise<T>, maxTries: number): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (tries >= maxTries || !isConflictOfTransactions(error)) throw isLost(error) ? new DatabaseUnavailable(error) : error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** tries));
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

  protected ask(statement: Statement): Promise<Outcome> {
    return this.repeated(() => {
      if (statement.isPlannedByValues === true) return this.borrow((client) => alone(client, PLAN_BY_VALUES, statement));
      return isRead(statement) ? this.read(statement) : this.borrow((client) => alone(client, statement));
    }, MAX_TRIES);
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
