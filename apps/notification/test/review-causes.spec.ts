import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { ReviewReactions } from '../src/review.reactions.ts';
import { aDatabase, aPerson, openShop, reviewable, type Shop } from './notification-fixture.ts';

/** What buyers and authors are told about reviews. */
let scratch: ScratchDatabase;
let shop: Shop;
const delivery = () => ({ eventId: uuidv7(), version: 1, requestId: 'suite' });

beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

const listOf = async (userId: string) => (await shop.app.get(FeedHandlers).list({ userId, limit: 20 })).items;
const reactions = (): ReviewReactions => shop.app.get(ReviewReactions);

describe('reviews', () => {
  it('are asked for with the order and what is left to review of it, unless nothing is left as the message leaves', async () => {
    const [asked, late] = [aPerson(), aPerson()];
    const [orderId, productId] = [uuidv7(), uuidv7()];
    reviewable.set(orderId, [productId]);
    for (const [userId, order] of [
      [late.userId, uuidv7()],
      [asked.userId, orderId],
    ] as const)
      await shop.hears((transaction) =>
        reactions().onReviewRequestDue({ orderId: order, userId, productIds: [productId] }, { ...delivery(), transaction }),
      );
    const [told] = await eventually(async () => {
      const items = await listOf(asked.userId);
      return items.length > 0 && items;
    });
    expect(told).toMatchObject({ data: { orderId, productIds: productId } });
    expect(await listOf(late.userId)).toEqual([]);
  });

  it('that staff hid, approved or answered are told to their author, with what happened', async () => {
    const { userId } = aPerson();
    const reviewId = uuidv7();
    await shop.hears((transaction) =>
      reactions().onReviewUpdated({ reviewId, userId, kind: 'replied', at: new Date().toISOString() }, { ...delivery(), transaction }),
    );
    const [told] = await eventually(async () => {
      const items = await listOf(userId);
      return items.length > 0 && items;
    });
    expect(told).toMatchObject({ data: { reviewId }, body: 'The shop has answered your review.' });
  });
});
