import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Rewarded } from '#libs/contracts/referral/messages';
import type { RewardEntry, RewardPage } from '#libs/contracts/referral/views';
import { eventually, inTheEnd } from '#libs/testing/builders';
import {
  atRest,
  away,
  becomes,
  close,
  couponsOf,
  disable,
  erase,
  facts,
  friendWithParcel,
  gone,
  lostAnswers,
  open,
  ownOf,
  Purchase,
  people,
  published,
  redeem,
  standing,
  statusOf,
  tellOrder,
  verify,
} from './referral-fixture.ts';

/** What friends and referrers get, and what is taken back. Rewards vest with the delivery here. */
beforeAll(() => open({ REFERRAL_HOLD_PER_DAY: '1000', REFERRAL_MIN_ORDER: '50000' }));
beforeEach(() => away.clear());
afterAll(close);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const rewardsOf = (userId: string): Promise<RewardPage> => standing().rewards({ userId, limit: 20 });
const entryOf = async (userId: string): Promise<RewardEntry | undefined> => (await rewardsOf(userId)).items[0];
const given = (userId: string): Promise<RewardEntry> =>
  eventually(async () => {
    const entry = await entryOf(userId);
    return entry?.coupon === undefined ? undefined : entry;
  });
const tolds = async (userId: string): Promise<Rewarded[]> =>
  (await published<Rewarded>('referral.rewarded')).filter((one) => one.userId === userId);

describe('the welcome coupon', () => {
  it('is there once an address or a number is verified, one for both of them', async () => {
    const friend = uuidv7();
    people.set(friend, { verified: false });
    expect((await redeem(uuidv7(), friend)).welcomeCoupon).toBeNull();
    await atRest();
    expect(couponsOf(friend)).toEqual([]);
    await Promise.all([verify(friend), verify(friend)]);
    const coupon = await eventually(async () => (await ownOf(friend)).welcomeCoupon ?? undefined);
    await atRest();
    const [issued, ...more] = couponsOf(friend);
    expect(more).toEqual([]);
    expect(issued).toMatchObject({ kind: 'fixed', value: 10_000, firstOrderOnly: true, cause: 'welcome' });
    expect(coupon).toEqual({ code: issued?.code, kind: 'fixed', value: 10_000, endsAt: issued?.endsAt });
    expect(Date.parse(coupon.endsAt) - Date.now()).toBeGreaterThan(29 * DAY_MS);
  });

  it('is there for who was verified before, whether auth says so or its news came first', async () => {
    const [known, heard] = [uuidv7(), uuidv7()];
    people.set(heard, { verified: false });
    await verify(heard);
    for (const friend of [known, heard]) {
      await redeem(uuidv7(), friend);
      await eventually(async () => (await ownOf(friend)).welcomeCoupon !== null);
    }
  });

  it('is one also when it was issued and nobody noted it, or the coupon service was away', async () => {
    const [lost, late] = [uuidv7(), uuidv7()];
    lostAnswers.add(lost);
    await redeem(uuidv7(), lost);
    await eventually(async () => (await ownOf(lost)).welcomeCoupon !== null);
    expect(couponsOf(lost)).toHaveLength(1);
    away.add('coupon');
    await redeem(uuidv7(), late);
    away.clear();
    await eventually(async () => (await ownOf(late)).welcomeCoupon !== null);
  });
});

