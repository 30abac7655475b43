import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { plannedByValues, type Statement, sql } from '#libs/persistence/sql';
import { Suite } from './chat-fixture.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await Suite.open();
});
afterAll(() => suite?.close());

/** Nearly all are closed, as in a shop of some years. */
async function grow(): Promise<void> {
  const { database } = suite.replica;
  await database.execute(sql`
    INSERT INTO threads (id, kind, status, subject, customer_id, closed_at)
    SELECT gen_random_uuid(), 'support', CASE WHEN n % 500 = 0 THEN 'open' ELSE 'closed' END, 'Parcel number' || n, gen_random_uuid(), now()
    FROM generate_series(1, 20000) AS n`);
  await database.execute(sql`VACUUM ANALYZE threads`);
}

async function planOf({ name, text, values }: Statement): Promise<string> {
  const rows = await suite.replica.database.rows<{ 'QUERY PLAN': string }>(
    plannedByValues({ name: `explained ${name}`, text: `EXPLAIN ${text}`, values }),
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

it('the queue finds words of a subject and counts its threads by indexes', async () => {
  await grow();
  const { database } = suite.replica;
  const [rows, row] = [vi.spyOn(database, 'rows'), vi.spyOn(database, 'row')];
  const lena = suite.town.person('support');
  const page = await suite.replica.desk.support({ sort: 'waiting', limit: 20, q: 'number1234' }, suite.by(lena));
  const statements = [...rows.mock.calls, ...row.mock.calls].map(([statement]) => statement);
  rows.mockRestore();
  row.mockRestore();
  expect([page.items.length, page.counts]).toEqual([11, { open: 40, assigned: 0, closed: 19_960, mine: 0 }]);
  const search = statements.find(({ text }) => text.includes('ILIKE'));
  const counts = statements.find(({ text }) => text.includes('AS closed'));
  if (search === undefined || counts === undefined) throw new Error('the queue asks otherwise');
  expect(await planOf(search)).toContain('threads_by_subject');
  const counted = await planOf(counts);
  expect(counted).toContain('threads_not_closed');
  expect(counted).not.toContain('Seq Scan');
}, 60_000);
