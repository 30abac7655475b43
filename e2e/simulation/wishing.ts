import { randomUUID } from 'node:crypto';
import { cartApi } from '#libs/contracts/cart/api';
import type { TakeItem } from '#libs/contracts/cart/messages';
import type { Cart } from '#libs/contracts/cart/views';
import { Refusal } from '#libs/contracts/errors';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import type { Chance } from './chance.ts';
import type { Shelf } from './customers.ts';
import type { World } from './world.ts';

/** Carts that take each id once, as the cart service does; a full one is in the chance of the wisher. */
export class Carts {
  /** By `takeId`. */
  readonly taken = new Map<string, TakeItem>();
  readonly answers: Readonly<Record<string, (input: object) => object>> = {
    [cartApi.operations.take.key]: (input) => this.take(input as TakeItem),
  };

  private take(item: TakeItem): Cart {
    if (item.quantity > MOST && !this.taken.has(item.takeId)) throw cartApi.refuse('cart.line_limit', 'refused');
    this.taken.set(item.takeId, item);
    const money = { subtotal: 0, discount: 0, shippingFee: 0, total: 0, currency: 'INR' };
    return { userId: item.userId, items: [], ...money, version: 'v', updatedAt: new Date().toISOString() };
  }
}

const MOST = 2;

/** Somebody who wishes for variants, moves them about and to the cart. */
export async function wish(world: World, { productId, variants }: Shelf, token: string, chance: Chance): Promise<void> {
  const caller = () => ({ token, key: randomUUID() });
  const { collections, createCollection, add, move, moveToCart, remove, merge } = wishlistApi.operations;
  const goods = variants.map(({ id: variantId }) => ({ productId, variantId }));
  const made = await world.insist(createCollection, { name: 'Wedding', privacy: 'private' }, caller());
  const [userId = ''] = token.split(':').slice(1);
  const own = await world.insist(collections, { userId }, { token });
  if (made instanceof Refusal || own instanceof Refusal) return;
  const lists = own.items.map(({ id }) => id);
  const steps = Array.from({ length: chance.between(2, 5) }, () => chance.split());
  await Promise.all(
    steps.map(async (mind) => {
      const [id, other, item] = [mind.pick(lists), mind.pick(lists), mind.pick(goods)];
      if (mind.happens(0.2)) await world.insist(merge, { items: [...goods] }, caller());
      const entry = await world.insist(add, { id, ...item }, caller());
      if (entry instanceof Refusal) return;
      const ref = { id, itemId: entry.id };
      const way = mind.pick(['move', 'cart', 'cart', 'remove', 'stay'] as const);
      if (way === 'move') await world.insist(move, { ...ref, collectionId: other }, caller());
      if (way === 'cart') await world.insist(moveToCart, { ...ref, quantity: mind.between(1, MOST + 1) }, caller());
      if (way === 'remove') await world.insist(remove, ref, { token });
    }),
  );
}

/** Entries in a list and in the cart, moves that never ended, counts and places that differ from a recount. */
export async function wrongWishes(world: World): Promise<string[]> {
  const wrong = await world.rows<{ what: string }>(
    'wishlist',
    `SELECT 'the count of entries' AS what FROM collections c WHERE item_count <> (SELECT count(*) FROM entries e WHERE e.collection_id = c.id)
     UNION ALL SELECT 'the count of wishers' FROM (SELECT product_id, count(DISTINCT user_id) AS wishers FROM entries GROUP BY product_id) AS recounted
       FULL JOIN wish_counts USING (product_id) WHERE coalesce(recounted.wishers, 0) <> coalesce(wish_counts.wishers, 0)
     UNION ALL SELECT 'the places of lists' FROM collections GROUP BY user_id HAVING min(position) <> 0 OR max(position) <> count(*) - 1`,
  );
  const both = await world.rows<{ id: string }>('wishlist', 'SELECT id FROM entries WHERE id = ANY($1::uuid[])', [
    [...world.carts.taken.keys()],
  ]);
  return [...wrong.map(({ what }) => `${what} is wrong`), ...both.map(({ id }) => `wish ${id} is on a list and in the cart`)];
}
