import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { patiently } from '#libs/testing/builders';
import {
  analysis,
  atRest,
  close,
  coupons,
  couponsOf,
  database,
  disable,
  facts,
  friendWithParcel,
  open,
  ownOf,
  Purchase,
  redeem,
  standing,
  statusOf,
  tellOrder,
} from './referral-fixture.ts';

/** Cap and budget, whatever happens before and at once. */
const [CAP, REWARD, BUDGET] = [2, 20_000, 70_000];
beforeAll(() =>
  open({ REFERRAL_HOLD_PER_DAY: '1000', REFERRAL_CAP: String(CAP), REFERRAL_REWARD: String(REWARD), REFERRAL_BUDGET: String(BUDGET) }),
);
beforeEach(anew);
afterAll(close);

async function anew(): Promise<void> {
  await atRest();
  for (const table of [sql`reward_coupons`, sql`entries`, sql`orders`, sql`holds`, sql`tasks`, sql`referrals`, sql`members`])
    await database.execute(sql`DELETE FROM ${table}`);
  await database.execute(sql`UPDATE programme SET spent = 0`);
  facts.clear();
  coupons.clear();
}

const statsOf = (userId: string) => standing().stats({ userId });
const spent = async (): Promise<number> => (await analysis().analytics({})).budget.spent;

describe('the limits', () => {
  it('hold of many rewards at once, are used up, and what does not fit whole is capped', { timeout: 120_000 }, async () => {
    const referrers = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
    const purchases: Purchase[] = [];
    for (const referrer of referrers)
      for (let friend = 0; friend < 4; friend += 1) {
        const userId = uuidv7();
        await redeem(referrer, userId);
        const purchase = new Purchase(userId);
        await purchase.confirm();
        purchases.push(purchase);
      }
    await atRest();
    const news = purchases.map((purchase) => purchase.next({ status: 'delivered', deliveredAt: new Date().toISOString() }));
    await Promise.all(news.map((change, index) => patiently(() => tellOrder([change], index % 2))));
    await atRest();
    const all = await Promise.all(referrers.map(statsOf));
    expect(all.every(({ cap, rewarded }) => cap.used <= CAP && cap.used === rewarded)).toBe(true);
    expect(all.reduce((sum, { rewarded }) => sum + rewarded, 0)).toBe(3);
    expect(all.reduce((sum, { capped }) => sum + capped, 0)).toBe(13);
    expect(await spent()).toBe(3 * REWARD);
  });

  it('have room again after a reversal, and what was capped stays so', { timeout: 120_000 }, async () => {
    const referrer = uuidv7();
    const first = await friendWithParcel(referrer);
    await friendWithParcel(referrer);
    await atRest();
    const third = await friendWithParcel(referrer);
    await atRest();
    expect(await statusOf(third.friend)).toBe('capped');
    await first.purchase.giveBack();
    const fourth = await friendWithParcel(referrer);
    await atRest();
    expect([await statusOf(third.friend), await statusOf(fourth.friend)]).toEqual(['capped', 'rewarded']);
    expect(await statsOf(referrer)).toMatchObject({ joined: 4, rewarded: 2, capped: 1, cancelled: 1, pending: 0, earned: 2 * REWARD });
  });
});

const FRIENDS = 6;
const who = fc.nat(FRIENDS - 1);
const deed = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), who, by: fc.nat(1) }),
  fc.record({
    kind: fc.constantFrom('buy' as const, 'cancel' as const, 'deliver' as const, 'ask back' as const, 'give back' as const),
    who,
    which: fc.nat(1),
  }),
  fc.record({ kind: fc.constantFrom('buy' as const, 'deliver' as const), who, which: fc.constant(0) }),
  fc.record({ kind: fc.constant('use' as const), by: fc.nat(1) }),
  fc.record({ kind: fc.constant('disable' as const), by: fc.nat(1), disabled: fc.boolean() }),
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

interface Parcel {
  readonly purchase: Purchase;
  state: 'bought' | 'cancelled' | 'delivered' | 'asked back' | 'given back';
  deliveredAs: number;
}

/** The rules, as plainly as they can be said: one thing after the other, everything in memory. */
class Model {
  readonly referrers = [uuidv7(), uuidv7()];
  readonly friends = Array.from({ length: FRIENDS }, () => uuidv7());
  readonly joined = new Map<string, string>();
  readonly ended = new Map<string, 'rewarded' | 'capped' | 'cancelled'>();
  readonly entries: { referrer: string; friend: string; amount: number }[] = [];
  readonly parcels = new Map<string, Parcel>();
  readonly disabled = new Set<string>();
  private deliveries = 0;
  private versions = 0;

  async do(one: Deed): Promise<void> {
    if (one.kind === 'join') await this.join(this.friends[one.who] ?? '', this.referrers[one.by] ?? '');
    else if (one.kind === 'use')
      for (const coupon of couponsOf(this.referrers[one.by] ?? '').slice(-1)) coupon.isUsed = !coupon.isWithdrawn;
    else if (one.kind === 'disable') await this.disable(this.referrers[one.by] ?? '', one.disabled);
    else await this.move(this.friends[one.who] ?? '', one.which, one.kind);
    for (const friend of this.friends) this.judge(friend);
    await atRest();
  }

