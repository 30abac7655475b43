import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, codeOf as outcomeOf } from '#libs/testing/builders';
import {
  atRest,
  becomes,
  byAdmin,
  close,
  couponsOf,
  erase,
  holdOn,
  holds,
  open,
  ownOf,
  Purchase,
  people,
  redeem,
  sameAddress,
  sameInstrument,
  seeDevice,
  standing,
  statusOf,
  verify,
} from './referral-fixture.ts';

/** Referrals that a person looks at first. */
beforeAll(() => open({ REFERRAL_HOLD_PER_DAY: '3' }));
afterAll(close);

const HOUR_MS = 3_600_000;
const decide = (id: string, decision: 'approve' | 'reject', index = 0) =>
  holds(index).decide({ id, decision, note: 'Looked at it' }, byAdmin());
const buy = async (friend: string, deliveredAt?: Date): Promise<Purchase> => {
  const purchase = new Purchase(friend);
  await purchase.confirm();
  await purchase.deliver(deliveredAt);
  return purchase;
};
/** A referral that is held, by a ring of two. */
async function held(): Promise<{ referrer: string; friend: string; id: string; referralId: string }> {
  const [referrer, friend] = [uuidv7(), uuidv7()];
  await redeem(friend, referrer);
  const { referralId } = await redeem(referrer, friend);
  return { referrer, friend, referralId, id: (await holdOn(referralId))?.id ?? '' };
}

describe('a hold', () => {
  it('names the doubt to admins, and to the parties that it is held', async () => {
    const { referrer, friend, referralId } = await held();
    expect(await holdOn(referralId)).toMatchObject({ referrerId: referrer, refereeId: friend, reasons: ['ring'], status: 'held' });
    expect(await ownOf(friend)).toEqual({ referralId, status: 'held', welcomeCoupon: null });
    const { items } = await standing().friends({ userId: referrer, limit: 20 });
    expect(items).toEqual([{ referralId, name: 'Asha', status: 'held', joinedAt: expect.any(String) }]);
    expect(await standing().stats({ userId: referrer })).toMatchObject({ joined: 1, pending: 1 });
  });

  it('comes of a ring over any number of people, also of joins at once', async () => {
    const circle = Array.from({ length: 6 }, () => uuidv7());
    const joins = await Promise.all(circle.map((referrer, index) => redeem(referrer, circle[(index + 1) % circle.length])));
    const found = await Promise.all(joins.map(({ referralId }) => holdOn(referralId)));
    expect(found.filter((hold) => hold?.reasons.includes('ring'))).toHaveLength(1);
  });

  it('comes with the third account of a device, whenever that is noticed', async () => {
    const device = 'device-of-a-crowd-1';
    const friends = [uuidv7(), uuidv7(), uuidv7()];
    const joins = [];
    for (const friend of friends) joins.push(await redeem(uuidv7(), friend));
    const at = (second: number) => ({ at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString() });
    await Promise.all([
      seeDevice(friends[2] ?? '', device, at(3)),
      seeDevice(friends[0] ?? '', device, at(1)),
      seeDevice(friends[1] ?? '', device, at(2)),
    ]);
    const found = await Promise.all(joins.map(({ referralId }) => holdOn(referralId)));
    expect(found.slice(0, 2)).toEqual([undefined, undefined]);
    expect(found[2]?.reasons).toEqual(['shared_device']);
    const fourth = await redeem(uuidv7(), uuidv7(), device);
    expect((await holdOn(fourth.referralId))?.reasons).toEqual(['shared_device']);
  });

  it('comes with the fourth join of a day where three are usual, also of many at once', async () => {
    const referrer = uuidv7();
    const joins = await Promise.all(Array.from({ length: 6 }, () => redeem(referrer)));
    expect(joins.filter(({ status }) => status === 'held')).toHaveLength(3);
  });

  it('comes of the referrer’s address or instrument with the order that counts', async () => {
    const referrer = uuidv7();
    sameAddress.add(referrer);
    sameInstrument.add(referrer);
    const friend = uuidv7();
    const { referralId } = await redeem(referrer, friend);
    await new Purchase(friend).confirm();
    const hold = await eventually(() => holdOn(referralId));
    expect(hold.reasons).toEqual(['same_address', 'same_instrument']);
    expect(await statusOf(friend)).toBe('held');
  });
});

describe('while it is held', () => {
  it('there is neither a welcome coupon nor a reward; once approved both come', async () => {
    const { referrer, friend, id } = await held();
    people.set(friend, { verified: false });
    await verify(friend);
    await buy(friend);
    await atRest();
    expect([await statusOf(friend), couponsOf(friend), (await standing().rewards({ userId: referrer, limit: 20 })).items]).toEqual([
      'held',
      [],
      [],
    ]);
    expect(await decide(id, 'approve')).toMatchObject({ id, status: 'approved', note: 'Looked at it' });
    await becomes(friend, 'rewarded');
    await eventually(async () => (await ownOf(friend)).welcomeCoupon !== null);
  });

  it('it goes on beneath, so that approval leaves it where it would stand', async () => {
    const { friend, id } = await held();
    const purchase = await buy(friend, new Date(Date.now() + HOUR_MS));
    await atRest();
    await decide(id, 'approve');
    expect(await statusOf(friend)).toBe('delivered');
    await purchase.giveBack();
    expect(await statusOf(friend)).toBe('cancelled');
  });

  it('what is approved once is not held for the same reason again', async () => {
    const { referrer, friend, referralId, id } = await held();
    await decide(id, 'approve');
    sameAddress.add(referrer);
    await new Purchase(friend).confirm();
    const again = await eventually(() => holdOn(referralId));
    expect([again.id === id, again.reasons]).toEqual([false, ['same_address']]);
    await decide(again.id, 'approve');
    await buy(friend);
    await becomes(friend, 'rewarded');
  });

  it('rejecting ends it for good', async () => {
    const { friend, id } = await held();
    await decide(id, 'reject');
    expect(await statusOf(friend)).toBe('cancelled');
    await verify(friend);
    await buy(friend);
    await atRest();
    expect([await statusOf(friend), couponsOf(friend)]).toEqual(['cancelled', []]);
  });
});

describe('a decision', () => {
  it('is made once: the same again is the same, another is refused, also of many at once', async () => {
    const { id } = await held();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) => outcomeOf(decide(id, index % 2 === 0 ? 'approve' : 'reject', index % 2))),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(4);
    expect(outcomes.filter((outcome) => outcome === 'referral.already_decided')).toHaveLength(4);
    expect(await outcomeOf(decide(uuidv7(), 'approve'))).toBe('not_found');
  });

  it('of a referral that was cancelled meanwhile changes nothing', async () => {
    const { referrer, friend, id } = await held();
    await erase(referrer);
    expect(await statusOf(friend)).toBe('cancelled');
    await decide(id, 'approve');
    expect(await statusOf(friend)).toBe('cancelled');
  });

  it('is listed by status, oldest first, page by page', async () => {
    const ids = [(await held()).id, (await held()).id, (await held()).id];
    for (const id of ids) await decide(id, 'reject');
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await holds().holds({ status: 'rejected', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen.slice(-3)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  });
});
