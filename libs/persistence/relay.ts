import type { Database, Transaction } from './database.ts';
import type { OutboxRow } from './outbox-row.ts';
import { sql } from './sql.ts';

/** How a delivery failed. `transient`: the subscriber was away, slow or full, which says nothing about the event. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';

  constructor(
    message: string,
    readonly transient: boolean,
  ) {
    super(message);
  }
}

export interface RelayOptions {
  readonly database: Database;
  /** Resolves once the subscriber has committed the effect; throws a `DeliveryFailure`. */
  readonly deliver: (row: OutboxRow) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Error answers after which an event is given up. */
  readonly maxTries?: number;
  readonly pollMs?: number;
}

const LEASE_SECONDS = 30;
const PER_SUBSCRIBER = 16;
/** Beyond this a publisher leaves its rows to the next claim. */
const MAX_WAITING = 1_000;
const MAX_BACKOFF_SECONDS = 30;

interface Job {
  readonly row: OutboxRow;
  readonly settle: (delivered: boolean) => void;
}

/**
 * Brings the outbox to its subscribers. The publishing process delivers its own rows right after commit; whatever it leaves behind is
 * claimed by any replica once the lease has run out. Nothing is held while a delivery runs: no transaction, no connection.
 */
export class Relay {
  private readonly queues = new Map<string, { waiting: Job[]; active: number }>();
  private readonly delivered: string[] = [];
  private flushing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running = 0;
  private stopped = false;

  constructor(private readonly options: RelayOptions) {
    options.database.onPublished = (published) => this.take(published);
  }

  start(): void {
    const poll = async (): Promise<void> => {
      await this.claim().catch(this.options.onError);
      if (!this.stopped) this.timer = setTimeout(() => void poll(), (this.options.pollMs ?? 1_000) * (0.75 + Math.random() / 2));
    };
    void poll();
  }

  /** Finishes what runs; what waits stays in its table. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const queue of this.queues.values()) for (const job of queue.waiting.splice(0)) job.settle(false);
    while (this.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.flush();
  }

  async backlog(): Promise<{ waiting: number; dead: number; oldestSeconds: number }> {
    const found = await this.options.database.row<{ waiting: number; dead: number; oldest: number | null }>(sql`
      SELECT count(*) FILTER (WHERE dead_at IS NULL) AS waiting, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
             extract(epoch FROM now() - min(created_at) FILTER (WHERE dead_at IS NULL))::float8 AS oldest
      FROM outbox`);
    return { waiting: found?.waiting ?? 0, dead: found?.dead ?? 0, oldestSeconds: found?.oldest ?? 0 };
  }

  private take(published: Transaction['published']): void {
    for (const job of published) this.enqueue(job);
  }

  private async claim(): Promise<void> {
    const rows = await this.options.database.rows<OutboxRow>(sql`
      UPDATE outbox SET leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::float8)
      WHERE id IN (
        SELECT id FROM outbox WHERE dead_at IS NULL AND leased_until <= now()
        ORDER BY leased_until LIMIT 100 FOR UPDATE SKIP LOCKED)
      RETURNING id, event, version, subscriber, payload, attempts, created_at AS "createdAt", request_id AS "requestId", traceparent`);
    for (const row of rows) this.enqueue({ row, settle: () => undefined });
  }

  private enqueue(job: Job): void {
    const { subscriber } = job.row;
    let queue = this.queues.get(subscriber);
    if (queue === undefined) {
      queue = { waiting: [], active: 0 };
      this.queues.set(subscriber, queue);
    }
    if (this.stopped || queue.waiting.length >= MAX_WAITING) job.settle(false);
    else {
      queue.waiting.push(job);
      this.pump(queue);
    }
  }

  private pump(queue: { waiting: Job[]; active: number }): void {
    while (queue.active < PER_SUBSCRIBER) {
      const job = queue.waiting.shift();
      if (job === undefined) return;
      queue.active += 1;
      this.running += 1;
      void this.run(job)
        .catch(this.options.onError)
        .finally(() => {
          queue.active -= 1;
          this.running -= 1;
          this.pump(queue);
        });
    }
  }

  private async run({ row, settle }: Job): Promise<void> {
    try {
      await this.options.deliver(row);
    } catch (error) {
      settle(false);
      await this.postpone(row, error);
      return;
    }
    settle(true);
    this.delivered.push(row.id);
    this.flushing ??= new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => this.flush()).catch(this.options.onError);
  }

  /** Removes what has arrived, many rows at a time. A row that survives a crash here is delivered again, and its inbox drops it. */
  private async flush(): Promise<void> {
    this.flushing = undefined;
    const ids = this.delivered.splice(0);
    if (ids.length > 0) await this.options.database.execute(sql`DELETE FROM outbox WHERE id = ANY(${ids}::uuid[])`);
  }

  private async postpone(row: OutboxRow, error: unknown): Promise<void> {
    const transient = error instanceof DeliveryFailure && error.transient;
    const reason = error instanceof Error ? error.message : String(error);
    const tries = row.attempts + 1;
    const backoff = Math.random() * Math.min(MAX_BACKOFF_SECONDS, 0.5 * 2 ** Math.min(tries, 10));
    const maxTries = this.options.maxTries ?? 8;
    // A silent subscriber gets a day; `silent_tries` only stretches its back-off.
    await this.options.database.execute(
      transient
        ? sql`UPDATE outbox SET silent_tries = silent_tries + 1, error = ${reason},
                leased_until = now() + make_interval(secs => least(${MAX_BACKOFF_SECONDS}::float8, 0.5 * power(2, least(silent_tries, 10))) * random()),
                dead_at = CASE WHEN created_at < now() - interval '24 hours' THEN now() END
              WHERE id = ${row.id}`
        : sql`UPDATE outbox SET attempts = attempts + 1, error = ${reason}, leased_until = now() + make_interval(secs => ${backoff}::float8),
                dead_at = CASE WHEN attempts + 1 >= ${maxTries} THEN now() END
              WHERE id = ${row.id}`,
    );
  }
}