  private async join(friend: string, referrer: string): Promise<void> {
    const isRefused = this.joined.has(friend) || this.disabled.has(referrer) || this.parcelsOf(friend).length > 0;
    await redeem(referrer, friend).catch(() => undefined);
    if (!isRefused) this.joined.set(friend, referrer);
  }

  private async disable(referrer: string, disabled: boolean): Promise<void> {
    this.versions += 1;
    await disable(referrer, disabled, this.versions);
    if (disabled) this.disabled.add(referrer);
    else this.disabled.delete(referrer);
  }

  private async move(friend: string, which: number, kind: 'buy' | 'cancel' | 'deliver' | 'ask back' | 'give back'): Promise<void> {
    const name = `${friend} ${which}`;
    const parcel = this.parcels.get(name);
    if (kind === 'buy') {
      if (parcel !== undefined) return;
      const purchase = new Purchase(friend);
      this.parcels.set(name, { purchase, state: 'bought', deliveredAs: 0 });
      await purchase.confirm();
    } else if (parcel?.state === 'bought' && kind === 'cancel') {
      parcel.state = 'cancelled';
      await parcel.purchase.to({ status: 'cancelled', kept: 0 });
    } else if (parcel?.state === 'bought' && kind === 'deliver') {
      this.deliveries += 1;
      Object.assign(parcel, { state: 'delivered', deliveredAs: this.deliveries });
      await parcel.purchase.deliver();
    } else if (parcel?.state === 'delivered' && kind === 'ask back') {
      parcel.state = 'asked back';
      await parcel.purchase.to({ status: 'return_requested', openReturn: true });
    } else if (parcel?.state === 'asked back' && kind === 'give back') {
      parcel.state = 'given back';
      await parcel.purchase.giveBack();
    }
  }

  private parcelsOf(friend: string): Parcel[] {
    return [0, 1].flatMap((which) => this.parcels.get(`${friend} ${which}`) ?? []);
  }

  private deciding(friend: string): Parcel | undefined {
    return this.parcelsOf(friend)
      .filter(({ deliveredAs }) => deliveredAs > 0)
      .sort((one, other) => one.deliveredAs - other.deliveredAs)[0];
  }

  stageOf(friend: string): string {
    const open = this.parcelsOf(friend).some(({ state }) => state !== 'cancelled') ? 'ordered' : 'joined';
    return this.ended.get(friend) ?? (this.deciding(friend) === undefined ? open : 'delivered');
  }

  private judge(friend: string): void {
    const referrer = this.joined.get(friend);
    const parcel = this.deciding(friend);
    if (referrer === undefined || parcel === undefined) return;
    const ended = this.ended.get(friend);
    const isGone = parcel.state === 'given back';
    if (ended === 'rewarded' && isGone) this.entries.push({ referrer, friend, amount: -REWARD });
    if (isGone && (ended === undefined || ended === 'rewarded')) this.ended.set(friend, 'cancelled');
    if (isGone || ended !== undefined || parcel.state === 'asked back') return;
    const fits = this.earned(referrer) + REWARD <= CAP * REWARD && this.earned() + REWARD <= BUDGET;
    this.ended.set(friend, this.disabled.has(referrer) ? 'cancelled' : fits ? 'rewarded' : 'capped');
    if (this.ended.get(friend) === 'rewarded') this.entries.push({ referrer, friend, amount: REWARD });
  }

  earned(referrer?: string): number {
    return this.entries
      .filter((entry) => referrer === undefined || entry.referrer === referrer)
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  statsOf(referrer: string) {
    const friends = [...this.joined].filter(([, by]) => by === referrer).map(([friend]) => friend);
    const count = (test: (friend: string) => boolean): number => friends.filter(test).length;
    const ended = (stage: string): number => count((friend) => this.ended.get(friend) === stage);
    const [rewarded, capped, cancelled] = [ended('rewarded'), ended('capped'), ended('cancelled')];
    return {
      ...{ joined: friends.length, ordered: count((friend) => this.parcelsOf(friend).length > 0), rewarded, capped, cancelled },
      ...{ pending: friends.length - rewarded - capped - cancelled, earned: this.earned(referrer), cap: { limit: CAP, used: rewarded } },
    };
  }
}

it('after any history all stages, entries, coupons and figures are those of a model', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(deed, { minLength: 10, maxLength: 40 }), async (deeds) => {
        const model = new Model();
        for (const one of deeds) await model.do(one);
        for (const friend of model.joined.keys()) {
          expect(await statusOf(friend)).toBe(model.stageOf(friend));
          expect(couponsOf(friend).length).toBeLessThanOrEqual(1);
          expect((await ownOf(friend)).welcomeCoupon?.code).toBe(couponsOf(friend)[0]?.code);
        }
        for (const referrer of model.referrers) {
          expect(await statsOf(referrer)).toMatchObject(model.statsOf(referrer));
          const { items, balance } = await standing().rewards({ userId: referrer, limit: 100 });
          const live = couponsOf(referrer).filter(({ isWithdrawn }) => !isWithdrawn);
          expect(items.map(({ amount }) => amount).reverse()).toEqual(
            model.entries.filter((entry) => entry.referrer === referrer).map(({ amount }) => amount),
          );
          expect(balance).toBe(model.earned(referrer) - live.reduce((sum, { value }) => sum + value, 0));
          expect(balance).toBeLessThanOrEqual(0);
        }
        expect(await spent()).toBe(model.earned());
      })
      .beforeEach(anew),
    { numRuns: 12 },
  );
});
