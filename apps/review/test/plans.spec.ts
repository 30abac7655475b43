import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REVIEW_SORTS, ReviewsOfProduct } from '#libs/contracts/review/api';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/review.migrations.ts';
import { pageStatement } from '../src/product-reviews.repository.ts';

/** How PostgreSQL finds a page, in a table where one product has a tenth of all reviews. */
let scratch: ScratchDatabase;
let client: pg.Client;
const productId = uuidv7();

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  client = new pg.Client(scratch.url);
  await client.connect();
  await client.query('ALTER TABLE reviews DISABLE TRIGGER USER');
  await client.query(
    `INSERT INTO reviews (id, product_id, user_id, author, rating, verified, status, helpful_votes, unhelpful_votes)
     SELECT uuidv7(), CASE WHEN n % 10 = 0 THEN $1::uuid ELSE ('01980000-0000-7000-8000-' || lpad(to_hex(n / 20), 12, '0'))::uuid END,
       gen_random_uuid(), 'Asha R.', 1 + n % 5, n % 2 = 0, 'approved', n % 40, n % 7
     FROM generate_series(1, 20000) AS n`,
    [productId],
  );
  await client.query('VACUUM ANALYZE reviews');
}, 60_000);
afterAll(async () => {
  await client?.end();
  await scratch?.drop();
});

type Query = Partial<ReviewsOfProduct>;
const statementOf = (query: Query, after?: readonly unknown[]) =>
  pageStatement(Object.assign(new ReviewsOfProduct(), { productId, ...query }), after);

async function explained(statement: string, values: readonly unknown[] = []): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(statement, [...values]);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

const AFTER = { helpful: [0.5, uuidv7()], newest: [uuidv7(), uuidv7()], rating_high: [4, uuidv7()], rating_low: [-2, uuidv7()] };
/** The rows come from the index in their order, and the walk ends with the page. */
const inOrder = (index: string): RegExp => new RegExp(`Limit[^\\n]*\\n\\s+->\\s+Index Only Scan[^\\n]* using ${index} on`);

describe('a page of a product', () => {
  it.each(REVIEW_SORTS)('by %s is a range of its own index under the plan that serves all values', async (sort) => {
    for (const after of [undefined, AFTER[sort]]) {
      const { text } = statementOf({ sort }, after);
      expect(await explained(`EXPLAIN (GENERIC_PLAN) ${text}`)).toMatch(inOrder(`reviews_${sort}`));
    }
  });

  it.each(REVIEW_SORTS)('by %s is a walk in an index where it is filtered, and sorts nothing first', async (sort) => {
    for (const filter of [{ rating: 3 }, { verified: true, withImages: false }]) {
      const { text, values } = statementOf({ sort, ...filter });
      const index = sort === 'helpful' && 'rating' in filter ? 'reviews_(?:rating_)?helpful' : 'reviews_\\w+';
      expect(await explained(`EXPLAIN ${text}`, values)).toMatch(inOrder(index));
    }
  });
});
