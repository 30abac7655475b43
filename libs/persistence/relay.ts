import { within } from '#libs/contracts/time-limit';
import { runInRequest } from '#libs/observability/context';
import { type Backoff, backoffOf, claim, fromNow } from './claim.ts';
import type { Database } from './database.ts';
import { DeliveryFailure, kindOf } from './delivery-failure.ts';
import type { Published } from './letter.ts';
import type { OutboxRow } from './outbox-row.ts';
import { type Sql, sql } from './sql.ts';

export interface RelayOptions {
  readonly database: Database;
  /**
   * Resolves once the subscriber has committed the effect, with its answer where that is a text; throws a `DeliveryFailure`. Anything else
   * thrown counts as a try. More rows than one are of one event for one subscriber, which `isBatched` names.
   */
  readonly deliver: (rows: Rows) => Promise<unknown>;
  /** Whether the subscriber hears of the event in batches; never unless said. */
  readonly isBatched?: (row: Pick<OutboxRow, 'event' | 'subscriber'>) => boolean;
  readonly onError: (error: unknown) => void;
  /** Error answers after which an event is given up; 8 unless said. */
  readonly maxTries?: number;
  /** Seconds that a claimed row is this relay's alone; 30 unless said. */
  readonly leaseSeconds?: number;
  /** Milliseconds after which a delivery counts as a silent one; 12,000 unless said. Well below the lease, so that nobody else delivers meanwhile. */
  readonly deliveryTimeoutMs?: number;
  /** Deliveries to one subscriber at a time; 16 unless said. */
  readonly perSubscriber?: number;
  /** Seconds that the back-off doubles from; 0.5 unless said. */
  readonly backoffSeconds?: number;
}

export type Rows = readonly [OutboxRow, ...OutboxRow[]];

export interface BacklogRow {
  readonly event: string;
  readonly subscriber: string;
  readonly state: 'waiting' | 'dead';
  readonly count: number;
}
export interface Backlog {
  readonly rows: readonly BacklogRow[];
  readonly oldestSeconds: number;
}

const CLAIM_ROWS = 100;
/** A subscriber with so many rows waiting here gets no more claimed; its neighbours do. */
const MAX_CLAIMED = 200;
/** Beyond this a publisher leaves its rows to a later claim. */
const MAX_WAITING = 1_000;
const MAX_BACKOFF_SECONDS = 30;
/** Milliseconds of lease that a change of it needs: longer than a statement may take. */
const LEASE_MARGIN_MS = 2_000;
/** How long a subscriber may be away, and how long one that misreads an event may take to be rolled out, until the event is dead. */
const PATIENCE = { away: sql`interval '24 hours'`, misread: sql`interval '1 hour'` };
const MAX_REASON = 1_000;

/** Events that nobody waits for leave so many milliseconds after the first of them, or once there are so many. */
const BATCH_MS = 100;
const BATCH_ROWS = 100;
/** Milliseconds in which rows that have arrived are gathered, to be removed together. */
const FLUSH_MS = 50;

type Job = Published;
interface Queue {
  readonly subscriber: string;
  readonly isBatched: boolean;
  /** Of a batch that is being gathered. */
  timer: NodeJS.Timeout | undefined;
  readonly waiting: Job[];
  active: number;
  /** The last claim left its rows where they are, for too many wait here. */
  isHeldBack: boolean;
}

/**
 * Brings the outbox to its subscribers. The publishing process delivers its own rows right after commit; whatever it leaves behind is
 * claimed by any replica once the lease has run out. Nothing is held while a delivery runs: no transaction, no connection.
 */
export class Relay {
  private readonly queues = new Map<string, Queue>();
  private readonly running = new Set<Promise<void>>();
  private readonly delivered: string[] = [];
  private flushing: Promise<void> | undefined;
  private isStopped = false;
  /**
   * Asks for another claim after so many milliseconds: a delivery is tried again then, or a subscriber whose rows were left where they are has
   * room again. Set by whoever repeats `claimDue`.
   */
  wake: (afterMs?: number) => void = () => undefined;

  constructor(private readonly options: RelayOptions) {
    options.database.onPublished = (published) => {
      for (const job of published) this.enqueue(job);
    };
  }

