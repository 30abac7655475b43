import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { ExportHandlers } from '../src/export.handlers.ts';
import { by, type Person, WishlistFixture } from './wishlist-fixture.ts';

let shop: WishlistFixture;
beforeAll(async () => {
  shop = await WishlistFixture.start();
});
afterAll(() => shop?.stop());

const erase = ({ userId }: Person) =>
  shop.react((reactions, delivery) => reactions.onAuthErased({ userId, at: new Date().toISOString() }, delivery));

describe('an erased user', () => {
  it('leaves no list, link or alert, the counts follow, and nothing that comes late brings anything back', async () => {
    const [user, other] = [await shop.user(), await shop.user()];
    const item = await shop.wish(user);
    await shop.entries().add({ id: other.default.id, productId: item.productId }, by(other));
    const { shareToken = '' } = await shop.list(user, 'Gifts', 'link');
    await shop.alerts().createAlert({ kind: 'price_drop', productId: item.productId }, by(user));
    await erase(user);
    await erase(user);
    expect(await codeOf(shop.lists().shared({ token: shareToken, limit: 20 }))).toBe('not_found');
    expect((await shop.entries().counts({ productIds: item.productId })).items).toEqual([{ productId: item.productId, count: 1 }]);
    expect(await codeOf(shop.entries().merge({ items: [{ productId: item.productId }] }, by(user)))).toBe('unauthenticated');
    expect(await codeOf(shop.lists().collections({ userId: user.userId }, by(user)))).toBe('unauthenticated');
    const left = await shop.database.rows(sql`
      SELECT 1 FROM collections WHERE user_id = ${user.userId} UNION ALL SELECT 1 FROM alerts WHERE user_id = ${user.userId}`);
    expect(left).toEqual([]);
  });
});

describe("a user's archive", () => {
  it('has lists, alerts and every entry, in parts', async () => {
    const user = await shop.user();
    const other = await shop.list(user, 'Wedding');
    for (let from = 0; from < 3; from += 1)
      await shop.entries().merge({ items: Array.from({ length: 160 }, () => shop.shelf.product()) }, by(user));
    await shop.entries().add({ id: other.id, ...shop.shelf.product(), note: 'in red' }, by(user));
    const handlers = shop.replica().get(ExportHandlers);
    const parts = [];
    let cursor: string | null | undefined;
    do {
      const part = await handlers.exportOf({ userId: user.userId, ...(cursor && { cursor }) });
      parts.push(...JSON.parse(part.content));
      cursor = part.next;
    } while (cursor !== null);
    expect(parts.filter((part) => 'list' in part)).toHaveLength(2);
    expect(parts.filter((part) => 'entry' in part)).toHaveLength(481);
    expect(parts).toContainEqual({ entry: expect.objectContaining({ listId: other.id, note: 'in red' }) });
  });
});
