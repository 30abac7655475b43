import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Known } from '#libs/runtime/seed';
import { seed } from '../demo/wishlist.seed.ts';
import { by, WishlistFixture } from './wishlist-fixture.ts';

let fixture: WishlistFixture;
beforeAll(async () => {
  fixture = await WishlistFixture.start();
});
afterAll(() => fixture?.stop());

const goods = () =>
  Array.from({ length: 6 }, (_, index) => ({
    ...{ id: fixture.shelf.product().productId, slug: `kurta-${index}`, name: `Kurta ${index}` },
    ...{ image: null, price: 99_900, size: 'M' },
  }));

it('the demo shop’s wishes are there after the first start, and stay as their owner leaves them', async () => {
  const userId = uuidv7();
  const known: Known = { people: new Map([['asha@only2u.test', userId]]), goods: goods() };
  expect(await seed(fixture.database, {}, known)).toEqual({ summary: ['wishes added'] });
  const { items } = await fixture.lists().collections({ userId }, by({ userId }));
  expect(items).toMatchObject([
    { name: 'Wishlist', isDefault: true, itemCount: 3 },
    { name: 'Wedding', itemCount: 3 },
  ]);
  const [list] = items;
  const { items: wishes } = await fixture.lists().collection({ id: list?.id ?? '', limit: 20 }, by({ userId }));
  await fixture.entries().remove({ id: list?.id ?? '', itemId: wishes[0]?.id ?? '' }, by({ userId }));
  expect(await seed(fixture.database, {}, known)).toEqual({ summary: ['wishes were there'] });
  expect((await fixture.lists().collections({ userId }, by({ userId }))).items[0]).toMatchObject({ itemCount: 2 });
});

it('a shop without its demo customer or goods gets none', async () => {
  expect(await seed(fixture.database, {}, { people: new Map(), goods: goods() })).toEqual({ summary: [] });
});
