import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { backoff, backoffOf, claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { IdempotencyKeyReused, onceFor } from '#libs/persistence/idempotency';
import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { sql } from '#libs/persistence/sql';
import { aCallBy } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';

let scratch: ScratchDatabase;
let source: DataSource;
let database: Database;
beforeAll(async () => {
  scratch = await scratchDatabase([MessagingTables1764000000000]);
  source = await new DataSource(databaseOptions({ url: scratch.url, entities: [], migrations: [], applicationName: 'suite' })).initialize();
  database = new Database(source);
  await source.query(`CREATE TABLE jobs (id int PRIMARY KEY, due_at timestamptz NOT NULL DEFAULT now(), attempts int NOT NULL DEFAULT 0,
    is_paused boolean NOT NULL DEFAULT false)`);
});
afterAll(async () => {
  await source.destroy();
  await scratch.drop();
});
beforeEach(async () => {
  await source.query('TRUNCATE jobs, idempotency_keys; INSERT INTO jobs (id) SELECT generate_series(1, 40)');
});

const claimed = (limit: number, leaseSeconds = 60): Promise<{ id: number; attempts: number }[]> =>
  database.rows(
    claim({
      table: sql`jobs`,
      key: sql`id`,
      due: sql`due_at`,
      where: sql`NOT is_paused`,
      limit,
      leaseSeconds,
      set: sql`attempts = attempts + 1`,
      returning: sql`id, attempts`,
    }),
  );

describe('a claim', () => {
  it('gives each row to one claimer, however many claim at once', async () => {
    const all = (await Promise.all(Array.from({ length: 8 }, () => claimed(5)))).flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all).toHaveLength(40);
    expect(await claimed(5)).toEqual([]);
  });

  it('comes due again when its lease is over', async () => {
    await claimed(40, 0);
    const again = await claimed(40);
    expect(again).toHaveLength(40);
    expect(again.every(({ attempts }) => attempts === 2)).toBe(true);
  });

  it('leaves rows that the condition rules out, and takes the longest due first', async () => {
    await source.query("UPDATE jobs SET is_paused = id > 10; UPDATE jobs SET due_at = now() - interval '1 hour' WHERE id IN (3, 7)");
    expect((await claimed(2)).map(({ id }) => id).sort()).toEqual([3, 7]);
    expect(await claimed(40)).toHaveLength(8);
  });
});

describe('a claim for several', () => {
  const claimedBy = (kinds: readonly number[], most: readonly number[]): Promise<{ id: number }[]> =>
    database.rows(
      claim({
        table: sql`jobs`,
        key: sql`id`,
        due: sql`due_at`,
        each: sql`unnest(${kinds}::int[], ${most}::int[]) AS kind (rest, most)`,
        where: sql`id % 4 = kind.rest`,
        limit: sql`kind.most`,
        leaseSeconds: 60,
        returning: sql`id`,
      }),
    );

  it('gives each its own rows, as many as it takes, and each row to one claimer', async () => {
    const all = (await Promise.all(Array.from({ length: 4 }, () => claimedBy([0, 1, 2], [3, 2, 10])))).flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const of = (rest: number): number => all.filter(({ id }) => id % 4 === rest).length;
    expect([of(1), of(2), of(3)]).toEqual([8, 10, 0]);
    expect((await claimedBy([3], [2])).length).toBe(2);
  });
});

describe('a back-off', () => {
  it('doubles up to its bound, and stays between half and all of it', async () => {
    const bounds = { baseSeconds: 2, maxSeconds: 100 };
    for (const [tries, whole] of [
      [0, 2],
      [3, 16],
      [10, 100],
      [1_000, 100],
    ] as const) {
      const inCode = backoff(tries, bounds);
      const inSql = (await database.row<{ seconds: number }>(sql`SELECT ${backoffOf(sql`${tries}::int`, bounds)} AS seconds`))?.seconds;
      for (const seconds of [inCode, inSql]) {
        expect(seconds).toBeGreaterThanOrEqual(whole / 2);
        expect(seconds).toBeLessThanOrEqual(whole);
      }
    }
  });
});

describe('once for a key', () => {
  const call = (key?: string, bodyHash?: string): Call => aCallBy('asha', key, bodyHash);
  const request = (one: Call, id: string): Promise<string> =>
    database.transaction((tx) => onceFor(tx, one, id, { make: async () => `made ${id}`, read: async (known) => `read ${known}` }));

  it('makes the first and reads it for a repeat; without a key each is a first', async () => {
    expect(await request(call('k'), 'a')).toBe('made a');
    expect(await request(call('k'), 'b')).toBe('read a');
    expect(await request(call(), 'c')).toBe('made c');
    await expect(request(call('k', 'other'), 'd')).rejects.toBeInstanceOf(IdempotencyKeyReused);
  });

  it('makes one of many requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => request(call('same'), String(index))));
    expect(answers.filter((answer) => answer.startsWith('made'))).toHaveLength(1);
  });
});
