import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { event } from '#libs/contracts/contract';
import { Whole } from '#libs/contracts/fields';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { DeliveryFailure } from '#libs/persistence/delivery-failure';
import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import type { OutboxRow } from '#libs/persistence/outbox-row';
import { Relay, type RelayOptions } from '#libs/persistence/relay';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import { repeatClaims } from '#libs/testing/repeat-claims';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';

/** Leases: what a relay holds, for how long, and what it gives back. */

class Fact {
  @Whole(0, 1_000_000) number!: number;
}
const happened = { ...event({ summary: 'It happened', version: 1, data: Fact, subscribers: ['cart'] }), key: 'test.happened' };

let scratch: ScratchDatabase;
let source: DataSource;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  scratch = await scratchDatabase([MessagingTables1764000000000]);
  source = await new DataSource(databaseOptions({ url: scratch.url, entities: [], migrations: [], applicationName: 'suite' })).initialize();
});
afterAll(async () => {
  await source.destroy();
  await scratch.drop();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await source.query('DELETE FROM outbox');
});

interface Replica {
  readonly database: Database;
  readonly stop: () => Promise<void>;
}

/** Each relay is one replica with a `Database` of its own. */
function replica(
  deliver: (row: OutboxRow) => Promise<unknown>,
  { everyMs = 30, ...options }: Partial<RelayOptions & { everyMs: number }> = {},
): Replica {
  const database = new Database(source);
  const relay = new Relay({ database, deliver: ([row]) => deliver(row), onError: () => undefined, backoffSeconds: 0.01, ...options });
  const stop = repeatClaims(relay, everyMs);
  stops.push(stop);
  return { database, stop };
}

/** Rows whose publisher is gone, due now. */
async function abandoned(count: number, subscriber = 'cart'): Promise<void> {
  const ids = Array.from({ length: count }, () => uuidv7());
  await new Database(source).execute(sql`
    INSERT INTO outbox (id, event, version, subscriber, payload, request_id)
    SELECT id, 'test.happened', 1, ${subscriber}, '{}', 'test' FROM unnest(${ids}::uuid[]) AS row (id)`);
}

const count = async (): Promise<number> => (await new Database(source).row<{ n: number }>(sql`SELECT count(*) AS n FROM outbox`))?.n ?? 0;
const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a row that waits in a relay for longer than its lease', () => {
  it('is not delivered by two replicas at a time', async () => {
    // 60 deliveries, one at a time and 100 ms each, under a lease of 3 s: both replicas hold rows whose lease has run out.
    await abandoned(60);
    const running = new Map<string, number>();
    let most = 0;
    let deliveries = 0;
    const deliver = async ({ id }: OutboxRow): Promise<void> => {
      deliveries += 1;
      running.set(id, (running.get(id) ?? 0) + 1);
      most = Math.max(most, running.get(id) ?? 0);
      await sleep(100);
      running.set(id, (running.get(id) ?? 0) - 1);
    };
    const options = { leaseSeconds: 3, deliveryTimeoutMs: 500, perSubscriber: 1 };
    replica(deliver, options);
    await eventually(() => deliveries > 0);
    replica(deliver, options);
    await eventually(async () => (await count()) === 0);
    expect({ most, deliveries }).toEqual({ most: 1, deliveries: 60 });
  });
});

describe('a relay that stops', () => {
  it('finishes what runs and gives back what waits, for another replica to deliver at once', async () => {
    await abandoned(20);
    const first: string[] = [];
    const { stop } = replica(
      async ({ id }) => {
        await sleep(200);
        first.push(id);
      },
      { perSubscriber: 2 },
    );
    await eventually(() => first.length === 2);
    await stop();
    const finished = first.length;
    expect(await count()).toBe(20 - finished);
    const second: string[] = [];
    replica(async ({ id }) => {
      second.push(id);
    });
    await eventually(async () => (await count()) === 0);
    expect(second).toHaveLength(20 - finished);
    expect(new Set([...first, ...second]).size).toBe(20);
  });
});

describe('a subscriber that never answers', () => {
  it('is given up after the time of a delivery, without using up a try', async () => {
    await abandoned(1);
    let calls = 0;
    replica(
      () => {
        calls += 1;
        return new Promise(() => undefined);
      },
      { deliveryTimeoutMs: 100, maxTries: 2 },
    );
    await eventually(() => calls >= 4);
    expect(await source.query('SELECT attempts, dead_at, error FROM outbox')).toEqual([
      { attempts: 0, dead_at: null, error: 'cart did not answer' },
    ]);
  });

  it('does not keep its neighbours waiting, however many rows it has', async () => {
    await abandoned(1_000, 'cart');
    await abandoned(10, 'order');
    const seen: string[] = [];
    const answer = Promise.withResolvers<void>();
    const { stop } = replica(
      async ({ subscriber }) => {
        if (subscriber === 'cart') await answer.promise;
        else seen.push(subscriber);
      },
      { everyMs: 3_600_000 },
    );
    await eventually(() => seen.length === 10);
    const [{ held }] = await source.query("SELECT count(*) AS held FROM outbox WHERE subscriber = 'cart' AND leased_until > now()");
    // The rest is free for other replicas, and no lease runs out in a queue.
    expect(held).toBeLessThan(400);
    answer.resolve();
    await stop();
  });
});

