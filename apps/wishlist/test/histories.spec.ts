import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Refusal } from '#libs/contracts/errors';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import { CartMoves } from '../src/cart-moves.ts';
import { by, type Person, WishlistFixture } from './wishlist-fixture.ts';

let shop: WishlistFixture;
beforeAll(async () => {
  shop = await WishlistFixture.start();
});
afterAll(() => shop?.stop());

const STEPS = ['add', 'merge', 'remove', 'move', 'to cart', 'lost', 'place', 'privacy', 'drop list', 'new list'] as const;
const step = fc.record({ kind: fc.constantFrom(...STEPS), user: fc.nat(1), list: fc.nat(3), other: fc.nat(3), wish: fc.nat(4) });

/** What must be so whatever happened: all of it is counted anew. */
const WRONG = sql`
  SELECT 'item count' AS what FROM collections c WHERE item_count <> (SELECT count(*) FROM entries e WHERE e.collection_id = c.id)
  UNION ALL SELECT 'wishers' FROM (SELECT product_id, count(DISTINCT user_id) AS wishers FROM entries GROUP BY product_id) AS recounted
    FULL JOIN wish_counts USING (product_id) WHERE coalesce(recounted.wishers, 0) <> coalesce(wish_counts.wishers, 0)
  UNION ALL SELECT 'places' FROM collections GROUP BY user_id HAVING min(position) <> 0 OR max(position) <> count(*) - 1
  UNION ALL SELECT 'default' FROM collections GROUP BY user_id HAVING count(*) FILTER (WHERE is_default) <> 1
  UNION ALL SELECT 'like entries' FROM entries GROUP BY collection_id, product_id, variant_id HAVING count(*) > 1
  UNION ALL SELECT 'under way' FROM cart_moves`;

it('after any history, run as a race, every entry is in one list or in the cart, and all counts and places are right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const users: readonly Person[] = await Promise.all([shop.user(), shop.user()]);
      const wishes = Array.from({ length: 5 }, () => shop.shelf.product());
      const seen = new Map<string, { productId: string; variantId: string | null }>();
      await Promise.all(users.flatMap((user) => ['A', 'B', 'C'].map((name) => shop.list(user, name))));
      const run = async ({ kind, user: whose, list, other, wish }: (typeof steps)[0], n: number): Promise<void> => {
        const user = users[whose] as Person;
        const { items } = await shop.lists(n).collections({ userId: user.userId }, by(user));
        const [from, to] = [items[list % items.length]?.id ?? '', items[other % items.length]?.id ?? ''];
        const goods = wishes[wish] as (typeof wishes)[0];
        const found = await shop.lists(n).collection({ id: from, limit: 20 }, by(user));
        const entry = found.items[wish % Math.max(1, found.items.length)];
        for (const item of found.items) seen.set(item.id, item);
        const ref = { id: from, itemId: entry?.id ?? '' };
        if (kind === 'add') await shop.entries(n).add({ id: from, ...goods }, by(user));
        if (kind === 'merge') await shop.entries(n).merge({ items: wishes.slice(wish) }, by(user));
        if (kind === 'place') await shop.lists(n).updateCollection({ id: from, position: other }, by(user));
        if (kind === 'privacy') await shop.lists(n).updateCollection({ id: from, privacy: other % 2 === 0 ? 'link' : 'public' }, by(user));
        if (kind === 'new list') await shop.list(user, `List ${n}`);
        if (kind === 'drop list') await shop.lists(n).removeCollection({ id: from }, by(user));
        if (entry === undefined) return;
        if (kind === 'remove') await shop.entries(n).remove(ref, by(user));
        if (kind === 'move') await shop.entries(n).move({ ...ref, collectionId: to }, by(user));
        if (kind === 'to cart') await shop.cartMoves(n).moveToCart({ ...ref, quantity: 1 }, by(user));
        // As if the process had died once the cart had it.
        if (kind === 'lost') {
          shop.carts.failure = 'lost';
          await shop
            .cartMoves(n)
            .moveToCart({ ...ref, quantity: 1 }, by(user))
            .finally(() => {
              shop.carts.failure = undefined;
            });
        }
      };
      for (let at = 0; at < steps.length; at += 8) {
        const ends = await Promise.allSettled(steps.slice(at, at + 8).map((one, n) => run(one, at + n)));
        const faults = ends.flatMap((end) => (end.status === 'rejected' && !(end.reason instanceof Refusal) ? [end.reason] : []));
        expect(faults).toEqual([]);
      }
      await shop.database.execute(sql`UPDATE cart_moves SET due_at = now()`);
      await eventually(async () => {
        await shop.replica().get(CartMoves).resume();
        return (await shop.database.rows(sql`SELECT 1 FROM cart_moves`)).length === 0;
      });
      expect(await shop.database.rows(WRONG)).toEqual([]);
      const listed = await shop.database.rows<{ id: string }>(sql`SELECT id FROM entries WHERE id = ANY(${[...seen.keys()]}::uuid[])`);
      expect(listed.filter(({ id }) => shop.carts.taken.has(id))).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 240_000);
