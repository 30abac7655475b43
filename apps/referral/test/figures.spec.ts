import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf as outcomeOf } from '#libs/testing/builders';
import {
  analysis,
  atRest,
  away,
  becomes,
  close,
  codeOf,
  codes,
  couponsOf,
  database,
  erase,
  friendWithParcel,
  gone,
  holdOn,
  open,
  Purchase,
  people,
  redeem,
  seeDevice,
  standing,
  statusOf,
} from './referral-fixture.ts';

/** Figures, names, and what is left of people who are gone. */
beforeAll(() => open({ REFERRAL_HOLD_PER_DAY: '1000' }));
afterAll(close);

const DAY_MS = 86_400_000;
const dayAt = (ms: number): string => new Date(ms + 5.5 * 3_600_000).toISOString().slice(0, 10);
const today = (): string => dayAt(Date.now());

describe('the figures', () => {
  it('of a referrer are those of their friends, newest first, by first name and stage alone', async () => {
    const referrer = uuidv7();
    expect(await standing().stats({ userId: referrer })).toEqual({
      ...{ code: null, invited: 0, joined: 0, ordered: 0, rewarded: 0, capped: 0, cancelled: 0, pending: 0, earned: 0, currency: 'INR' },
      cap: { limit: 20, used: 0 },
    });
    const { friend } = await friendWithParcel(referrer);
    await becomes(friend, 'rewarded');
    const second = uuidv7();
    people.set(second, { name: 'Kabir Singh Rao' });
    await redeem(referrer, second);
    const { items, nextCursor } = await standing().friends({ userId: referrer, limit: 1 });
    expect(items).toEqual([{ referralId: expect.any(String), name: 'Kabir', status: 'joined', joinedAt: expect.any(String) }]);
    const rest = await standing().friends({ userId: referrer, limit: 1, cursor: nextCursor ?? '' });
    expect([rest.items[0]?.status, rest.nextCursor]).toEqual(['rewarded', null]);
    expect(await standing().stats({ userId: referrer })).toMatchObject({ joined: 2, ordered: 1, rewarded: 1, pending: 1, earned: 20_000 });
    away.add('auth');
    expect((await standing().friends({ userId: referrer, limit: 1 })).items[0]).not.toHaveProperty('name');
    away.delete('auth');
  });

  it('of all equal a recount, a day with its joins by their present stage', async () => {
    const [referrer, other] = [uuidv7(), uuidv7()];
    people.set(referrer, { name: 'Meera Joshi' });
    await codes().visit({ code: await codeOf(referrer), visitorId: uuidv7() });
    for (let n = 0; n < 3; n += 1) await becomes((await friendWithParcel(referrer)).friend, 'rewarded');
    const moved = await redeem(other);
    await database.execute(sql`UPDATE referrals SET joined_at = now() - interval '40 days' WHERE id = ${moved.referralId}`);
    const now = await analysis().analytics({});
    expect(now.days).toHaveLength(30);
    expect(now.days.at(-1)?.date).toBe(today());
    const recount = await database.row(sql`
      SELECT (SELECT count(*) FROM visits)::int AS visits, count(*)::int AS joined, count(*) FILTER (WHERE has_ordered)::int AS ordered,
        count(*) FILTER (WHERE stage = 'rewarded')::int AS rewarded, count(*) FILTER (WHERE stage = 'capped')::int AS capped,
        count(*) FILTER (WHERE stage = 'cancelled')::int AS cancelled, (SELECT sum(amount)::bigint FROM entries) AS earned
      FROM referrals WHERE joined_at > now() - interval '29 days'`);
    expect(now.totals).toEqual(recount);
    expect(now.topReferrers[0]).toEqual({ userId: referrer, name: 'Meera', joined: 3, rewarded: 3, earned: 60_000 });
    const before = await analysis().analytics({ from: dayAt(Date.now() - 41 * DAY_MS), to: dayAt(Date.now() - 39 * DAY_MS) });
    expect(before.days.map(({ joined }) => joined)).toEqual([0, 1, 0]);
    expect(now.budget).toEqual({ limit: 10_000_000, spent: recount?.earned });
  });

  it('are of a year and a day at most, and of days that come one after the other', async () => {
    const spans = [
      ['2025-01-01', '2026-01-01'],
      ['2024-01-01', '2025-01-01'],
      ['2025-01-02', '2025-01-01'],
    ] as const;
    const outcomes = await Promise.all(spans.map(([from, to]) => outcomeOf(analysis().analytics({ from, to }))));
    expect(outcomes).toEqual(['ok', 'validation_failed', 'validation_failed']);
  });
});

describe('after an erasure', () => {
  it('a referrer earns no more, and their code, devices and visits are gone', async () => {
    const referrer = uuidv7();
    const { friend } = await friendWithParcel(referrer);
    await becomes(friend, 'rewarded');
    const waiting = uuidv7();
    await redeem(referrer, waiting);
    await codes().visit({ code: await codeOf(referrer), visitorId: uuidv7() });
    await seeDevice(referrer, 'device-of-the-erased');
    await erase(referrer);
    expect([await statusOf(friend), await statusOf(waiting)]).toEqual(['rewarded', 'cancelled']);
    const left = await database.row(sql`
      SELECT (SELECT count(*)::int FROM visits WHERE referrer_id = ${referrer}) AS visits, (SELECT count(*)::int FROM devices WHERE user_id = ${referrer}) AS devices,
        (SELECT count(*)::int FROM members WHERE user_id = ${referrer} AND code IS NOT NULL) AS codes`);
    expect(left).toEqual({ visits: 0, devices: 0, codes: 0 });
    await seeDevice(referrer, 'device-of-the-erased');
    const purchase = new Purchase(waiting);
    await purchase.confirm();
    await purchase.deliver();
    await atRest();
    expect(await statusOf(waiting)).toBe('cancelled');
    expect(couponsOf(referrer)).toHaveLength(1);
    expect(await database.rows(sql`SELECT FROM devices WHERE user_id = ${referrer}`)).toEqual([]);
  });

  it('a friend is shown as deleted, and what was earned stays', async () => {
    const referrer = uuidv7();
    const { friend } = await friendWithParcel(referrer);
    await becomes(friend, 'rewarded');
    await erase(friend);
    gone.add(friend);
    const { items } = await standing().friends({ userId: referrer, limit: 20 });
    expect(items.map(({ name, status }) => [name, status])).toEqual([['Deleted', 'rewarded']]);
    expect((await standing().stats({ userId: referrer })).earned).toBe(20_000);
  });
});

describe('the archive', () => {
  it('has the own code, the own referral and all rewards, and nothing of friends', async () => {
    const [inviter, referrer] = [uuidv7(), uuidv7()];
    const { referralId } = await redeem(inviter, referrer);
    expect(await holdOn(referralId)).toBeUndefined();
    const code = await codeOf(referrer);
    const { friend } = await friendWithParcel(referrer);
    await becomes(friend, 'rewarded');
    await atRest();
    const { content, next } = await standing().exportOf({ userId: referrer });
    const [rest, ...entries] = JSON.parse(content);
    expect(rest).toMatchObject({ stats: { code, joined: 1, earned: 20_000 }, referral: { referralId, status: 'joined' } });
    expect(entries).toMatchObject([{ kind: 'reward', amount: 20_000 }]);
    expect(next).toBeNull();
    expect(content).not.toContain(friend);
  });
});
