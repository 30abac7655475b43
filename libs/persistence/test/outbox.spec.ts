import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { event } from '#libs/contracts/contract';
import { Whole } from '#libs/contracts/fields';
import { currentRequest, runInRequest } from '#libs/observability/context';
import { Cursors } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { isTransient } from '#libs/persistence/database-errors';
import { databaseOptions } from '#libs/persistence/database-options';
import { DeadLetters } from '#libs/persistence/dead-letters';
import { DeliveryFailure } from '#libs/persistence/delivery-failure';
import { IdempotencyKeyReused, remember } from '#libs/persistence/idempotency';
import { once, onceEach } from '#libs/persistence/inbox';
import { MessagingTables1764000000000, migrate } from '#libs/persistence/migrations';
import type { OutboxRow } from '#libs/persistence/outbox-row';
import { Relay } from '#libs/persistence/relay';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import { repeatClaims } from '#libs/testing/repeat-claims';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';

/** Events are calls that must arrive: what a crash, a poison event and a silent subscriber may not change. */

class Fact {
  @Whole(0, 1_000_000) number!: number;
}
const happened = { ...event({ summary: 'It happened', version: 1, data: Fact, subscribers: ['cart', 'order'] }), key: 'test.happened' };

let scratch: ScratchDatabase;
let source: DataSource;
let database: Database;
const stops: (() => Promise<void>)[] = [];

const options = (url: string) =>
  databaseOptions({ url, entities: [], migrations: [MessagingTables1764000000000], applicationName: 'suite' });

beforeAll(async () => {
  scratch = await scratchDatabase([MessagingTables1764000000000]);
  source = await new DataSource(options(scratch.url)).initialize();
});
afterAll(async () => {
  await source.destroy();
  await scratch.drop();
});
beforeEach(() => {
  database = new Database(source);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await database.execute(sql`DELETE FROM outbox`);
});

function relay(deliver: (row: OutboxRow) => Promise<void>, maxTries = 3): Relay {
  const made = new Relay({ database, deliver: ([row]) => deliver(row), onError: () => undefined, maxTries });
  stops.push(repeatClaims(made, 30));
  return made;
}

const publish = (number: number, on: Database = database): Promise<boolean> =>
  on.transaction(async (transaction) => transaction.publish(happened, { number })).then(({ delivered }) => delivered);
const rows = (): Promise<{ subscriber: string; attempts: number; dead: boolean; payload: string }[]> =>
  database.rows(sql`SELECT subscriber, attempts, dead_at IS NOT NULL AS dead, payload FROM outbox ORDER BY id`);
/** What a crash leaves: rows whose publisher does not come back for them. */
const leasesRunOut = (): Promise<number> => database.execute(sql`UPDATE outbox SET leased_until = now() WHERE dead_at IS NULL`);