describe('a referral', () => {
  it('is ordered, and joined again while all orders came to nothing', async () => {
    const friend = uuidv7();
    await redeem(uuidv7(), friend);
    const [first, second] = [new Purchase(friend), new Purchase(friend)];
    await first.to({ status: 'cancelled', kept: 0 });
    expect(await statusOf(friend)).toBe('joined');
    const third = new Purchase(friend);
    await second.confirm();
    expect(await statusOf(friend)).toBe('ordered');
    await second.to({ status: 'cancelled', kept: 0 });
    expect(await statusOf(friend)).toBe('joined');
    await third.confirm();
    await third.to({ status: 'returned_to_origin', kept: 0 });
    expect(await statusOf(friend)).toBe('joined');
  });

  it('ends the same whatever the order of the news', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    await redeem(referrer, friend);
    const purchase = new Purchase(friend);
    const news = [
      purchase.next({ status: 'confirmed' }),
      purchase.next({ status: 'shipped' }),
      purchase.next({ status: 'delivered', deliveredAt: new Date(Date.now() + HOUR_MS).toISOString() }),
      purchase.next({ status: 'return_requested', openReturn: true }),
    ];
    for (const change of [news[2], news[3], news[0], news[1]]) if (change !== undefined) await tellOrder([change, change]);
    expect(await statusOf(friend)).toBe('delivered');
    await atRest();
    expect(await entryOf(referrer)).toBeUndefined();
  });

  it('brings a reward when its time has come, given as a coupon for the referrer alone, and told once', async () => {
    const referrer = uuidv7();
    const { friend } = await friendWithParcel(referrer);
    const entry = await given(referrer);
    expect(entry).toMatchObject({ kind: 'reward', amount: 20_000 });
    expect(await statusOf(friend)).toBe('rewarded');
    const [coupon, ...more] = couponsOf(referrer);
    expect(more).toEqual([]);
    expect(coupon).toMatchObject({ kind: 'fixed', value: 20_000, firstOrderOnly: false, cause: 'reward', code: entry.coupon?.code });
    expect(Date.parse(entry.coupon?.endsAt ?? '') - Date.now()).toBeGreaterThan(89 * DAY_MS);
    await atRest();
    expect((await rewardsOf(referrer)).balance).toBe(0);
    const { code, endsAt } = entry.coupon ?? {};
    expect(await tolds(referrer)).toEqual([{ userId: referrer, referralId: entry.referralId, amount: 20_000, couponCode: code, endsAt }]);
  });

  it('has no reward before its time, and none while a return is open', async () => {
    const referrer = uuidv7();
    const [early, returning] = [uuidv7(), uuidv7()];
    for (const friend of [early, returning]) await redeem(referrer, friend);
    const [soon, back] = [new Purchase(early), new Purchase(returning)];
    for (const purchase of [soon, back]) await purchase.confirm();
    await soon.deliver(new Date(Date.now() + HOUR_MS));
    await back.deliver(new Date(Date.now() + HOUR_MS));
    await back.to({ status: 'return_requested', openReturn: true, deliveredAt: new Date().toISOString() });
    await atRest();
    expect([await statusOf(early), await statusOf(returning)]).toEqual(['delivered', 'delivered']);
    await back.giveBack(50_000);
    await becomes(returning, 'rewarded');
  });

  it('is judged by the orders as they are, not as the news says that came so far', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    await redeem(referrer, friend);
    const purchase = new Purchase(friend);
    await purchase.confirm();
    const delivered = purchase.next({ status: 'delivered', deliveredAt: new Date().toISOString() });
    purchase.next({ status: 'returned', kept: 0 });
    await tellOrder([delivered]);
    await becomes(friend, 'cancelled');
    expect(await entryOf(referrer)).toBeUndefined();
  });

  it('is cancelled for good where too little is kept before its time', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    await redeem(referrer, friend);
    const purchase = new Purchase(friend);
    await purchase.confirm();
    await purchase.deliver(new Date(Date.now() + HOUR_MS));
    await purchase.to({ cause: 'goodwill', kept: 49_999 });
    expect(await statusOf(friend)).toBe('cancelled');
    const another = new Purchase(friend);
    await another.confirm();
    await another.deliver();
    await atRest();
    expect(await statusOf(friend)).toBe('cancelled');
    expect(await entryOf(referrer)).toBeUndefined();
  });

  it('waits for order and payment, and is rewarded once when they are back', async () => {
    const referrer = uuidv7();
    for (const service of ['order', 'payment'] as const) {
      const friend = uuidv7();
      await redeem(referrer, friend);
      away.add(service);
      const purchase = new Purchase(friend);
      await purchase.confirm();
      await purchase.deliver();
      away.clear();
      await becomes(friend, 'rewarded');
    }
    await atRest();
    expect((await rewardsOf(referrer)).items).toHaveLength(2);
  });

  it('of a referrer who is disabled when it would vest is cancelled, also once they are enabled', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    await redeem(referrer, friend);
    await disable(referrer);
    const purchase = new Purchase(friend);
    await purchase.confirm();
    await purchase.deliver();
    await becomes(friend, 'cancelled');
    await disable(referrer, false, 2);
    await atRest();
    expect(await statusOf(friend)).toBe('cancelled');
  });

  it('of a referrer who is disabled or erased without that the news has come is cancelled', async () => {
    for (const leave of [(id: string) => people.set(id, { disabled: true }), (id: string) => gone.add(id)]) {
      const [referrer, friend] = [uuidv7(), uuidv7()];
      await redeem(referrer, friend);
      leave(referrer);
      const purchase = new Purchase(friend);
      await purchase.confirm();
      await purchase.deliver();
      await becomes(friend, 'cancelled');
    }
  });
});

