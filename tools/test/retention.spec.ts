import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isSwept, millisecondsOf, type Retention, rulesOf, sharedRetention } from '#libs/persistence/retention';
import { sweepOf } from '#libs/persistence/sweep';
import { services } from '#libs/runtime/topology';
import { scratchDatabase } from '#libs/testing/scratch-database';

/** Whether each service's declaration of what is kept, its tables and what removes rows agree. */
const names = services.filter(({ database }) => database).map(({ name }) => name);

async function onMigrated(name: string, work: (client: pg.Client, retention: Retention) => Promise<void>): Promise<void> {
  const { migrations } = (await import(`../../apps/${name}/migrations/${name}.migrations.ts`)) as { migrations: (new () => object)[] };
  const { retention } = (await import(`../../apps/${name}/migrations/${name}.retention.ts`)) as { retention: Retention };
  const scratch = await scratchDatabase(migrations);
  const client = new pg.Client({ connectionString: scratch.url });
  await client.connect();
  try {
    await work(client, { ...sharedRetention, ...retention });
  } finally {
    await client.end();
    await scratch.drop();
  }
}

describe.each(names)('%s', (name) => {
  it('declares every table that its migrations make, and no other', () =>
    onMigrated(name, async (client, retention) => {
      const { rows } = await client.query<{ name: string }>(`
        SELECT relname AS name FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'migrations'`);
      expect(Object.keys(retention).sort()).toEqual(rows.map((row) => row.name).sort());
    }));

  it('has an index that finds the rows of each sweep by their age', () =>
    onMigrated(name, async (client, retention) => {
      // An empty table would always be read whole.
      await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off');
      const without: string[] = [];
      for (const { table, rule } of rulesOf(retention)) {
        if (!isSwept(rule)) continue;
        const { text, values } = sweepOf(table, rule);
        const column = 'since' in rule ? rule.since : rule.until;
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        if (!plan.includes(`Index Cond: (${column} <`)) without.push(`${table}.${column}\n${plan}`);
      }
      expect(without).toEqual([]);
    }));

  it('takes the terms of statements of its own from the declaration', () =>
    onMigrated(name, async (client, retention) => {
      for (const { table, rows, rule } of rulesOf(retention)) {
        if (!('removedBy' in rule)) continue;
        if (rule.removedBy.endsWith('()')) {
          const found = await client.query<{ body: string }>('SELECT prosrc AS body FROM pg_proc WHERE proname = $1', [
            rule.removedBy.slice(0, -2),
          ]);
          expect(found.rows[0]?.body).toContain(`interval '${rule.keptFor}'`);
        } else {
          const file = join('apps', name, rule.removedBy);
          expect(existsSync(file), file).toBe(true);
          expect(readFileSync(file, 'utf8')).toContain(`retention.${table}${rows === undefined ? '' : `.but.${rows}`}.keptFor`);
        }
      }
    }));
});

describe('the sweep', () => {
  it.each([
    ['auth', 'sms_spending', (age: string) => `INSERT INTO sms_spending (day, paise) VALUES (${age}, 1)`],
    [
      'cart',
      'guest_merges',
      (age: string) => `INSERT INTO guest_merges (guest, owner, merged_at) VALUES (gen_random_uuid()::text, 'user', ${age})`,
    ],
    [
      'coupon',
      'heard_orders',
      (age: string) => `INSERT INTO heard_orders (order_id, counted, heard_at) VALUES (gen_random_uuid(), true, ${age})`,
    ],
    [
      'notification',
      'ended_sessions',
      (age: string) => `INSERT INTO ended_sessions (session_id, ended_at) VALUES (gen_random_uuid(), ${age})`,
    ],
  ])('of %s removes rows of %s past their term and keeps those within it', (name, table, insertOf) =>
    onMigrated(name, async (client, retention) => {
      const rule = retention[table];
      if (rule === undefined || !('keptFor' in rule) || !isSwept(rule)) throw new Error(`${table} is not swept`);
      const seconds = millisecondsOf(rule.keptFor) / 1_000;
      const margin = 2 * 86_400;
      for (const age of [seconds + margin, seconds + 2 * margin, Math.max(0, seconds - margin)])
        await client.query(insertOf(`now() - make_interval(secs => ${age})`));
      const { text, values } = sweepOf(table, rule);
      expect((await client.query(text, [...values])).rowCount).toBe(2);
      expect((await client.query(`SELECT FROM ${table}`)).rowCount).toBe(1);
    }),
  );
});
