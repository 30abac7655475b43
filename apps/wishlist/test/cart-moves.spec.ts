import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '#libs/contracts/wishlist/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { CartMoveRepository } from '../src/cart-move.repository.ts';
import { CartMoves } from '../src/cart-moves.ts';
import { by, type Person, WishlistFixture } from './wishlist-fixture.ts';

let shop: WishlistFixture;
beforeAll(async () => {
  shop = await WishlistFixture.start();
});
afterAll(() => shop?.stop());
afterEach(() => {
  shop.carts.failure = undefined;
  shop.carts.before = async () => undefined;
});

const move = (
  user: Person,
  item: Item,
  { key, n = 0, ...what }: { key?: string; n?: number; variantId?: string; quantity?: number } = {},
) => shop.cartMoves(n).moveToCart({ id: user.default.id, itemId: item.id, quantity: 1, ...what }, by(user, key));
const isListed = async (user: Person, item: Item) => (await shop.itemsOf(user, user.default.id)).some(({ id }) => id === item.id);
/** As after a crash: whoever asked the cart is gone, and the time that they had is over. */
const timePasses = () => shop.database.execute(sql`UPDATE cart_moves SET due_at = now()`);
const resume = () => shop.replica(1).get(CartMoves).resume();

describe('a wish on its way to the cart', () => {
  it('is in the cart and off the list, once under ten parallel calls, of which the others are 404', { repeats: 20 }, async () => {
    const user = await shop.user();
    const item = await shop.wish(user);
    const answers = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => move(user, item, { n, quantity: 1 + (n % 2) })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) if (answer.status === 'rejected') expect(await codeOf(Promise.reject(answer.reason))).toBe('not_found');
    expect(shop.carts.taken.get(item.id)).toMatchObject({ userId: user.userId, variantId: item.variantId });
    expect(await isListed(user, item)).toBe(false);
  });

  it('stays on the list when the cart refuses, and may go later', async () => {
    const user = await shop.user();
    const item = await shop.wish(user);
    for (const failure of ['cart.line_limit', 'cart.out_of_stock'] as const) {
      shop.carts.failure = failure;
      expect(await codeOf(move(user, item))).toBe(failure);
      expect(await isListed(user, item)).toBe(true);
    }
    shop.carts.failure = 'not_found';
    expect(await codeOf(move(user, item))).toBe('wishlist.unavailable');
    shop.carts.failure = undefined;
    await move(user, item, { quantity: 3 });
    expect(shop.carts.taken.get(item.id)?.quantity).toBe(3);
  });

  it('that died before the cart was asked goes on by itself', async () => {
    const user = await shop.user();
    const item = await shop.wish(user);
    const wanted = { entryId: item.id, userId: user.userId, variantId: item.variantId as string, quantity: 1 };
    await shop.database.transaction((tx) => shop.replica().get(CartMoveRepository).begin(tx, wanted, undefined));
    expect(await isListed(user, item)).toBe(true);
    await timePasses();
    await eventually(async () => !(await isListed(user, item)));
    expect(shop.carts.taken.has(item.id)).toBe(true);
  });

  it('that died after the cart took it leaves the list by itself, and is in the cart once', async () => {
    const user = await shop.user();
    const item = await shop.wish(user);
    shop.carts.failure = 'lost';
    expect(await codeOf(move(user, item))).toBe('unavailable');
    expect(await isListed(user, item)).toBe(true);
    shop.carts.failure = undefined;
    await timePasses();
    await eventually(async () => !(await isListed(user, item)));
  });

  it('that died and is refused afterwards stays on the list', async () => {
    const user = await shop.user();
    const item = await shop.wish(user);
    shop.carts.failure = 'unavailable';
    expect(await codeOf(move(user, item))).toBe('unavailable');
    shop.carts.failure = 'cart.out_of_stock';
    await timePasses();
    await eventually(async () => {
      await resume();
      return (await shop.database.row(sql`SELECT 1 FROM cart_moves WHERE entry_id = ${item.id}`)) === undefined;
    });
    expect(await isListed(user, item)).toBe(true);
    expect(shop.carts.taken.has(item.id)).toBe(false);
  });

  it('a repeat with the same key gets the cart, also when a crash came between and another finished it', async () => {
    const user = await shop.user();
    const [one, two] = [await shop.wish(user), await shop.wish(user)];
    await move(user, one, { key: 'to-cart-1' });
    expect(await move(user, one, { key: 'to-cart-1' })).toMatchObject({ userId: user.userId });
    expect(await codeOf(move(user, one, { key: 'to-cart-2' }))).toBe('not_found');
    shop.carts.failure = 'lost';
    expect(await codeOf(move(user, two, { key: 'to-cart-3' }))).toBe('unavailable');
    shop.carts.failure = undefined;
    await timePasses();
    await eventually(async () => !(await isListed(user, two)));
    expect(await move(user, two, { key: 'to-cart-3' })).toMatchObject({ userId: user.userId });
  });

  it('is not moved, removed or deleted with its list meanwhile: those wait for the cart', async () => {
    const user = await shop.user();
    const other = await shop.list(user, 'Other');
    const items = await Promise.all([shop.wish(user), shop.wish(user), shop.wish(user)]);
    const lists = await shop.list(user, 'Doomed');
    const doomed = await shop.entries().move({ id: user.default.id, itemId: items[2].id, collectionId: lists.id }, by(user));
    const work = [
      () => shop.entries(1).move({ id: user.default.id, itemId: items[0].id, collectionId: other.id }, by(user)),
      () => shop.entries(1).remove({ id: user.default.id, itemId: items[1].id }, by(user)),
      () => shop.lists(1).removeCollection({ id: lists.id }, by(user)),
    ];
    const places = [user.default.id, user.default.id, lists.id];
    for (const [n, item] of [items[0], items[1], doomed].entries()) {
      let late: Promise<string> | undefined;
      shop.carts.before = async () => {
        late ??= codeOf(async () => work[n]?.());
      };
      await shop.cartMoves().moveToCart({ id: places[n] as string, itemId: item.id, quantity: 1 }, by(user));
      // The list is there to be deleted, the entry is not.
      const outcome = await Promise.race([late, new Promise((resolve) => setTimeout(resolve, 20_000, 'late'))]);
      expect(outcome).toBe(n === 2 ? 'ok' : 'not_found');
      expect(shop.carts.taken.has(item.id)).toBe(true);
    }
  });

  it('and to another list at once ends in one place', async () => {
    const user = await shop.user();
    const other = await shop.list(user, 'Other');
    for (let round = 0; round < 10; round += 1) {
      const item = await shop.wish(user);
      const answers = await Promise.allSettled([
        move(user, item, { n: round }),
        shop.entries(round + 1).move({ id: user.default.id, itemId: item.id, collectionId: other.id }, by(user)),
      ]);
      const places = [
        await isListed(user, item),
        (await shop.itemsOf(user, other.id)).some(({ id }) => id === item.id),
        shop.carts.taken.has(item.id),
      ];
      expect(places.filter(Boolean)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });
});

describe('which variant goes to the cart', () => {
  it("is the entry's own, or the one that is asked for where it has none", async () => {
    const user = await shop.user();
    const [one, two] = [shop.shelf.product(), shop.shelf.product()];
    const plain = await shop.entries().add({ id: user.default.id, productId: one.productId }, by(user));
    expect(await codeOf(move(user, plain))).toBe('wishlist.variant_required');
    expect(await codeOf(move(user, plain, { variantId: two.variantId }))).toBe('not_found');
    await move(user, plain, { variantId: one.variantId });
    expect(shop.carts.taken.get(plain.id)?.variantId).toBe(one.variantId);

    const item = await shop.entries().add({ id: user.default.id, ...two }, by(user));
    const [card] = (await shop.shelf.answer([two])).items;
    const sister = plain.id;
    shop.shelf.put({ ...(card as NonNullable<typeof card>), variantId: sister });
    expect(await codeOf(move(user, item, { variantId: sister }))).toBe('wishlist.variant_mismatch');
    expect(await codeOf(move(user, item, { variantId: one.variantId }))).toBe('not_found');
    shop.shelf.withdraw(two);
    expect(await codeOf(move(user, item))).toBe('wishlist.unavailable');
    shop.shelf.isAway = true;
    expect(await codeOf(move(user, item))).toBe('unavailable');
    shop.shelf.isAway = false;
  });
});
