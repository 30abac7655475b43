import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { FeedbackQueueQuery } from '#libs/contracts/feedback/api';
import { plannedByValues, type Statement, sql } from '#libs/persistence/sql';
import { ADMIN, close, database, listed, open, queue } from './feedback-fixture.ts';

beforeAll(() => open());
afterAll(close);

const AT_ONCE = 2_000;

/** So many rows, of which each word and tag is at thirty. */
async function grow(rows: number): Promise<void> {
  for (let first = 1; first <= rows; first += AT_ONCE)
    await database.execute(sql`
      WITH added AS (
        INSERT INTO feedback (id, category, subject, message, text_hash, image_ids, context, status, votes, words, priority, assignee_id, tags, held,
          holds, due_at)
        SELECT gen_random_uuid(), (ARRAY['bug', 'feature', 'complaint', 'praise', 'other'])[1 + n % 5], 'Subject', 'Message', '', '{}', '{}',
          (ARRAY['open', 'in_review', 'planned', 'resolved'])[1 + n % 4], n % 50, ARRAY['common', 'word' || n % (${rows}::int / 30)], 'normal',
          CASE WHEN n % 3 = 0 THEN ${ADMIN}::uuid END, ARRAY['tag' || n % (${rows}::int / 30)], false, '{}', now() + n * interval '1 second'
        FROM generate_series(${first}::int, ${first + AT_ONCE - 1}::int) AS n RETURNING id)
      INSERT INTO feedback_moves (feedback_id, number, status) SELECT id, 1, 'open' FROM added`);
  await database.execute(sql`ANALYZE feedback`);
  await database.execute(sql`ANALYZE feedback_moves`);
}

/** Blocks that Postgres touches for the second page of a list, the counts apart. */
async function blocksOf(query: Partial<FeedbackQueueQuery>): Promise<number> {
  const { nextCursor } = await listed(query);
  const asked = vi.spyOn(database, 'rows');
  await queue.queue({ limit: 20, sort: 'newest', ...query, ...(nextCursor === null ? {} : { cursor: nextCursor }) });
  const page = asked.mock.calls.map(([statement]) => statement).find(({ text }) => text.includes('WITH found')) as Statement;
  asked.mockRestore();
  const [row] = await database.rows<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }] }>(
    plannedByValues({ name: `explained ${page.name}`, text: `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${page.text}`, values: page.values }),
  );
  const plan = row?.['QUERY PLAN'][0].Plan;
  return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
}

const LISTS: Record<string, Partial<FeedbackQueueQuery>> = {
  newest: {},
  oldest: { sort: 'oldest' },
  due: { sort: 'due' },
  votes: { sort: 'votes' },
  'of a status': { status: 'planned' },
  'of a category': { category: 'praise' },
  'of an assignee': { assigneeId: ADMIN },
  'of nobody': { assigneeId: 'none' },
  'with a tag': { tag: 'tag7' },
  'with a word': { q: 'word7' },
};

it('a page of the queue touches as much of a table of 40,000 as of one of 2,000', async () => {
  await grow(2_000);
  const few = new Map<string, number>();
  for (const [name, query] of Object.entries(LISTS)) few.set(name, await blocksOf(query));
  await database.execute(sql`TRUNCATE feedback CASCADE`);
  await grow(40_000);
  for (const [name, query] of Object.entries(LISTS)) {
    const blocks = await blocksOf(query);
    // An index may be a level deeper, at each of the looks beside a row.
    expect(blocks, name).toBeLessThanOrEqual(2 * (few.get(name) ?? 0) + 60);
  }
}, 120_000);
