import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { aCall, codeOf } from '#libs/testing/builders';
import { by, WishlistFixture } from './wishlist-fixture.ts';

let shop: WishlistFixture;
beforeAll(async () => {
  shop = await WishlistFixture.start();
});
afterAll(() => shop?.stop());

const anonymous = aCall({ actor: { kind: 'anonymous' } });
const names = async (userId: string, call = by({ userId })) =>
  (await shop.lists().collections({ userId }, call)).items.map(({ name }) => name);

describe('lists', () => {
  it('everybody has one default list before any write, however many ask at once', async () => {
    const userId = uuidv7();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => shop.lists(n).collections({ userId }, by({ userId }))));
    expect(new Set(answers.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(1);
    expect(answers[0]?.items).toMatchObject([{ userId, name: 'Wishlist', isDefault: true, privacy: 'private', position: 0, itemCount: 0 }]);
  });

  it('a stranger, staff too, sees the public ones alone, and an unknown user looks like one with nothing to show', async () => {
    const user = await shop.user();
    await shop.list(user, 'Wedding', 'public');
    await shop.list(user, 'Gifts', 'link');
    expect(await names(user.userId)).toEqual(['Wishlist', 'Wedding', 'Gifts']);
    for (const call of [anonymous, by({ userId: uuidv7() })]) {
      expect(await names(user.userId, call)).toEqual(['Wedding']);
      expect(await names(uuidv7(), call)).toEqual([]);
    }
  });

  it('a name is taken in any case and with any outer blanks, and comes back as sent', async () => {
    const user = await shop.user();
    expect((await shop.list(user, ' Diwali ')).name).toBe(' Diwali ');
    expect(await codeOf(shop.list(user, 'DIWALI'))).toBe('wishlist.name_taken');
    expect(await codeOf(shop.list(user, 'wishlist '))).toBe('wishlist.name_taken');
    const other = await shop.list(user, 'Eid');
    expect(await codeOf(shop.lists().updateCollection({ id: other.id, name: 'diwali' }, by(user)))).toBe('wishlist.name_taken');
  });

  it('there are at most 50, also in parallel, at the places 0 to 49', async () => {
    const user = await shop.user();
    const answers = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => shop.lists(n).createCollection({ name: `List ${n}`, privacy: 'private' }, by(user))),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(49);
    const { items } = await shop.lists().collections({ userId: user.userId }, by(user));
    expect(items.map(({ position }) => position)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(await codeOf(shop.list(user, 'One more'))).toBe('wishlist.too_many_collections');
  });

  it('they are put in order, and keep no gap when one goes', async () => {
    const user = await shop.user();
    const [a, b, c] = [await shop.list(user, 'A'), await shop.list(user, 'B'), await shop.list(user, 'C')];
    await shop.lists().updateCollection({ id: c.id, position: 0 }, by(user));
    expect(await names(user.userId)).toEqual(['C', 'Wishlist', 'A', 'B']);
    expect(await shop.lists().updateCollection({ id: c.id, position: 99 }, by(user))).toMatchObject({ position: 3 });
    await shop.lists().removeCollection({ id: a.id }, by(user));
    expect(await names(user.userId)).toEqual(['Wishlist', 'B', 'C']);
    expect(await codeOf(shop.lists().removeCollection({ id: a.id }, by(user)))).toBe('not_found');
    expect(await codeOf(shop.lists().removeCollection({ id: user.default.id }, by(user)))).toBe('wishlist.default_collection');
    expect(await codeOf(shop.lists().removeCollection({ id: b.id }, by(await shop.user())))).toBe('not_found');
  });

  it('parallel moves leave places without a gap', async () => {
    const user = await shop.user();
    const lists = [];
    for (const name of ['A', 'B', 'C', 'D', 'E']) lists.push(await shop.list(user, name));
    await Promise.all(lists.map(({ id }, n) => shop.lists(n).updateCollection({ id, position: (n * 3) % 6 }, by(user))));
    const { items } = await shop.lists().collections({ userId: user.userId }, by(user));
    expect(items.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('a repeat with the same key makes no second list', async () => {
    const user = await shop.user();
    const create = () => shop.lists().createCollection({ name: 'Once', privacy: 'private' }, by(user, 'create-once'));
    expect((await create()).id).toBe((await create()).id);
  });
});

describe('who sees a list', () => {
  it('a private or shared one is 404 to others, and public to private takes effect at once', async () => {
    const user = await shop.user();
    const { id } = await shop.list(user, 'Mine', 'public');
    const look = (call = anonymous) => shop.lists(1).collection({ id, limit: 20 }, call);
    expect(await look()).toMatchObject({ name: 'Mine' });
    for (const privacy of ['private', 'link'] as const) {
      await shop.lists().updateCollection({ id, privacy }, by(user));
      expect(await codeOf(look())).toBe('not_found');
      expect(await codeOf(look(by({ userId: uuidv7() })))).toBe('not_found');
      expect(await look(by(user))).toMatchObject({ name: 'Mine', privacy });
    }
  });

  it('a token opens the list without a word about its owner, until it is renewed or the list leaves the link', async () => {
    const user = await shop.user();
    const { id, shareToken: first = '' } = await shop.list(user, 'Gifts', 'link');
    await shop.entries().add({ id, ...shop.shelf.product(), note: 'size of the sister' }, by(user));
    const open = (token: string) => shop.lists(1).shared({ token, limit: 20 });
    const found = await open(first);
    expect(Object.keys(found).sort()).toEqual(['itemCount', 'items', 'name', 'nextCursor']);
    expect(found.items[0]).not.toHaveProperty('note');

    const { shareToken: second = '' } = await shop.lists().share({ id }, by(user));
    expect(second).not.toBe(first);
    expect(await codeOf(open(first))).toBe('not_found');
    expect(await open(second)).toMatchObject({ name: 'Gifts', itemCount: 1 });

    await shop.lists().updateCollection({ id, privacy: 'private' }, by(user));
    expect(await codeOf(open(second))).toBe('not_found');
    expect(await codeOf(shop.lists().share({ id }, by(user)))).toBe('wishlist.not_shared');
    const { shareToken: third = '' } = await shop.lists().updateCollection({ id, privacy: 'link' }, by(user));
    expect([first, second]).not.toContain(third);
    for (const token of [first, second, '', 'x'.repeat(43), '\0', 'a b']) expect(await codeOf(open(token))).toBe('not_found');
    expect(await open(third)).toMatchObject({ name: 'Gifts' });
  });
});

describe('entries', () => {
  it('ten parallel adds of one variant make one entry, and one of them is told that it is new', async () => {
    const user = await shop.user();
    const wish = shop.shelf.product();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => shop.entries(n).add({ id: user.default.id, ...wish }, by(user))),
    );
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await shop.lists().collection({ id: user.default.id, limit: 20 }, by(user))).toMatchObject({ itemCount: 1, items: [wish] });
  });

  it('a product and each of its variants are wishes of their own', async () => {
    const user = await shop.user();
    const { productId, variantId } = shop.shelf.product();
    await shop.entries().add({ id: user.default.id, productId }, by(user));
    await shop.entries().add({ id: user.default.id, productId, variantId }, by(user));
    expect(await shop.itemsOf(user, user.default.id)).toMatchObject([
      { variantId, size: 'M', color: 'Indigo' },
      { variantId: null, price: 99_900, mrp: 149_900, addedPrice: 99_900, availability: 'in_stock', currency: 'INR' },
    ]);
  });

  it('what product does not know, and a list of somebody else, is 404', async () => {
    const [user, other] = [await shop.user(), await shop.user()];
    const [one, two] = [shop.shelf.product(), shop.shelf.product()];
    const add = (id: string, wish: { productId: string; variantId?: string }) => codeOf(shop.entries().add({ id, ...wish }, by(user)));
    expect(await add(user.default.id, { productId: uuidv7() })).toBe('not_found');
    expect(await add(user.default.id, { ...one, variantId: two.variantId })).toBe('not_found');
    expect(await add(other.default.id, one)).toBe('not_found');
    expect(await add(uuidv7(), one)).toBe('not_found');
  });

  it('a list takes 500 entries, also in parallel, and a like one is answered in a full list', async () => {
    const user = await shop.user();
    const wishes = Array.from({ length: 510 }, () => shop.shelf.product());
    for (let from = 0; from < 480; from += 160) await shop.entries().merge({ items: wishes.slice(from, from + 160) }, by(user));
    const answers = await Promise.allSettled(
      wishes.slice(480).map((wish, n) => shop.entries(n).add({ id: user.default.id, ...wish }, by(user))),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    expect(await codeOf(shop.entries().add({ id: user.default.id, ...shop.shelf.product() }, by(user)))).toBe('wishlist.collection_full');
    expect(await shop.entries().add({ id: user.default.id, ...(wishes[0] as (typeof wishes)[0]) }, by(user))).toMatchObject({
      added: false,
    });
    expect(await codeOf(shop.entries().merge({ items: [shop.shelf.product()] }, by(user)))).toBe('wishlist.collection_full');
    const other = await shop.list(user, 'Other');
    const { id: itemId } = await shop.entries().add({ id: other.id, ...shop.shelf.product() }, by(user));
    expect(await codeOf(shop.entries().move({ id: other.id, itemId, collectionId: user.default.id }, by(user)))).toBe(
      'wishlist.collection_full',
    );
    expect(await shop.itemsOf(user, other.id)).toHaveLength(1);
  });

  it('pages are newest first, without repeats or gaps, and a cursor is good for its own list alone', async () => {
    const user = await shop.user();
    const wishes = Array.from({ length: 7 }, () => shop.shelf.product());
    for (const wish of wishes) await shop.entries().add({ id: user.default.id, ...wish }, by(user));
    const page = (cursor?: string) => shop.lists().collection({ id: user.default.id, limit: 3, ...(cursor && { cursor }) }, by(user));
    const first = await page();
    await shop.entries().add({ id: user.default.id, ...shop.shelf.product() }, by(user));
    const second = await page(first.nextCursor ?? '');
    const third = await page(second.nextCursor ?? '');
    expect(third.nextCursor).toBeNull();
    expect([...first.items, ...second.items, ...third.items].map(({ productId }) => productId)).toEqual(
      wishes.map(({ productId }) => productId).reverse(),
    );
    const other = await shop.list(user, 'Other');
    await expect(shop.lists().collection({ id: other.id, limit: 3, cursor: first.nextCursor ?? '' }, by(user))).rejects.toThrow();
  });

  it('a repeat with the same key is answered like the first, also when the answer was lost', async () => {
    const user = await shop.user();
    const wish = shop.shelf.product();
    const add = () => shop.entries().add({ id: user.default.id, ...wish }, by(user, 'add-once'));
    expect(await add()).toEqual(await add());
    expect(await shop.entries().add({ id: user.default.id, ...wish }, by(user, 'another'))).toMatchObject({ added: false });
    const { id } = await add();
    shop.shelf.withdraw(wish);
    expect(await add()).toMatchObject({ id, added: true, availability: 'unavailable' });
  });

  it('a removed one is gone, and a second removal is 404', async () => {
    const user = await shop.user();
    const { id: itemId } = await shop.entries().add({ id: user.default.id, ...shop.shelf.product() }, by(user));
    await shop.entries().remove({ id: user.default.id, itemId }, by(user));
    expect(await codeOf(shop.entries().remove({ id: user.default.id, itemId }, by(user)))).toBe('not_found');
  });

  it('a withdrawn wish stays under the last name it had, and a catalogue that is away leaves prices unknown', async () => {
    const user = await shop.user();
    const wish = shop.shelf.product();
    await shop.entries().add({ id: user.default.id, ...wish }, by(user));
    shop.shelf.change(wish, { name: 'Indigo kurta, block print', image: '/new.webp' });
    expect(await shop.itemsOf(user, user.default.id)).toMatchObject([{ name: 'Indigo kurta, block print', availability: 'in_stock' }]);
    const last = { name: 'Indigo kurta, block print', image: '/new.webp', size: 'M', price: null, mrp: null, addedPrice: 99_900 };
    shop.shelf.isAway = true;
    expect(await shop.itemsOf(user, user.default.id)).toMatchObject([{ ...last, availability: 'unknown' }]);
    expect(await codeOf(shop.entries().add({ id: user.default.id, ...wish }, by(user)))).toBe('unavailable');
    shop.shelf.isAway = false;
    shop.shelf.withdraw(wish);
    expect(await shop.itemsOf(user, user.default.id)).toMatchObject([{ ...last, availability: 'unavailable' }]);
  });
});

describe('a move', () => {
  it('keeps the entry and its time, and ends in exactly one list however many try', async () => {
    const user = await shop.user();
    const lists = await Promise.all(['A', 'B', 'C'].map((name) => shop.list(user, name)));
    const item = await shop.entries().add({ id: user.default.id, ...shop.shelf.product() }, by(user));
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        shop.entries(n).move({ id: user.default.id, itemId: item.id, collectionId: lists[n % 3]?.id as string }, by(user)),
      ),
    );
    const moved = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(moved).toMatchObject([{ id: item.id, addedAt: item.addedAt }]);
    const found = await Promise.all([user.default, ...lists].map(({ id }) => shop.itemsOf(user, id)));
    expect(found.flat()).toHaveLength(1);
    const { items } = await shop.lists().collections({ userId: user.userId, productId: item.productId }, by(user));
    expect(items).toMatchObject([{ itemCount: 1 }]);
  });

  it('into a list that has a like one leaves that one, and into a list of somebody else leaves it where it is', async () => {
    const [user, stranger] = [await shop.user(), await shop.user()];
    const other = await shop.list(user, 'Other');
    const wish = shop.shelf.product();
    const mine = await shop.entries().add({ id: user.default.id, ...wish }, by(user));
    const like = await shop.entries().add({ id: other.id, ...wish, note: 'the like one' }, by(user));
    const move = (collectionId: string) => shop.entries().move({ id: user.default.id, itemId: mine.id, collectionId }, by(user));
    expect(await codeOf(move(stranger.default.id))).toBe('not_found');
    expect(await move(user.default.id)).toMatchObject({ id: mine.id });
    expect(await move(other.id)).toMatchObject({ id: like.id, note: 'the like one' });
    expect(await shop.itemsOf(user, user.default.id)).toEqual([]);
  });

  it('a repeat with the same key is answered like the first', async () => {
    const user = await shop.user();
    const other = await shop.list(user, 'Other');
    const { id: itemId } = await shop.entries().add({ id: user.default.id, ...shop.shelf.product() }, by(user));
    const move = () => shop.entries().move({ id: user.default.id, itemId, collectionId: other.id }, by(user, 'move-once'));
    expect(await move()).toEqual(await move());
  });

  it('onto a like one is answered with that again, for a repeat with the same key', async () => {
    const user = await shop.user();
    const other = await shop.list(user, 'Other');
    const wish = shop.shelf.product();
    const { id: itemId } = await shop.entries().add({ id: user.default.id, ...wish }, by(user));
    const { id } = await shop.entries().add({ id: other.id, ...wish }, by(user));
    const move = () => shop.entries().move({ id: user.default.id, itemId, collectionId: other.id }, by(user, 'onto-like'));
    expect(await move()).toMatchObject({ id });
    expect(await move()).toMatchObject({ id });
  });
});