describe('a reward', () => {
  it('that is taken back has one reversal, and its unused coupon is withdrawn', async () => {
    const referrer = uuidv7();
    const { friend, purchase } = await friendWithParcel(referrer);
    const reward = await given(referrer);
    await Promise.all([purchase.giveBack(), tellOrder([...(facts.get(friend) ?? [])], 1)]);
    await purchase.to({ cause: 'refund' });
    await atRest();
    expect(await statusOf(friend)).toBe('cancelled');
    expect(couponsOf(referrer)).toMatchObject([{ isWithdrawn: true }]);
    const { items, balance } = await rewardsOf(referrer);
    expect(items).toMatchObject([{ kind: 'reversal', amount: -20_000, referralId: reward.referralId }, reward]);
    expect(balance).toBe(0);
    expect((await standing().stats({ userId: referrer })).cap.used).toBe(0);
  });

  it('whose coupon was used comes off the next ones', async () => {
    const referrer = uuidv7();
    const { purchase } = await friendWithParcel(referrer);
    await given(referrer);
    for (const coupon of couponsOf(referrer)) coupon.isUsed = true;
    await purchase.giveBack();
    await inTheEnd(async () => expect((await rewardsOf(referrer)).balance).toBe(-20_000));
    await becomes((await friendWithParcel(referrer)).friend, 'rewarded');
    await atRest();
    expect((await rewardsOf(referrer)).balance).toBe(0);
    expect(couponsOf(referrer)).toHaveLength(1);
    expect((await tolds(referrer)).at(-1)).not.toHaveProperty('couponCode');
    await friendWithParcel(referrer);
    await given(referrer);
    expect(couponsOf(referrer)).toHaveLength(2);
  });

  it('has one coupon also when it was issued and nobody noted it', async () => {
    const referrer = uuidv7();
    lostAnswers.add(referrer);
    await friendWithParcel(referrer);
    await given(referrer);
    expect(couponsOf(referrer)).toHaveLength(1);
    expect(await tolds(referrer)).toHaveLength(1);
  });

  it('is withdrawn also when it is taken back between the issue and the note', async () => {
    const referrer = uuidv7();
    lostAnswers.add(referrer);
    const { friend, purchase } = await friendWithParcel(referrer);
    await eventually(() => couponsOf(referrer).length === 1);
    away.add('coupon');
    await purchase.giveBack();
    expect(await statusOf(friend)).toBe('cancelled');
    away.clear();
    await atRest();
    expect(couponsOf(referrer)).toMatchObject([{ isWithdrawn: true }]);
    expect((await rewardsOf(referrer)).balance).toBe(0);
  });

  it('that is taken back before anybody has asked for its coupon has none', async () => {
    const referrer = uuidv7();
    away.add('coupon');
    const { friend, purchase } = await friendWithParcel(referrer);
    await becomes(friend, 'rewarded');
    await purchase.giveBack();
    await erase(referrer);
    away.clear();
    await atRest();
    expect(couponsOf(referrer).every(({ isWithdrawn }) => isWithdrawn)).toBe(true);
  });
});
