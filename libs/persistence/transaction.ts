import type { AnyEvent } from '#libs/contracts/contract';
import { isTracing } from '#libs/observability/tracing';
import { Flight, type Outcome } from './flight.ts';
import { Letter, type Publication, type Published } from './letter.ts';
import { alone, type Client, PLAN_BY_VALUES, Queries } from './queries.ts';
import { type Statement, sql } from './sql.ts';

const BEGIN = {
  'READ COMMITTED': sql`BEGIN`,
  'REPEATABLE READ': sql`BEGIN ISOLATION LEVEL REPEATABLE READ`,
  SERIALIZABLE: sql`BEGIN ISOLATION LEVEL SERIALIZABLE`,
};

const COMMIT = sql`COMMIT`;

const ROLLBACK = sql`ROLLBACK`;

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
  private hasEnded = false;

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

  /**
   * The last statement, which leaves together with the COMMIT: its row, once that is committed. Nothing may follow in this transaction, and
   * what still has to be done must not fail.
   */
  async rowAtCommit<T>(statement: Statement): Promise<T | undefined> {
    const answer = this.flight.add(statement);
    this.expectAnswer(answer);
    await this.commit();
    this.hasEnded = true;
    return (await answer).rows[0] as T | undefined;
  }

  /** @throws what the first statement failed with that nobody waited for. */
  async commit(): Promise<void> {
    if (this.hasEnded) return;
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
    const letter = new Letter(event);
    if (!letter.isForNobody) this.send(letter.insert(sql`SELECT ${JSON.stringify(data)}::text`));
    return this.sent(letter, data);
  }

  /** Hands over a letter that a statement of this transaction has written, once it is committed. */
  sent(letter: Letter, data: object): Publication {
    const { published, publication } = letter.handOver(JSON.stringify(data));
    this.published.push(...published);
    return publication;
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