describe("a guest's list", () => {
  it('is taken over once: what is unknown is skipped, what was there stays, and parallel repeats add nothing', async () => {
    const user = await shop.user();
    const [known, fresh, withdrawn] = [shop.shelf.product(), shop.shelf.product(), shop.shelf.product()];
    shop.shelf.withdraw({ productId: withdrawn.productId });
    await shop.entries().add({ id: user.default.id, ...known }, by(user));
    const items = [known, { ...fresh, note: 'for Diwali' }, { productId: fresh.productId }, withdrawn, fresh];
    const first = await shop.entries().merge({ items }, by(user));
    expect(first).toMatchObject({ added: 2, existing: 2, skipped: [withdrawn], collection: { id: user.default.id, itemCount: 3 } });
    const repeats = await Promise.all(Array.from({ length: 10 }, (_, n) => shop.entries(n).merge({ items }, by(user))));
    for (const repeat of repeats) expect(repeat).toMatchObject({ added: 0, existing: 4, collection: { itemCount: 3 } });
  });

  it('ten parallel merges of one list add each wish once', async () => {
    const user = await shop.user();
    const items = Array.from({ length: 30 }, () => shop.shelf.product());
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => shop.entries(n).merge({ items }, by(user))));
    expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(30);
    expect((await shop.itemsOf(user, user.default.id)).map(({ productId }) => productId)).toEqual(
      items.map(({ productId }) => productId).reverse(),
    );
  });
});

