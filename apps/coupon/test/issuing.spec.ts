import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CouponToIssue } from '#libs/contracts/coupon/messages';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { IssuingHandlers } from '../src/issuing.handlers.ts';
import { basket, call, close, coupons, hold, holds, open, replicas, usage } from './coupon-fixture.ts';

beforeAll(open);
afterAll(close);

const DAY_MS = 86_400_000;
const issuing = (replica = 0): IssuingHandlers => {
  const app = replicas[replica];
  if (app === undefined) throw new Error('there is no such replica');
  return app.get(IssuingHandlers);
};
const asked = (change: Partial<CouponToIssue> = {}): CouponToIssue => ({
  ...{ issueId: uuidv7(), userId: uuidv7(), kind: 'fixed', value: 10_000, firstOrderOnly: true, cause: 'welcome' },
  endsAt: new Date(Date.now() + 30 * DAY_MS).toISOString(),
  ...change,
});
const told = async (couponId: string): Promise<Record<string, unknown>[]> => {
  const rows =
    (await replicas[0]?.get(Database).rows<{ payload: string }>(sql`SELECT payload FROM outbox WHERE event = 'coupon.issued'`)) ?? [];
  return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>).filter((payload) => payload.couponId === couponId);
};
const ofUser = async (userId: string) => (await coupons.list({ limit: 20 }, call(userId))).items;

it('one issue makes one coupon, however many ask at once, and tells its user once', async () => {
  const one = asked();
  const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => issuing(index % 2).issue(one)));
  const [first] = answers;
  expect(answers.every((answer) => JSON.stringify(answer) === JSON.stringify(first))).toBe(true);
  expect(await ofUser(one.userId)).toMatchObject([
    { code: first?.code, value: 10_000, usageLimit: 1, firstOrderOnly: true, public: false },
  ]);
  expect(await told(first?.couponId ?? '')).toEqual([
    { couponId: first?.couponId, userIds: [one.userId], code: first?.code, endsAt: one.endsAt, cause: 'welcome' },
  ]);
  expect(await issuing().issue(one)).toEqual(first);
});

it('a reward tells nobody, also when an admin changes it later', async () => {
  const one = asked({ cause: 'reward', firstOrderOnly: false });
  const { couponId } = await issuing().issue(one);
  await coupons.update({ id: couponId, value: 20_000 }, call(undefined, 'admin'));
  expect(await told(couponId)).toEqual([]);
});

it('it is good for its user alone, once', async () => {
  const one = asked({ firstOrderOnly: false });
  const { code } = await issuing().issue(one);
  expect(await holds.evaluate(basket(code))).toMatchObject({ code: 'unknown' });
  expect(await hold(code, { userId: one.userId })).toEqual({ held: true, codeApplies: true });
  expect(await hold(code, { userId: one.userId })).toMatchObject({ held: false, codeApplies: false });
});

it('one that is asked for after its end is there, and over', async () => {
  const one = asked({ endsAt: new Date(Date.now() - DAY_MS).toISOString() });
  const { code, endsAt } = await issuing().issue(one);
  expect(endsAt).toBe(one.endsAt);
  expect(await holds.evaluate(basket(code, one.userId))).toMatchObject({ code: 'unknown' });
});

it('an unused one is withdrawn, and a repeat says the same', async () => {
  const one = asked();
  const { couponId, code } = await issuing().issue(one);
  expect(await Promise.all([issuing().withdraw({ couponId }), issuing(1).withdraw({ couponId })])).toEqual([
    { used: false },
    { used: false },
  ]);
  expect(await holds.evaluate(basket(code, one.userId))).toMatchObject({ code: 'unknown' });
  expect(await ofUser(one.userId)).toEqual([]);
  expect(await issuing().issue(one)).toMatchObject({ couponId, code });
});

it('one that an order holds stays, whichever of the two came first', async () => {
  for (let round = 0; round < 8; round += 1) {
    const one = asked({ firstOrderOnly: false });
    const { couponId, code } = await issuing().issue(one);
    const [held, withdrawn] = await Promise.all([hold(code, { userId: one.userId }), issuing(1).withdraw({ couponId })]);
    expect(held.held).toBe(withdrawn.used);
    const [coupon] = (await coupons.list({ limit: 20 }, call(undefined, 'admin'))).items.filter(({ id }) => id === couponId);
    expect(coupon === undefined).toBe(!withdrawn.used);
    if (coupon !== undefined) expect(await usage(coupon)).toMatchObject({ held: 1 });
  }
});

it('one that nobody issued cannot be withdrawn', async () => {
  await expect(issuing().withdraw({ couponId: uuidv7() })).rejects.toMatchObject({ code: 'not_found' });
});
