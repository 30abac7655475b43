import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cursors } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { DatabaseUnavailable, isUniqueViolation } from '#libs/persistence/database-errors';
import { databaseOptions } from '#libs/persistence/database-options';
import { remember } from '#libs/persistence/idempotency';
import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { orNothing } from '#libs/persistence/or-nothing';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { Network } from '#libs/testing/network';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import type { Transaction } from '../transaction.ts';

/** Transactions against others, and against a Postgres that goes away in the middle of them. */

let scratch: ScratchDatabase;
let source: DataSource;
let database: Database;

const settings = (url: string) => ({ url, entities: [], migrations: [], applicationName: 'suite' });

beforeAll(async () => {
  scratch = await scratchDatabase([MessagingTables1764000000000]);
  source = await new DataSource(databaseOptions(settings(scratch.url))).initialize();
  database = new Database(source);
  await source.query('CREATE TABLE accounts (name text PRIMARY KEY, balance bigint NOT NULL)');
});
afterAll(async () => {
  await source.destroy();
  await scratch.drop();
});
beforeEach(async () => {
  await source.query("TRUNCATE accounts, idempotency_keys; INSERT INTO accounts VALUES ('a', 100), ('b', 100)");
});

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const balance = async (name: string): Promise<number | undefined> =>
  (await database.row<{ balance: number }>(sql`SELECT balance FROM accounts WHERE name = ${name}`))?.balance;

it('a statement by itself that loses a deadlock is tried again, and takes effect once', async () => {
  await source.query(`
    CREATE SEQUENCE tries;
    CREATE FUNCTION loses_twice() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') < 3 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
      RETURN 1;
    END $$`);
  await database.execute(sql`UPDATE accounts SET balance = balance + loses_twice() WHERE name = 'a'`);
  expect(await balance('a')).toBe(101);
});