  /** Finishes what runs; what waits is given back for other replicas to claim at once. */
  async stop(): Promise<void> {
    this.isStopped = true;
    const left: Job[] = [];
    for (const queue of this.queues.values()) {
      clearTimeout(queue.timer);
      left.push(...queue.waiting.splice(0));
    }
    for (const { settle } of left) settle(false);
    await this.release(left).catch(this.options.onError);
    await Promise.all(this.running);
    await this.flushing;
    await this.flush().catch(this.options.onError);
  }

  /** What is not delivered yet, and how old the oldest is that still waits. */
  async backlog(): Promise<Backlog> {
    const rows = await this.options.database.rows<BacklogRow & { readonly oldest: number }>(sql`
      SELECT event, subscriber, CASE WHEN dead_at IS NULL THEN 'waiting' ELSE 'dead' END AS state, count(*) AS count,
             extract(epoch FROM now() - min(created_at))::float8 AS oldest
      FROM outbox GROUP BY 1, 2, 3`);
    const ages = rows.filter(({ state }) => state === 'waiting').map(({ oldest }) => oldest);
    return { rows, oldestSeconds: Math.max(0, ...ages) };
  }

  /** Takes up what nobody else has, as far as its subscribers have room; the others are asked for when their queue has emptied. */
  async claimDue(): Promise<void> {
    let claimed = CLAIM_ROWS;
    while (claimed === CLAIM_ROWS && !this.isStopped) claimed = await this.claimSome();
  }

  private async claimSome(): Promise<number> {
    const { database, leaseSeconds = 30 } = this.options;
    for (const queue of this.queues.values()) queue.isHeldBack = queue.waiting.length >= MAX_CLAIMED;
    const full = [...this.queues.values()].filter(({ isHeldBack }) => isHeldBack).map(({ subscriber }) => subscriber);
    const leaseEnds = performance.now() + leaseSeconds * 1_000;
    const rows = await database.rows<OutboxRow>(
      claim({
        table: sql`outbox`,
        key: sql`id`,
        due: sql`leased_until`,
        where: sql`dead_at IS NULL AND subscriber <> ALL(${full}::text[])`,
        limit: CLAIM_ROWS,
        leaseSeconds,
        returning: sql`
          id, event, version, subscriber, payload, attempts, created_at AS "createdAt", request_id AS "requestId", traceparent`,
      }),
    );
    for (const row of rows) this.enqueue({ row, leaseEnds, settle: () => undefined });
    return rows.length;
  }

