import { v7 as uuidv7 } from 'uuid';
import { reviewApi } from '#libs/contracts/review/api';
import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { DemoGoods, Known } from '#libs/runtime/seed';
import { ratingOf, type SummaryRow } from '../src/review.ts';

/** Buyers who are none of the demo logins: those may still write their own review of anything. */
const KAVYA = { by: '01900000-0000-7000-8000-00000000ca11', author: 'Kavya' };
const IMRAN = { by: '01900000-0000-7000-8000-00000000ca12', author: 'Imran' };

interface Opinion {
  readonly by: string;
  readonly author: string;
  /** Which of the known goods. */
  readonly about: number;
  readonly rating: number;
  readonly title: string;
  readonly body: string;
  readonly fit: 'small' | 'true' | 'large';
}

const OPINIONS: readonly Opinion[] = [
  {
    ...KAVYA,
    ...{ about: 0, rating: 5, fit: 'true' },
    title: 'Even nicer than in the picture',
    body: 'The cloth is soft and does not cling, and the colour stayed after three washes.',
  },
  {
    ...IMRAN,
    ...{ about: 0, rating: 4, fit: 'small' },
    title: 'Good, a little tight',
    body: 'Well made. At the shoulders I would take one size more.',
  },
  {
    ...KAVYA,
    ...{ about: 1, rating: 3, fit: 'large' },
    title: 'Fine for every day',
    body: 'It is wider than I thought. The seams are neat.',
  },
];

/** What people say of things they bought in the demo shop; authors who are known already are left alone. */
export async function seed(database: Database, _env: NodeJS.ProcessEnv, { goods }: Known): Promise<{ summary: string[] }> {
  let added = 0;
  if (goods.length === 0) return { summary: [] };
  for (const [userId, opinions] of Map.groupBy(OPINIONS, (one) => one.by)) {
    added += await database.transaction(async (transaction) => {
      const isNew = await transaction.execute(sql`INSERT INTO authors (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
      if (isNew === 0) return 0;
      for (const opinion of opinions) {
        const product = goods[opinion.about];
        if (product !== undefined) await write(transaction, opinion, userId, product);
      }
      return opinions.length;
    });
  }
  return { summary: [`${added} reviews added`] };
}

async function write(transaction: Transaction, opinion: Opinion, userId: string, product: DemoGoods): Promise<void> {
  const { author, rating, title, body, fit } = opinion;
  const { id: productId, size } = product;
  await transaction.execute(sql`
    INSERT INTO purchases (user_id, product_id, size, delivered_at) VALUES (${userId}, ${productId}, ${size}, now() - interval '20 days')`);
  await transaction.execute(sql`
    INSERT INTO reviews (id, product_id, user_id, author, rating, title, body, fit, verified, size, status)
    VALUES (${uuidv7()}, ${productId}, ${userId}, ${author}, ${rating}, ${title}, ${body}, ${fit}, true, ${size}, 'approved')`);
  const summary = await transaction.row<SummaryRow>(sql`SELECT * FROM summaries WHERE product_id = ${productId}`);
  if (summary !== undefined)
    transaction.publish(reviewApi.events.ratingChanged, { productId, ...ratingOf(summary), version: Number(summary.version) });
}
