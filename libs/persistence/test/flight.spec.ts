import { connect, createServer, type Server } from 'node:net';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { isRead, plannedByValues, sql } from '#libs/persistence/sql';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';

/** What travels between a pool and Postgres, and what comes of it. */

let scratch: ScratchDatabase;
let tap: Tap;
let source: DataSource;
let database: Database;
beforeAll(async () => {
  scratch = await scratchDatabase([MessagingTables1764000000000]);
  tap = await Tap.on(new URL(scratch.url));
  source = await new DataSource(
    databaseOptions({ url: tap.url, entities: [], migrations: [], applicationName: 'suite', poolSize: 4 }),
  ).initialize();
  database = new Database(source);
  await source.query("CREATE TABLE things (id int PRIMARY KEY, name text NOT NULL DEFAULT '')");
});
afterAll(async () => {
  await source.destroy();
  await tap.close();
  await scratch.drop();
});
beforeEach(async () => {
  await source.query('TRUNCATE things');
});

const insert = (id: number, name = '') => sql`INSERT INTO things (id, name) VALUES (${id}, ${name})`;
const count = async (): Promise<number> => (await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM things`))?.count ?? -1;

describe('a transaction', () => {
  it('in which nobody waits for an answer is one flight: one Sync, no BEGIN, all or nothing', async () => {
    const both = (first: number, second: number): Promise<void> =>
      database.transaction(async (transaction) => {
        transaction.send(insert(first));
        transaction.send(insert(second));
      });
    await both(1, 2);
    tap.forget();
    await both(3, 4);
    expect(tap.kinds()).toBe('BEBES');
    await expect(both(5, 1)).rejects.toMatchObject({ code: '23505' });
    expect(await count()).toBe(4);
  });

  it('sends what one tick gives in one flight, BEGIN with the first and COMMIT with the last', async () => {
    const work = (id: number): Promise<void> =>
      database.transaction(async (transaction) => {
        await Promise.all([transaction.execute(insert(id)), transaction.execute(insert(id + 1))]);
        transaction.send(insert(id + 2));
      });
    await work(1);
    tap.forget();
    await work(11);
    expect(tap.kinds()).toBe('BEBEBES' + 'BEBES');
  });

  it('that asked for an isolation gets it, also when nobody waits for an answer', async () => {
    const [row] = await database.transaction(
      (transaction) => transaction.rows<{ level: string }>(sql`SELECT current_setting('transaction_isolation') AS level`),
      {
        isolation: 'SERIALIZABLE',
      },
    );
    expect(row?.level).toBe('serializable');
    tap.forget();
    await database.transaction(async (transaction) => transaction.send(insert(1)), { isolation: 'REPEATABLE READ' });
    expect(tap.kinds()).toMatch(/S$/);
    expect(tap.kinds().replaceAll(/[PD]/g, '')).toBe('BEBEBES');
  });

  it('ends a failed flight by a ROLLBACK of its own, and its connection serves again', async () => {
    const fails = database.transaction(async (transaction) => {
      await transaction.execute(insert(1));
      transaction.send(insert(1));
      transaction.send(insert(2));
    });
    await expect(fails).rejects.toMatchObject({ code: '23505' });
    expect(await count()).toBe(0);
    const states = await database.rows(sql`
      SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`);
    expect(states).toEqual([]);
  });
});

describe('reads', () => {
  it('that run at once share a connection, and one that fails leaves its neighbours alone', async () => {
    const pid = (): Promise<{ pid: number } | undefined> => database.row(sql`SELECT pg_backend_pid() AS pid`);
    const [first, second, failed, third] = await Promise.allSettled([pid(), pid(), database.row(sql`SELECT 1 / ${0}::int AS one`), pid()]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect(first).toEqual({ status: 'fulfilled', value: { pid: expect.any(Number) } });
    expect([second, third]).toEqual([first, first]);
  });

  it('are told from statements that write or wait for a row', () => {
    expect(isRead(sql`SELECT * FROM things WHERE id = ${1}`)).toBe(true);
    expect(isRead(sql`WITH some AS (SELECT 1) SELECT * FROM some`)).toBe(true);
    for (const other of [
      sql`SELECT * FROM things FOR UPDATE`,
      sql`SELECT * FROM things FOR KEY SHARE SKIP LOCKED`,
      sql`WITH gone AS (DELETE FROM things RETURNING id) SELECT count(*) FROM gone`,
      sql`SELECT pg_advisory_xact_lock(1)`,
      sql`UPDATE things SET name = ''`,
    ])
      expect(isRead(other)).toBe(false);
  });

  it('are parsed and described once a connection', async () => {
    const read = (): Promise<unknown> => database.row(sql`SELECT id, name FROM things WHERE id = ${1}`);
    await read();
    tap.forget();
    await read();
    expect(tap.kinds()).toBe('BES');
  });

  it('of a statement whose Parse is on its way in another flight do not depend on it', async () => {
    const broken = (): Promise<unknown> => database.row(sql`SELECT no_such_column FROM things`);
    const outcomes = await Promise.allSettled([broken(), broken(), broken()]);
    expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason.code)).toEqual(['42703', '42703', '42703']);
    const fine = await Promise.all(Array.from({ length: 5 }, () => database.row(sql`SELECT 7 AS seven, ${'x'}::text AS x`)));
    expect(fine).toEqual(Array(5).fill({ seven: 7, x: 'x' }));
  });
});

describe('a plan', () => {
  it('is made for the values only where a statement says so, and that ends with it', async () => {
    const mode = sql`SELECT current_setting('plan_cache_mode') AS mode`;
    expect(await database.row(mode)).toEqual({ mode: 'force_generic_plan' });
    expect(await database.row(plannedByValues(mode))).toEqual({ mode: 'force_custom_plan' });
    expect(await database.row(mode)).toEqual({ mode: 'force_generic_plan' });
  });
});

describe('values', () => {
  it('go and come as node-postgres maps them', async () => {
    const at = new Date('2026-11-30T18:30:00.123Z');
    const row = await database.row(sql`
      SELECT ${at}::timestamptz AS at, ${['a', null, 'c,"d"']}::text[] AS texts, ${{ deep: [1, 'two'] }}::jsonb AS json, ${null}::text AS nothing,
        ${Buffer.from([0, 255])}::bytea AS bytes, ${9_007_199_254_740_991}::bigint AS large, ${true}::boolean AS yes, ${1.5}::float8 AS half`);
    expect(row).toEqual({
      at,
      texts: ['a', null, 'c,"d"'],
      json: { deep: [1, 'two'] },
      nothing: null,
      bytes: Buffer.from([0, 255]),
      large: 9_007_199_254_740_991,
      yes: true,
      half: 1.5,
    });
  });
});

/** Passes everything on to Postgres and notes the kinds of the messages of the pool: P(arse), B(ind), D(escribe), E(xecute), S(ync), Q(uery). */
class Tap {
  private noted = '';

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async on(target: URL): Promise<Tap> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = new URL(target);
    url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const tap = new Tap(server, url.href);
    server.on('connection', (near) => {
      const far = connect(Number(target.port), target.hostname);
      let rest = Buffer.alloc(0);
      let isStarted = false;
      near.on('data', (bytes) => {
        far.write(bytes);
        rest = Buffer.concat([rest, bytes]);
        for (;;) {
          const head = isStarted ? 1 : 0;
          if (rest.length < head + 4) return;
          const length = head + rest.readInt32BE(head);
          if (rest.length < length) return;
          if (isStarted) tap.noted += String.fromCharCode(rest[0] ?? 0);
          isStarted = true;
          rest = rest.subarray(length);
        }
      });
      far.on('data', (bytes) => near.write(bytes));
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const)
        from.on('error', () => undefined).on('close', () => to.destroy());
    });
    return tap;
  }

  kinds(): string {
    return this.noted;
  }

  forget(): void {
    this.noted = '';
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