  private enqueue(job: Job): void {
    const { subscriber, event } = job.row;
    const isBatched = this.options.isBatched?.(job.row) ?? false;
    const key = isBatched ? `${subscriber} ${event}` : subscriber;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      queue = { subscriber, isBatched, timer: undefined, waiting: [], active: 0, isHeldBack: false };
      this.queues.set(key, queue);
    }
    if (this.isStopped || queue.waiting.length >= MAX_WAITING) job.settle(false);
    else {
      queue.waiting.push(job);
      this.pumpInTime(queue);
    }
  }

  /** At once, or when the batch has had its time to grow. */
  private pumpInTime(queue: Queue): void {
    if (!queue.isBatched || queue.waiting.length >= BATCH_ROWS || queue.waiting.length === 0) {
      this.pump(queue);
      return;
    }
    queue.timer ??= setTimeout(() => {
      queue.timer = undefined;
      this.pump(queue);
    }, BATCH_MS);
  }

  private pump(queue: Queue): void {
    while (queue.active < (this.options.perSubscriber ?? 16)) {
      const jobs = queue.waiting.splice(0, queue.isBatched ? BATCH_ROWS : 1);
      if (jobs.length === 0) {
        if (queue.isHeldBack) this.wake();
        return;
      }
      queue.active += 1;
      const run = this.run(jobs)
        .catch(this.options.onError)
        .finally(() => {
          this.running.delete(run);
          queue.active -= 1;
          this.pumpInTime(queue);
        });
      this.running.add(run);
    }
  }

  /** A batch that is refused goes one by one, so that an event that cannot be taken keeps no other back. */
  private async run(jobs: readonly Job[]): Promise<void> {
    const ours: Job[] = [];
    for (const job of jobs) {
      if (await this.isOurs(job).catch(() => false)) ours.push(job);
      else job.settle(false);
    }
    const [first, ...others] = ours;
    if (first === undefined) return;
    let answer: unknown;
    try {
      answer = await this.attempt([first.row, ...others.map(({ row }) => row)]);
    } catch (error) {
      if (others.length > 0 && kindOf(error) !== 'away') {
        for (const job of ours) await this.run([job]);
        return;
      }
      for (const { settle } of ours) settle(false);
      for (const { row } of ours) await this.postpone(row, error);
      return;
    }
    for (const { row, settle } of ours) {
      settle(true, typeof answer === 'string' ? answer : undefined);
      this.delivered.push(row.id);
    }
    this.flushing ??= this.flushSoon().catch(this.options.onError);
  }

  private async flushSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    try {
      while (this.delivered.length > 0) await this.flush();
    } finally {
      this.flushing = undefined;
    }
  }

  /** Whether the lease outlasts a delivery; one that waited here too long is renewed while it still stands, or left to whoever has it now. */
  private async isOurs({ row, leaseEnds }: Job): Promise<boolean> {
    const { database, leaseSeconds = 30, deliveryTimeoutMs = 12_000 } = this.options;
    const remaining = leaseEnds - performance.now();
    if (remaining >= deliveryTimeoutMs) return true;
    if (remaining < LEASE_MARGIN_MS) return false;
    const renewed = await database.execute(sql`
      UPDATE outbox SET leased_until = ${fromNow(leaseSeconds)} WHERE id = ${row.id} AND dead_at IS NULL AND leased_until > now()`);
    return renewed === 1;
  }

  /** In a context of the event's own: neither the deadline nor the trace of the work that happened to start the delivery is its. */
  private attempt(rows: Rows): Promise<unknown> {
    const { deliver, deliveryTimeoutMs = 12_000 } = this.options;
    const [{ requestId, traceparent, subscriber }] = rows;
    return runInRequest(traceparent === null ? { requestId } : { requestId, traceparent }, () =>
      within(deliveryTimeoutMs, deliver(rows), () => {
        throw new DeliveryFailure(`${subscriber} did not answer`, 'away');
      }),
    );
  }

  /** Removes what has arrived, many rows at a time. A row that survives a crash here is delivered again, and its inbox drops it. */
  private async flush(): Promise<void> {
    const ids = this.delivered.splice(0);
    if (ids.length > 0) await this.options.database.execute(sql`DELETE FROM outbox WHERE id = ANY(${ids}::uuid[])`);
  }

  private async release(jobs: readonly Job[]): Promise<void> {
    const ids = jobs.filter(({ leaseEnds }) => leaseEnds - performance.now() > LEASE_MARGIN_MS).map(({ row }) => row.id);
    if (ids.length > 0)
      await this.options.database.execute(
        sql`UPDATE outbox SET leased_until = now() WHERE id = ANY(${ids}::uuid[]) AND dead_at IS NULL AND leased_until > now()`,
      );
  }

  /** Where that cannot be noted, the row comes due again with its lease. */
  private async postpone(row: OutboxRow, error: unknown): Promise<void> {
    const { database, maxTries = 8, backoffSeconds = 0.5, onError } = this.options;
    const kind = kindOf(error);
    // A text column takes no NUL, and an event whose failure cannot be noted would be tried for ever.
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '').slice(0, MAX_REASON);
    const pause: Backoff = { baseSeconds: backoffSeconds, maxSeconds: MAX_BACKOFF_SECONDS };
    const later = (tries: Sql): Sql => fromNow(backoffOf(tries, pause));
    const isOld = kind === 'failed' ? sql`true` : sql`created_at < now() - ${PATIENCE[kind]}`;
    const dueIn = sql`RETURNING (extract(epoch FROM leased_until - now()) * 1000)::float8 AS "dueIn"`;
    // `silent_tries` only stretches the back-off.
    const noting =
      kind === 'away'
        ? sql`
            UPDATE outbox SET silent_tries = silent_tries + 1, error = ${reason}, leased_until = ${later(sql`silent_tries`)},
              dead_at = CASE WHEN ${isOld} THEN now() END
            WHERE id = ${row.id} ${dueIn}`
        : sql`
            UPDATE outbox SET attempts = attempts + 1, error = ${reason}, leased_until = ${later(sql`attempts + 1`)},
              dead_at = CASE WHEN attempts + 1 >= ${maxTries} AND ${isOld} THEN now() END
            WHERE id = ${row.id} ${dueIn}`;
    try {
      const postponed = await database.row<{ dueIn: number }>(noting);
      if (postponed !== undefined) this.wake(postponed.dueIn);
    } catch (unnoted) {
      onError(unnoted);
    }
  }
}
