import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Schemas } from '#libs/client/client';
import { eventually } from '#libs/testing/builders';
import type { Customer, Order, Shop } from './shop.ts';

const ME = { params: { path: { userId: 'me' } } } as const;
const MINE = { params: { path: { userId: 'me' }, query: { limit: 20 } } } as const;
/** Longer than a reward takes, on a machine that is busy with other things. */
const LONG_MS = 60_000;

/** From the link to the reward, from outside. */
export function referralSuite(open: () => Shop): void {
  describe('referrals', () => {
    const codeOf = async ({ api }: Customer): Promise<string> => {
      const { data } = await api.GET('/api/referrals/user/{userId}/generate', ME);
      if (data === undefined) throw new Error('there is no code');
      return data.code;
    };
    const referralOf = async ({ api }: Customer): Promise<Schemas['Referral'] | undefined> =>
      (await api.GET('/api/referrals/user/{userId}/referral', ME)).data;
    const becomes = (friend: Customer, status: Schemas['Referral']['status']) =>
      eventually(async () => (await referralOf(friend))?.status === status, LONG_MS);
    /** Registers by the code, and opens the link that the mail has. */
    const invited = async (referralCode: string): Promise<Customer> => {
      const email = `friend-${randomUUID()}@example.com`;
      const friend = await open().register({ email, name: 'Asha Rao', referralCode });
      const token = await eventually(async () => {
        const [mail] = await open().sentTo(email);
        return /\/verify-email\?token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
      });
      await open().anonymous.POST('/api/auth/email/verify', { body: { token } });
      return friend;
    };

    it('bring a friend who registers by a code a coupon for the first order, and the referrer one when the parcel stays', async () => {
      const shop = open();
      const referrer = await shop.register();
      const code = await codeOf(referrer);
      const validated = await shop.anonymous.GET('/api/referrals/validate/{code}', { params: { path: { code: code.toLowerCase() } } });
      expect(validated.data).toEqual({ valid: true, referrerName: 'Meera', welcome: { kind: 'fixed', value: 10_000 } });
      const friend = await invited(code);
      const welcome = await eventually(async () => (await referralOf(friend))?.welcomeCoupon ?? undefined, LONG_MS);
      const order = await shop.placed(friend, await shop.stocked(1), 1, { couponCode: welcome.code, paymentMethod: 'cod' });
      expect(order.discount).toBe(10_000);
      await becomes(friend, 'ordered');
      await shop.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
      await becomes(friend, 'rewarded');
      const entry = await eventually(async () => {
        const { data } = await referrer.api.GET('/api/referrals/user/{userId}/rewards', MINE);
        const [first] = data?.items ?? [];
        return first?.coupon === undefined ? undefined : first;
      }, LONG_MS);
      expect(entry).toMatchObject({ kind: 'reward', amount: 20_000 });
      const stats = await referrer.api.GET('/api/referrals/user/{userId}/stats', ME);
      expect(stats.data).toMatchObject({ code, joined: 1, ordered: 1, rewarded: 1, pending: 0, earned: 20_000, cap: { used: 1 } });
      const spent = await shop.placed(referrer, await shop.stocked(1), 1, { couponCode: entry.coupon?.code ?? '', paymentMethod: 'cod' });
      expect(spent.discount).toBe(20_000);
      const friends = await referrer.api.GET('/api/referrals/user/{userId}/friends', MINE);
      expect(friends.data?.items).toEqual([
        { referralId: entry.referralId, name: 'Asha', status: 'rewarded', joinedAt: expect.any(String) },
      ]);
    });

    it('bring each coupon once, whichever process is killed on the way', async () => {
      const shop = open();
      const referrer = await shop.register();
      const code = await codeOf(referrer);
      const parcels: { readonly friend: Customer; readonly order: Order }[] = [];
      for (let n = 0; n < 4; n += 1) {
        const friend = await invited(code);
        parcels.push({ friend, order: await shop.placed(friend, await shop.stocked(1), 1, { paymentMethod: 'cod' }) });
      }
      for (const [n, { order }] of parcels.entries()) {
        await shop.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
        await shop.stack.process(n % 2 === 0 ? 'referral' : 'coupon').kill('SIGKILL');
      }
      const friends = parcels.map(({ friend }) => friend);
      for (const friend of friends) await becomes(friend, 'rewarded');
      for (const friend of friends) await eventually(async () => (await referralOf(friend))?.welcomeCoupon !== null, LONG_MS);
      const ownOf = async ({ api }: Customer): Promise<string[]> => {
        const { data, error } = await api.GET('/api/coupons', { params: { query: { limit: 100 } } });
        if (data === undefined) throw new Error(`coupons cannot be read: ${JSON.stringify(error)}`);
        return data.items.filter((one) => !one.public).map((one) => one.code);
      };
      const given = await eventually(async () => {
        const { data } = await referrer.api.GET('/api/referrals/user/{userId}/rewards', MINE);
        return data?.items.length === 4 && data.items.every(({ coupon }) => coupon !== undefined) && data.balance === 0 && data.items;
      }, LONG_MS);
      expect((await ownOf(referrer)).sort()).toEqual(given.map(({ coupon }) => coupon?.code).sort());
      for (const friend of friends) expect(await ownOf(friend)).toEqual([(await referralOf(friend))?.welcomeCoupon?.code]);
    }, 150_000);

    it('are redeemed once, by no one for themselves, and seen by nobody else', async () => {
      const shop = open();
      const [referrer, other, friend] = await shop.registered(3);
      if (referrer === undefined || other === undefined || friend === undefined) throw new Error('nobody registered');
      const code = await codeOf(referrer);
      const redeem = ({ api }: Customer, body: object) => api.POST('/api/referrals/redeem', { params: {}, body: body as never });
      expect((await redeem(referrer, { code })).error).toMatchObject({ status: 409, code: 'referral.self' });
      expect((await redeem(friend, { code: 'ABCDEFGHJ' })).error).toMatchObject({ status: 404, code: 'referral.not_valid' });
      expect((await redeem(friend, {})).error).toMatchObject({ status: 400 });
      const visitorId = randomUUID();
      expect((await redeem(friend, { code, visitorId })).error).toMatchObject({ status: 400 });
      const visit = await shop.anonymous.POST('/api/referrals/visits', { body: { code, visitorId } });
      expect(visit.response.status).toBe(204);
      expect((await redeem(friend, { visitorId })).response.status).toBe(201);
      expect((await redeem(friend, { code })).error).toMatchObject({ status: 409, code: 'referral.already_redeemed' });
      const path = { userId: referrer.user.id };
      expect((await other.api.GET('/api/referrals/user/{userId}/stats', { params: { path } })).response.status).toBe(403);
      expect((await other.api.GET('/api/referrals/analytics')).response.status).toBe(403);
      expect((await other.api.GET('/api/referrals/user/{userId}/referral', ME)).response.status).toBe(404);
      const { data } = await (await shop.admin()).api.GET('/api/referrals/analytics');
      expect(data?.days).toHaveLength(30);
      expect(data?.totals.joined).toBeGreaterThan(0);
    });
  });
}