describe('a transaction', () => {
  it('that loses a deadlock is tried again, and both take effect', async () => {
    let [tries, holding] = [0, 0];
    const bothHoldOne = Promise.withResolvers<void>();
    const move = (from: string, to: string): Promise<void> =>
      database.transaction(async (transaction) => {
        tries += 1;
        await transaction.execute(sql`UPDATE accounts SET balance = balance - 10 WHERE name = ${from}`);
        holding += 1;
        if (holding === 2) bothHoldOne.resolve();
        await bothHoldOne.promise;
        await transaction.execute(sql`UPDATE accounts SET balance = balance + 10 WHERE name = ${to}`);
      });
    await Promise.all([move('a', 'b'), move('b', 'a')]);
    expect(tries).toBeGreaterThan(2);
    expect([await balance('a'), await balance('b')]).toEqual([100, 100]);
  });

  it('answers its last statement once it is committed, with those before it in one flight', async () => {
    const before = await database.row<{ id: string }>(sql`SELECT pg_current_xact_id()::text AS id`);
    const row = await database.transaction(async (transaction) => {
      transaction.send(sql`UPDATE accounts SET balance = balance - 10 WHERE name = 'a'`);
      return transaction.rowAtCommit<{ balance: number; id: string }>(
        sql`UPDATE accounts SET balance = balance + 10 WHERE name = 'b' RETURNING balance, pg_current_xact_id()::text AS id`,
      );
    });
    expect([row?.balance, await balance('a'), await balance('b')]).toEqual([110, 90, 110]);
    expect(row?.id).not.toBe(before?.id);
  });

  it('whose last statement fails has no effect, with and without answers before it', async () => {
    for (const waits of [true, false]) {
      const failing = database.transaction(async (transaction) => {
        const paying = sql`UPDATE accounts SET balance = balance - 10 WHERE name = 'a'`;
        if (waits) await transaction.execute(paying);
        else transaction.send(paying);
        return transaction.rowAtCommit(sql`SELECT 1 / (balance - balance) FROM accounts`);
      });
      await expect(failing).rejects.toThrow('division by zero');
      expect(await balance('a')).toBe(100);
    }
  });

  it('whose changes of one statement do not come together has none of them', async () => {
    const withdraw = (amount: number) =>
      database.row<{ balance: number }>(sql`
        WITH taken AS (UPDATE accounts SET balance = balance - ${amount}::bigint WHERE name = 'a' RETURNING balance),
        given AS (UPDATE accounts SET balance = balance + ${amount}::bigint WHERE name = 'b' AND balance + ${amount}::bigint <= 150 RETURNING 1)
        ${orNothing(sql`EXISTS (SELECT FROM given)`, sql`(SELECT balance FROM taken) AS balance`)}`);
    await expect(withdraw(60)).rejects.toThrow('division by zero');
    expect([await balance('a'), await balance('b')]).toEqual([100, 100]);
    expect((await withdraw(50))?.balance).toBe(50);
    expect([await balance('a'), await balance('b')]).toEqual([50, 150]);
  });

  it('of a stricter isolation is tried again on a serialisation failure, and only as often as it says', async () => {
    const raise = (tried: { count: number }, maxTries: number): Promise<void> =>
      database.transaction(
        async (transaction) => {
          tried.count += 1;
          const row = await transaction.row<{ balance: number }>(sql`SELECT balance FROM accounts WHERE name = 'a'`);
          if (tried.count === 1) await database.execute(sql`UPDATE accounts SET balance = balance + 1 WHERE name = 'a'`);
          await transaction.execute(sql`UPDATE accounts SET balance = ${(row?.balance ?? 0) + 10} WHERE name = 'a'`);
        },
        { isolation: 'REPEATABLE READ', maxTries },
      );
    const bounded = { count: 0 };
    await expect(raise(bounded, 1)).rejects.toMatchObject({ code: '40001' });
    expect([bounded.count, await balance('a')]).toEqual([1, 101]);
    const repeated = { count: 0 };
    await raise(repeated, 4);
    expect([repeated.count, await balance('a')]).toEqual([2, 112]);
  });

  it('is not run again by what fails after its commit, whose other steps still run', async () => {
    let runs = 0;
    let otherSteps = 0;
    const lost = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    const work = database.transaction(async (transaction) => {
      runs += 1;
      await transaction.execute(sql`UPDATE accounts SET balance = balance - 10 WHERE name = 'a'`);
      transaction.afterCommit(() => Promise.reject(lost));
      transaction.afterCommit(() => {
        otherSteps += 1;
      });
    });
    await expect(work).rejects.toBe(lost);
    expect({ runs, otherSteps, balance: await balance('a') }).toEqual({ runs: 1, otherSteps: 1, balance: 90 });
  });

  it('that rolls back runs no step after it', async () => {
    let steps = 0;
    const work = database.transaction(async (transaction) => {
      transaction.afterCommit(() => {
        steps += 1;
      });
      await transaction.execute(sql`INSERT INTO accounts VALUES ('a', 1)`);
    });
    const error = await work.catch((caught: unknown) => caught);
    expect(isUniqueViolation(error, 'accounts_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'another')).toBe(false);
    expect(steps).toBe(0);
  });

  it('fails with the error of a statement that nobody waited for, whatever else it did', async () => {
    const fails = sql`INSERT INTO accounts VALUES ('a', 1)`;
    const works: ((transaction: Transaction) => Promise<unknown>)[] = [
      async (transaction) => transaction.send(fails),
      async (transaction) => {
        transaction.send(fails);
        return transaction.execute(sql`UPDATE accounts SET balance = 0`);
      },
      async (transaction) => {
        transaction.send(fails);
        throw new Error('another reason');
      },
    ];
    for (const work of works) {
      const error = await database.transaction(work).catch((caught: unknown) => caught);
      expect(isUniqueViolation(error, 'accounts_pkey')).toBe(true);
    }
    expect(await balance('a')).toBe(100);
  });

  it('does not pretend to be committed when a failed statement was kept quiet', async () => {
    const work = database.transaction(async (transaction) => {
      await transaction.execute(sql`UPDATE accounts SET balance = 0`);
      await transaction.execute(sql`INSERT INTO accounts VALUES ('a', 1)`).catch(() => undefined);
    });
    await expect(work).rejects.toThrow('nothing was committed');
    expect(await balance('a')).toBe(100);
  });

  it('runs statements in the order in which they were given, also those that nobody waits for', async () => {
    const seen = await database.transaction(async (transaction) => {
      transaction.send(sql`UPDATE accounts SET balance = balance + 1 WHERE name = 'a'`);
      transaction.send(sql`UPDATE accounts SET balance = balance * 2 WHERE name = 'a'`);
      return transaction.row(sql`SELECT balance FROM accounts WHERE name = 'a'`);
    });
    expect(seen).toEqual({ balance: 202 });
    expect(await balance('a')).toBe(202);
  });

  it('prepares a statement again that was sent behind one that failed', async () => {
    const sendBoth = (name: string): Promise<void> =>
      database.transaction(async (transaction) => {
        transaction.send(sql`INSERT INTO accounts VALUES (${name}, 1)`);
        transaction.send(sql`UPDATE accounts SET balance = 7 WHERE name = ${name}`);
      });
    await expect(sendBoth('a')).rejects.toMatchObject({ code: '23505' });
    for (let again = 0; again < 8; again += 1) await sendBoth(`new ${again}`);
    expect(await balance('new 7')).toBe(7);
  });

  it.each(['a statement', 'the commit', 'a statement that nobody waits for'])(
    'whose connection is cut before %s says that the database is away',
    async (next) => {
      const work = database.transaction(async (transaction) => {
        const row = await transaction.row<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
        await database.execute(sql`SELECT pg_terminate_backend(${row?.pid})`);
        await sleep(100);
        if (next === 'a statement') await transaction.execute(sql`SELECT 1`);
        if (next.endsWith('waits for')) transaction.send(sql`SELECT 1`);
      });
      await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
      expect(await balance('a')).toBe(100);
    },
  );
});

describe('a statement', () => {
  it('that fails does not cost the connection it ran on', async () => {
    const alone = await new DataSource(databaseOptions({ ...settings(scratch.url), poolSize: 1 })).initialize();
    try {
      const one = new Database(alone);
      const connection = () => one.row(sql`SELECT pg_backend_pid() AS pid`);
      const before = await connection();
      await expect(one.execute(sql`INSERT INTO accounts VALUES ('a', 1)`)).rejects.toMatchObject({ code: '23505' });
      await expect(one.transaction((transaction) => transaction.execute(sql`INSERT INTO accounts VALUES ('a', 1)`))).rejects.toThrow();
      expect(await connection()).toEqual(before);
    } finally {
      await alone.destroy();
    }
  });
});

describe('fifty parallel first uses of an idempotency key', () => {
  it('make one effect', async () => {
    const request = { actor: 'user', route: 'POST /api/orders', key: 'one', bodyHash: 'hash' };
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        database.transaction(async (transaction) => {
          if ((await remember(transaction, request, String(index))) !== undefined) return;
          await transaction.execute(sql`UPDATE accounts SET balance = balance - 1 WHERE name = 'a'`);
        }),
      ),
    );
    expect(await balance('a')).toBe(99);
  });
});

