import { randomUUID } from 'node:crypto';
import { Refusal } from '#libs/contracts/errors';
import type { Order } from '#libs/contracts/order/views';
import { reviewApi } from '#libs/contracts/review/api';
import type { Chance } from './chance.ts';
import { ADMIN, type World } from './world.ts';

/** Somebody who says what they think of what they ordered, before or after it comes, and may say something else. */
export async function opine(world: World, order: Order, token: string, chance: Chance): Promise<void> {
  const productId = order.items[0]?.productId;
  if (productId === undefined) return;
  const caller = () => ({ token, key: randomUUID() });
  const text = () => ({ rating: chance.between(1, 5), fit: chance.pick(['small', 'true', 'large'] as const) });
  const written = await world.insist(reviewApi.operations.write, { productId, ...text() }, caller());
  if (written instanceof Refusal) return;
  const { id } = written;
  for (let changes = chance.between(0, 3); changes > 0; changes -= 1) {
    const change = chance.pick(['edit', 'hide', 'approve', 'remove'] as const);
    if (change === 'edit') await world.insist(reviewApi.operations.edit, { id, ...text() }, { token });
    else if (change === 'remove') await world.insist(reviewApi.operations.remove, { id }, { token });
    else await world.insist(reviewApi.operations.moderate, { id, status: change === 'hide' ? 'hidden' : 'approved' }, { token: ADMIN });
  }
}

interface Bought {
  readonly user_id: string;
  readonly product_id: string;
}

/** Sums that differ from a recount, ratings that product has not heard of, and reviews that are verified wrongly. */
export async function wrongReviews(world: World, bought: readonly Bought[], productIds: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const counted = await world.rows<{ product_id: string; kept: number; counted: number; average: string }>(
    'review',
    `SELECT s.product_id, stars_1 + stars_2 + stars_3 + stars_4 + stars_5 AS kept, r.counted, r.average
     FROM summaries s, LATERAL (SELECT count(*)::int AS counted, coalesce(round(avg(rating), 2), 0) AS average
       FROM reviews WHERE reviews.product_id = s.product_id AND status = 'approved') AS r
     WHERE s.product_id = ANY($1::uuid[])`,
    [productIds],
  );
  const shown = await world.rows<{ id: string; rating_count: number; rating_average: string }>(
    'product',
    'SELECT id, rating_count, rating_average FROM products WHERE id = ANY($1::uuid[])',
    [productIds],
  );
  for (const { product_id, kept, counted: all, average } of counted) {
    if (kept !== all) problems.push(`${product_id} counts ${kept} reviews of ${all}`);
    const product = shown.find(({ id }) => id === product_id);
    if (product?.rating_count !== all || Number(product.rating_average) !== Number(average))
      problems.push(`${product_id} shows ${product?.rating_average} of ${product?.rating_count} reviews, it has ${average} of ${all}`);
  }
  const written = await world.rows<Bought & { verified: boolean }>(
    'review',
    'SELECT user_id, product_id, verified FROM reviews WHERE product_id = ANY($1::uuid[])',
    [productIds],
  );
  for (const { user_id, product_id, verified } of written) {
    const isBought = bought.some((one) => one.user_id === user_id && one.product_id === product_id);
    if (verified !== isBought) problems.push(`a review is verified: ${verified}, its product was delivered: ${isBought}`);
  }
  return problems;
}
