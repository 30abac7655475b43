import { v7 as uuidv7 } from 'uuid';
import type { AnyEvent } from '#libs/contracts/contract';
import { currentRequest } from '#libs/observability/context';
import type { OutboxRow } from './outbox-row.ts';
import { type Sql, sql } from './sql.ts';

/** An event on its way, once it is committed. */
export interface Publication {
  /** True when every subscriber has taken it at the first try; it will arrive in any case. */
  readonly delivered: Promise<boolean>;
  /** What the subscriber answered, where the event's contract has an answer; undefined unless it was taken at the first try. */
  readonly answer: Promise<string | undefined>;
}

/** Seconds that a publisher has for its own rows before any replica may deliver them. */
const PUBLISHER_LEASE = 15;

export interface Published {
  readonly row: OutboxRow;
  /** Until when the row is this process's alone, by its own clock (`performance.now()`). */
  readonly leaseEnds: number;
  readonly settle: (isDelivered: boolean, answer?: string) => void;
}

/** An event that is being published: its outbox rows, one for each subscriber, and what the relay gets once they are committed. */
export class Letter {
  private readonly rows: readonly Omit<OutboxRow, 'payload'>[];
  /** Taken before the statement runs, so never later than the lease in the rows. */
  private readonly leaseEnds = performance.now() + PUBLISHER_LEASE * 1_000;

  constructor(private readonly event: AnyEvent) {
    const context = currentRequest();
    this.rows = event.subscribers.map((subscriber) => ({
      id: uuidv7(),
      event: event.key,
      version: event.version,
      subscriber,
      attempts: 0,
      createdAt: new Date(),
      requestId: context?.requestId ?? 'background',
      traceparent: context?.traceparent ?? null,
    }));
  }

  get isForNobody(): boolean {
    return this.rows.length === 0;
  }

  /** Writes the rows. `payload`: JSON as text, one row of it; without one, as after `FROM effect` where nothing had an effect, nothing is published. */
  insert(payload: Sql): Sql {
    const [first] = this.rows;
    return sql`
      INSERT INTO outbox (id, event, version, subscriber, payload, request_id, traceparent, leased_until)
      SELECT id, ${this.event.key}::text, ${this.event.version}::int, subscriber, letter.payload, ${first?.requestId}::text, ${first?.traceparent}::text,
        clock_timestamp() + make_interval(secs => ${PUBLISHER_LEASE}::float8)
      FROM unnest(${this.rows.map(({ id }) => id)}::uuid[], ${this.rows.map(({ subscriber }) => subscriber)}::text[]) AS row (id, subscriber),
        (${payload}) AS letter (payload)`;
  }

  /** What the relay takes over. */
  handOver(payload: string): { readonly published: Published[]; readonly publication: Publication } {
    const outcomes: Promise<{ isDelivered: boolean; answer: string | undefined }>[] = [];
    const published = this.rows.map((row) => {
      const { promise, resolve } = Promise.withResolvers<{ isDelivered: boolean; answer: string | undefined }>();
      outcomes.push(promise);
      const settle = (isDelivered: boolean, answer?: string): void => resolve({ isDelivered, answer });
      return { row: { ...row, payload }, leaseEnds: this.leaseEnds, settle };
    });
    const all = Promise.all(outcomes);
    return {
      published,
      publication: {
        delivered: all.then((told) => told.every(({ isDelivered }) => isDelivered)),
        answer: all.then((told) => told[0]?.answer),
      },
    };
  }
}
