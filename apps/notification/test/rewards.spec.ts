import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rewarded } from '#libs/contracts/referral/messages';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { ReferralReactions } from '../src/referral.reactions.ts';
import { aDatabase, aPerson, openShop, type Shop } from './notification-fixture.ts';

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

async function told(fields: Partial<Rewarded> = {}) {
  const { userId } = aPerson();
  const rewarded = { userId, referralId: uuidv7(), amount: 20_000, ...fields };
  await shop.hears((transaction) =>
    shop.app.get(ReferralReactions).onReferralRewarded(rewarded, { eventId: uuidv7(), version: 1, requestId: 'suite', transaction }),
  );
  const [one] = await eventually(async () => {
    const { items } = await shop.app.get(FeedHandlers).list({ userId: rewarded.userId, limit: 20 });
    return items.length > 0 && items;
  });
  return { one, referralId: rewarded.referralId };
}

describe('a reward', () => {
  it('is told with its amount, the coupon and its end, and leads to the own rewards', async () => {
    const { one, referralId } = await told({ couponCode: 'ABCDEFGHJKMNP', endsAt: '2027-02-28T18:29:00.000Z' });
    expect(one).toMatchObject({
      ...{ template: 'referral_reward', category: 'account', data: { referralId, link: expect.stringMatching(/\/referral$/) } },
      body: 'Your reward of ₹200 is here. Use coupon ABCDEFGHJKMNP until 28 February 2027 at 11:59 pm.',
    });
  });

  it('that makes up for one that was taken back is told without a coupon', async () => {
    expect((await told()).one).toMatchObject({ body: 'Your reward of ₹200 is here.' });
  });

  it('is told in Hindi to who reads Hindi', async () => {
    const { userId } = aPerson();
    await shop.app.get(PreferenceHandlers).setPreferences({ userId, locale: 'hi' });
    const { one } = await told({ userId, couponCode: 'ABCDEFGHJKMNP', endsAt: '2027-02-28T18:29:00.000Z' });
    expect(one?.body).toMatch(/^आपका ₹200 का इनाम आ गया है। कूपन ABCDEFGHJKMNP का इस्तेमाल .* तक करें।$/);
  });
});