describe('an event', () => {
  it('goes to each subscriber right after the commit, and leaves nothing behind', async () => {
    const seen: string[] = [];
    relay(async ({ subscriber, payload }) => {
      seen.push(`${subscriber} ${payload}`);
    });
    expect(await publish(1)).toBe(true);
    expect(seen.sort()).toEqual(['cart {"number":1}', 'order {"number":1}']);
    await eventually(async () => (await rows()).length === 0);
  });

  it('is delivered with the trace of its publisher, and not under the deadline of the request that published it', async () => {
    const seen: unknown[] = [];
    relay(async () => {
      seen.push(currentRequest());
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await runInRequest({ requestId: 'r-1', traceparent, deadline: Date.now() + 10 }, () => publish(1))).toBe(true);
    expect(seen).toEqual(Array(2).fill({ requestId: 'r-1', traceparent }));
  });

  it('of a transaction that rolls back never leaves', async () => {
    const seen: string[] = [];
    relay(async ({ event: name }) => {
      seen.push(name);
    });
    await expect(
      database.transaction(async (transaction) => {
        transaction.publish(happened, { number: 1 });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([seen, await rows()]).toEqual([[], []]);
  });

  it('arrives though its publisher died between commit and delivery', async () => {
    // No relay: the process is gone as soon as it has committed.
    expect(await publish(7)).toBe(false);
    expect(await rows()).toHaveLength(2);
    const seen: string[] = [];
    const late = new Database(source);
    database = late;
    relay(async ({ subscriber }) => {
      seen.push(subscriber);
    });
    await leasesRunOut();
    await eventually(async () => seen.length === 2);
    await eventually(async () => (await rows()).length === 0);
  });

  it('is not claimed by another replica while its publisher has the lease', async () => {
    await publish(1);
    let claimed = 0;
    database = new Database(source);
    relay(async () => {
      claimed += 1;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(claimed).toBe(0);
  });

  it('is delivered by one of two replicas at a time', async () => {
    for (let number = 0; number < 50; number += 1) await publish(number);
    await leasesRunOut();
    const running = new Map<string, number>();
    let most = 0;
    const deliver = async ({ id }: OutboxRow): Promise<void> => {
      running.set(id, (running.get(id) ?? 0) + 1);
      most = Math.max(most, running.get(id) ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running.set(id, (running.get(id) ?? 0) - 1);
    };
    relay(deliver);
    database = new Database(source);
    relay(deliver);
    await eventually(async () => (await rows()).length === 0);
    expect(most).toBe(1);
  });
});

describe('a poison event', () => {
  it('is given up after its tries, with its error, while its neighbours flow; an admin replays it', async () => {
    let cured = false;
    const seen: string[] = [];
    const made = relay(async ({ subscriber, payload }) => {
      if (subscriber === 'cart' && payload === '{"number":13}' && !cured) throw new DeliveryFailure('thirteen is refused', 'failed');
      seen.push(`${subscriber} ${payload}`);
    });
    await publish(13);
    for (let number = 14; number < 20; number += 1) expect(await publish(number)).toBe(true);
    await eventually(async () => {
      await leasesRunOut();
      return (await rows()).some(({ dead }) => dead);
    });
    expect(await rows()).toEqual([{ subscriber: 'cart', attempts: 3, dead: true, payload: '{"number":13}' }]);
    expect((await made.backlog()).rows).toMatchObject([{ state: 'dead', count: 1 }]);

    const letters = new DeadLetters(database, new Cursors('a secret'));
    const { items } = await letters.list(10, undefined);
    expect(items.map(({ error, attempts, event: name }) => ({ error, attempts, name }))).toEqual([
      { error: 'thirteen is refused', attempts: 3, name: 'test.happened' },
    ]);
    cured = true;
    expect(await letters.replay(items[0]?.id ?? '')).toBe(true);
    await eventually(async () => seen.includes('cart {"number":13}'));
    expect(await letters.replay(items[0]?.id ?? '')).toBe(false);
  });

  it('can be dropped, and only when it is dead', async () => {
    const letters = new DeadLetters(database, new Cursors('a secret'));
    await publish(1);
    const [alive] = await database.rows<{ id: string }>(sql`SELECT id FROM outbox`);
    expect(await letters.drop(alive?.id ?? '')).toBe(false);
    await database.execute(sql`UPDATE outbox SET dead_at = now() WHERE id = ${alive?.id}`);
    expect(await letters.drop(alive?.id ?? '')).toBe(true);
  });
});

describe('a subscriber that cannot read an event', () => {
  it('has an hour for its next release, whatever the tries', async () => {
    let tries = 0;
    relay(async () => {
      tries += 1;
      throw new DeliveryFailure('a field is not known', 'misread');
    });
    await publish(1);
    await eventually(async () => {
      await leasesRunOut();
      return tries > 12;
    });
    expect((await rows()).every(({ attempts, dead }) => attempts > 3 && !dead)).toBe(true);
    await database.execute(sql`UPDATE outbox SET created_at = now() - interval '61 minutes'`);
    await eventually(async () => {
      await leasesRunOut();
      return (await rows()).every(({ dead }) => dead);
    });
  });
});

describe('a subscriber that is away', () => {
  it('does not use up the tries, until a day has passed', async () => {
    let tries = 0;
    relay(async () => {
      tries += 1;
      throw new DeliveryFailure('nobody is there', 'away');
    });
    await publish(1);
    await eventually(async () => {
      await leasesRunOut();
      return tries > 12;
    });
    expect((await rows()).every(({ attempts, dead }) => attempts === 0 && !dead)).toBe(true);
    await database.execute(sql`UPDATE outbox SET created_at = now() - interval '25 hours'`);
    await eventually(async () => {
      await leasesRunOut();
      return (await rows()).every(({ dead }) => dead);
    });
  });
});

describe('the inbox', () => {
  it('makes one effect of each event that comes in several lists at once, and none of a list that fails', async () => {
    const events = Array.from({ length: 6 }, () => ({ id: uuidv7() }));
    const effects: string[] = [];
    const deliver = (some: typeof events, fails = false): Promise<void> =>
      onceEach(database, some, async (_transaction, fresh) => {
        if (fails) throw new Error('the effect failed');
        effects.push(...fresh.map(({ id }) => id));
      });
    await expect(deliver(events.slice(0, 3), true)).rejects.toThrow('the effect failed');
    await Promise.all([deliver(events.slice(0, 4)), deliver(events.slice(2).toReversed()), deliver([...events, ...events])]);
    expect(effects.toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  });

  it('makes one effect of five deliveries at once, and none of one that fails', async () => {
    await database.execute(sql`CREATE TABLE effects (event_id uuid)`);
    const id = uuidv7();
    const steps: string[] = [];
    const deliver = (fails = false): Promise<boolean> =>
      once(database, id, async (transaction) => {
        transaction.afterCommit(() => void steps.push('after'));
        await transaction.execute(sql`INSERT INTO effects VALUES (${id})`);
        if (fails) throw new Error('the effect failed');
      });
    await expect(deliver(true)).rejects.toThrow('the effect failed');
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => deliver()));
    expect(outcomes.filter(Boolean)).toEqual([true]);
    expect(steps).toEqual(['after']);
    expect(await database.rows(sql`SELECT event_id FROM effects`)).toEqual([{ event_id: id }]);
  });
});

describe('an idempotency key', () => {
  const key = (bodyHash = 'hash') => ({ actor: 'user', route: 'POST /api/orders', key: 'key-1', bodyHash });

  it('makes one fact of 50 parallel first uses, and tells the others which', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        database.transaction((transaction) => remember(transaction, key(), `fact-${index}`).then((earlier) => earlier ?? `fact-${index}`)),
      ),
    );
    expect(new Set(results).size).toBe(1);
  });

  it('is refused with another body', async () => {
    await expect(database.transaction((transaction) => remember(transaction, key('another'), 'x'))).rejects.toThrow(IdempotencyKeyReused);
  });

  it('is free again when its transaction rolls back', async () => {
    const other = { ...key(), key: 'key-2' };
    await expect(
      database.transaction(async (transaction) => {
        await remember(transaction, other, 'lost');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await database.transaction((transaction) => remember(transaction, other, 'kept'))).toBeUndefined();
  });
});

describe('the database', () => {
  it('lets two replicas migrate at once', async () => {
    const empty = await scratchDatabase([]);
    const sources = await Promise.all([1, 2].map(() => new DataSource(options(empty.url)).initialize()));
    const done = await Promise.all(sources.map((source) => migrate(source)));
    expect(done.flat()).toEqual(['MessagingTables1764000000000']);
    await Promise.all(sources.map((one) => one.destroy()));
    await empty.drop();
  });

  it('goes on after every connection was cut, and says of the cut ones that waiting helps', async () => {
    await Promise.all(Array.from({ length: 4 }, () => database.row(sql`SELECT 1`)));
    const cut = database.transaction(async (transaction) => {
      await transaction.execute(sql`SELECT 1`);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await transaction.execute(sql`SELECT 2`);
    });
    const caught = cut.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const other = await new DataSource({ ...options(scratch.url) }).initialize();
    await other.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    expect(isTransient(await caught)).toBe(true);
    await eventually(async () => (await database.row<{ one: number }>(sql`SELECT 1 AS one`).catch(() => undefined))?.one === 1);
    await other.destroy();
  });

  it('prepares each text once a connection', async () => {
    for (let round = 0; round < 3; round += 1) await database.row(sql`SELECT ${round}::int AS answer, 'prepared once' AS mark`);
    await database.transaction(async (transaction) => {
      for (let round = 0; round < 3; round += 1) await transaction.row(sql`SELECT ${round}::int AS answer, 'prepared once' AS mark`);
      const prepared = await transaction.rows(
        sql`SELECT name FROM pg_prepared_statements WHERE statement LIKE '%prepared once%' AND statement NOT LIKE '%pg_prepared%'`,
      );
      expect(prepared).toHaveLength(1);
    });
  });
});