describe('a Postgres that says nothing any more', () => {
  const impatient = (network: Network) =>
    new DataSource(databaseOptions({ ...settings(network.url), statementTimeoutMs: 200, silenceMs: 200, poolSize: 1 })).initialize();

  it('is given up in a transaction, whose connection is not used again', async () => {
    const network = await Network.to(new URL(scratch.url));
    const behind = await impatient(network);
    try {
      const cut = new Database(behind);
      const work = cut.transaction(async (transaction) => {
        await transaction.execute(sql`SELECT 1`);
        network.silence();
        await transaction.execute(sql`SELECT 2`);
      });
      await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
      network.heal();
      expect(await cut.row(sql`SELECT 3 AS three`)).toEqual({ three: 3 });
    } finally {
      await network.close();
      await behind.destroy();
    }
  });

  it('is given up by a statement of its own, whose connection is not used again', async () => {
    const network = await Network.to(new URL(scratch.url));
    const behind = await impatient(network);
    try {
      const cut = new Database(behind);
      await cut.row(sql`SELECT 1`);
      network.silence();
      await expect(cut.row(sql`SELECT 2`)).rejects.toBeInstanceOf(DatabaseUnavailable);
      network.heal();
      expect(await cut.row(sql`SELECT 3 AS three`)).toEqual({ three: 3 });
    } finally {
      await network.close();
      await behind.destroy();
    }
  });
});

describe('a pool without a free connection', () => {
  it('is not waited for longer than it says, and serves again when there is one', async () => {
    const small = await new DataSource(databaseOptions({ ...settings(scratch.url), connectTimeoutMs: 2_000, poolSize: 1 })).initialize();
    try {
      const one = new Database(small);
      const [taken, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const held = one.transaction(async (transaction) => {
        await transaction.execute(sql`SELECT 1`);
        taken.resolve();
        await released.promise;
      });
      await taken.promise;
      await expect(one.row(sql`SELECT 1`)).rejects.toBeInstanceOf(DatabaseUnavailable);
      released.resolve();
      await held;
      expect(await one.row(sql`SELECT 1 AS one`)).toEqual({ one: 1 });
    } finally {
      await small.destroy();
    }
  });
});

describe('a sweep', () => {
  it('removes everything that is old enough, more than one batch of it, and nothing else', async () => {
    await source.query(`
      INSERT INTO inbox (event_id, received_at) SELECT gen_random_uuid(), now() - interval '31 days' FROM generate_series(1, 2500);
      INSERT INTO inbox (event_id, received_at) SELECT gen_random_uuid(), now() - interval '29 days' FROM generate_series(1, 3);
      INSERT INTO idempotency_keys SELECT 'user', 'POST /', n::text, 'hash', 'x', now() - interval '26 hours' FROM generate_series(1, 2500) AS n;
      INSERT INTO idempotency_keys SELECT 'user', 'PUT /', n::text, 'hash', 'x', now() - interval '24 hours' FROM generate_series(1, 3) AS n`);
    await new Sweeper(database, {}).sweep();
    expect(await source.query('SELECT (SELECT count(*) FROM inbox) AS inbox, (SELECT count(*) FROM idempotency_keys) AS keys')).toEqual([
      { inbox: 3, keys: 3 },
    ]);
  });
});

describe('a cursor', () => {
  it('cannot take part of its list’s name for its content', () => {
    const cursors = new Cursors('a secret');
    const cursor = Buffer.from(cursors.encode([1], 'colour=red\n[2]'), 'base64url');
    const forged = Buffer.concat([cursor.subarray(0, 12), Buffer.from('[2]\n[1]')]).toString('base64url');
    expect(() => cursors.decode(forged, 'colour=red')).toThrow(expect.objectContaining({ name: 'BadCursor' }));
  });
});
