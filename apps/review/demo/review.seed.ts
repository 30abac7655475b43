import { v7 as uuidv7 } from 'uuid';
import { reviewApi } from '#libs/contracts/review/api';
import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { DemoGoods, Known } from '#libs/runtime/seed';
import { ratingOf, type SummaryRow } from '../src/review.ts';

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
    ...{ by: 'asha@only2u.test', author: 'Asha', about: 0, rating: 5, fit: 'true' },
    title: 'Even nicer than in the picture',
    body: 'The cloth is soft and does not cling, and the colour stayed after three washes.',
  },
  {
    ...{ by: 'rahul@only2u.test', author: 'Rahul', about: 0, rating: 4, fit: 'small' },
    title: 'Good, a little tight',
    body: 'Well made. At the shoulders I would take one size more.',
  },
  {
    ...{ by: 'asha@only2u.test', author: 'Asha', about: 1, rating: 3, fit: 'large' },
    title: 'Fine for every day',
    body: 'It is wider than I thought. The seams are neat.',
  },
];

/** What customers of the demo shop say of things they bought; authors who are known already are left alone. */
export async function seed(database: Database, _env: NodeJS.ProcessEnv, { people, goods }: Known): Promise<{ summary: string[] }> {
  let added = 0;
  for (const [by, opinions] of Map.groupBy(OPINIONS, (one) => one.by)) {
    const userId = people.get(by);
    if (userId === undefined) continue;
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