describe('counts', () => {
  it('count people, not entries, in the order asked for', async () => {
    const [one, two] = [await shop.user(), await shop.user()];
    const [wish, nobodys] = [shop.shelf.product(), shop.shelf.product()];
    const other = await shop.list(one, 'Other');
    const { id: itemId } = await shop.entries().add({ id: one.default.id, ...wish }, by(one));
    await shop.entries().add({ id: other.id, ...wish }, by(one));
    await shop.entries().add({ id: two.default.id, productId: wish.productId }, by(two));
    const counts = async () =>
      (await shop.entries().counts({ productIds: [nobodys.productId, wish.productId.toUpperCase()].join(',') })).items;
    expect(await counts()).toEqual([
      { productId: nobodys.productId, count: 0 },
      { productId: wish.productId, count: 2 },
    ]);
    await shop.entries().remove({ id: one.default.id, itemId }, by(one));
    expect((await counts())[1]?.count).toBe(2);
    await shop.lists().removeCollection({ id: other.id }, by(one));
    expect((await counts())[1]?.count).toBe(1);
  });

  it('equal a recount after parallel adds, merges, moves and removals', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => shop.user()));
    const wishes = Array.from({ length: 5 }, () => shop.shelf.product());
    const others = await Promise.all(users.map((user) => shop.list(user, 'Other')));
    const steps = Array.from({ length: 200 }, (_, n) => async () => {
      const user = users[n % users.length] as (typeof users)[0];
      const [own, other] = [user.default.id, others[n % others.length]?.id as string];
      const wish = wishes[(n * 7) % wishes.length] as (typeof wishes)[0];
      const at = n % 2 === 0 ? own : other;
      if (n % 5 === 0) await shop.entries(n).merge({ items: wishes.slice(n % 3) }, by(user));
      const { id: itemId } = await shop.entries(n).add({ id: at, ...wish }, by(user));
      if (n % 3 === 0) await shop.entries(n).remove({ id: at, itemId }, by(user));
      if (n % 3 === 1) await shop.entries(n).move({ id: at, itemId, collectionId: at === own ? other : own }, by(user));
    });
    for (let from = 0; from < steps.length; from += 20) await Promise.allSettled(steps.slice(from, from + 20).map((step) => step()));
    const wrong = await shop.database.rows(sql`
      SELECT 1 FROM (SELECT product_id, count(DISTINCT user_id) AS wishers FROM entries GROUP BY product_id) AS recounted
      FULL JOIN wish_counts USING (product_id) WHERE coalesce(recounted.wishers, 0) <> coalesce(wish_counts.wishers, 0)
      UNION ALL
      SELECT 1 FROM collections c WHERE item_count <> (SELECT count(*) FROM entries e WHERE e.collection_id = c.id)`);
    expect(wrong).toEqual([]);
  });
});
