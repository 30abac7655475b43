import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertHit } from '#libs/contracts/wishlist/messages';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { WishlistReactions } from '../src/wishlist.reactions.ts';
import { aDatabase, aPerson, holding, openShop, type Shop } from './notification-fixture.ts';

let scratch: ScratchDatabase;
let shop: Shop;
beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

async function hit(fields: Partial<AlertHit> = {}): Promise<AlertHit> {
  const { userId } = aPerson();
  const about = { alertId: uuidv7(), userId, kind: 'price_drop', productId: uuidv7(), variantId: uuidv7(), price: 79_900, hit: 1 } as const;
  const alert: AlertHit = { ...about, ...fields };
  await shop.hears((transaction) =>
    shop.app.get(WishlistReactions).onWishlistAlertHit(alert, { eventId: uuidv7(), version: 1, requestId: 'suite', transaction }),
  );
  return alert;
}

describe('what an alert waited for', () => {
  it('is in the list at once with the name and the price as they are as it leaves', async () => {
    const alertId = uuidv7();
    holding.set(alertId, { holds: true, product: 'Indigo kurta', price: 74_900 });
    const { userId, productId, variantId } = await hit({ alertId });
    const [told] = await eventually(async () => {
      const { items } = await shop.app.get(FeedHandlers).list({ userId, limit: 20 });
      return items.length > 0 && items;
    });
    expect(told).toMatchObject({ template: 'price_drop', category: 'wishlist', body: 'Indigo kurta: now ₹749.' });
    expect(told?.data).toMatchObject({ alertId, productId, variantId });
  });

  it('is told to nobody when it does not hold any more', async () => {
    const alertId = uuidv7();
    holding.set(alertId, { holds: false });
    const { userId } = await hit({ alertId, kind: 'back_in_stock' });
    await eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, limit: 20 });
      return items.some(({ channel, state, reason }) => channel === 'in_app' && state === 'skipped' && reason === 'stale');
    });
    expect((await shop.app.get(FeedHandlers).list({ userId, limit: 20 })).items).toEqual([]);
  });
});