describe('a backlog', () => {
  it('flows without waiting for the next poll', async () => {
    await abandoned(1_000);
    let delivered = 0;
    replica(
      async () => {
        delivered += 1;
      },
      { everyMs: 3_600_000 },
    );
    await eventually(async () => (await count()) === 0);
    expect(delivered).toBe(1_000);
  });
});

describe('an event', () => {
  it('is given up even when the error it meets cannot be stored as it is', async () => {
    await abandoned(1);
    replica(
      async () => {
        throw new Error(`a NUL \0 and ${'x'.repeat(5_000)}`);
      },
      { maxTries: 2 },
    );
    await eventually(async () => (await source.query('SELECT 1 FROM outbox WHERE dead_at IS NOT NULL')).length === 1);
    const [{ error }] = await source.query('SELECT error FROM outbox');
    expect(error).toMatch(/^a NUL {2}and x+$/);
    expect(error).toHaveLength(1_000);
  });

  it('without subscribers is nothing, also after one with', async () => {
    const seen: string[] = [];
    const { database } = replica(async ({ payload }) => {
      seen.push(payload);
    });
    await database.transaction(async (transaction) => {
      transaction.publish(happened, { number: 1 });
      const { delivered } = transaction.publish({ ...happened, subscribers: [] }, { number: 2 });
      expect(await delivered).toBe(true);
    });
    await eventually(async () => (await count()) === 0);
    expect(seen).toEqual(['{"number":1}']);
  });
});

describe('events that are told in batches', () => {
  const publish = (database: Database, count: number): Promise<void> =>
    database.transaction(async (transaction) => {
      for (let number = 0; number < count; number += 1) transaction.publish(happened, { number });
    });
  const numbersIn = (rows: readonly OutboxRow[]): number[] => rows.map(({ payload }) => (JSON.parse(payload) as Fact).number);

  it('leave together, a hundred at most, while those of another subscriber leave at once', async () => {
    const batches: number[][] = [];
    const others: number[] = [];
    const { database } = replica(async () => undefined, {
      deliver: async (rows) => {
        if (rows[0].subscriber === 'order') others.push(rows.length);
        else batches.push(numbersIn(rows));
      },
      isBatched: ({ subscriber }) => subscriber === 'cart',
    });
    await publish(database, 150);
    await database.transaction(async (transaction) => void transaction.publish({ ...happened, subscribers: ['order'] }, { number: 1 }));
    await eventually(() => others.length === 1);
    await eventually(() => batches.flat().length === 150);
    expect(others).toEqual([1]);
    expect(batches.map(({ length }) => length)).toEqual([100, 50]);
    await eventually(async () => (await count()) === 0);
  });

  it('go one by one when they are refused together, so that one that cannot be taken keeps no other back', async () => {
    const taken: number[] = [];
    const { database } = replica(async () => undefined, {
      maxTries: 2,
      deliver: async (rows) => {
        if (numbersIn(rows).includes(3)) throw new Error('the third cannot be taken');
        taken.push(...numbersIn(rows));
      },
      isBatched: () => true,
    });
    await publish(database, 6);
    await eventually(() => taken.length === 5);
    await eventually(async () => (await count()) === 1);
    await eventually(async () => (await new Database(source).row(sql`SELECT 1 FROM outbox WHERE dead_at IS NOT NULL`)) !== undefined);
    expect(taken.toSorted()).toEqual([0, 1, 2, 4, 5]);
  });

  it('go on when the failure of one cannot be noted', async () => {
    const taken: number[] = [];
    const errors: unknown[] = [];
    const { database } = replica(async () => undefined, {
      everyMs: 3_600_000,
      onError: (error) => errors.push(error),
      deliver: async (rows) => {
        if (numbersIn(rows).includes(1)) throw new Error('the second cannot be taken');
        taken.push(...numbersIn(rows));
      },
      isBatched: () => true,
    });
    const noting = vi.spyOn(database, 'row').mockImplementationOnce(async () => {
      throw new Error('Postgres is away');
    });
    await publish(database, 4);
    await eventually(() => taken.length === 3);
    expect(taken.toSorted()).toEqual([0, 2, 3]);
    expect(errors).toEqual([new Error('Postgres is away')]);
    noting.mockRestore();
  });

  it('wait together while their subscriber is away, without using up a try', async () => {
    let isAway = true;
    const taken: number[] = [];
    const { database } = replica(async () => undefined, {
      maxTries: 1,
      deliver: async (rows) => {
        if (isAway) throw new DeliveryFailure('away', 'away');
        taken.push(...numbersIn(rows));
      },
      isBatched: () => true,
    });
    await publish(database, 5);
    await eventually(async () => (await new Database(source).row(sql`SELECT 1 FROM outbox WHERE silent_tries > 0`)) !== undefined);
    isAway = false;
    await eventually(() => taken.length === 5);
    expect(taken.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  it('are another replica’s when the one that gathers them stops', async () => {
    const first = replica(async () => undefined, { isBatched: () => true, everyMs: 60_000 });
    await publish(first.database, 3);
    await first.stop();
    const taken: number[] = [];
    replica(async () => undefined, { deliver: async (rows) => void taken.push(...numbersIn(rows)), isBatched: () => true });
    await eventually(() => taken.length === 3);
  });
});
