import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '#libs/persistence/database';
import { codeOf } from '#libs/testing/builders';
import { BulkHandlers } from '../src/bulk.handlers.ts';
import { CouponReactions } from '../src/coupon.reactions.ts';
import { CouponRepository } from '../src/coupon.repository.ts';
import { HoldRepository } from '../src/hold.repository.ts';
import { call, close, coupons, create, hold, holds, open, replicas, stock, unknownVariants, usage, VARIANT } from './coupon-fixture.ts';

/** What comes late, twice, in another order, or as nobody would send it. */

beforeAll(open);
afterAll(close);

const first = (): NestFastifyApplication => replicas[0] as NestFastifyApplication;
const tell = (event: 'confirmed' | 'voided', orderId: string, userId: string): Promise<void> =>
  first()
    .get(Database)
    .transaction(async (transaction) => {
      const delivery = { eventId: uuidv7(), version: 1, requestId: 'r', transaction };
      const reactions = first().get(CouponReactions);
      if (event === 'voided') return reactions.onOrderVoided({ orderId, userId }, delivery);
      return reactions.onOrderConfirmed([{ orderId, userId, cartVersion: null, lines: [] }], delivery);
    });

describe('a user who was erased', () => {
  it('is named by no coupon any more; one that named nobody else is nobody’s, and uses stay', async () => {
    const [gone, other] = [uuidv7(), uuidv7()];
    const [own, shared] = [await create({ userIds: [gone] }), await create({ userIds: [gone, other] })];
    const orderId = uuidv7();
    expect((await hold(own.code, { userId: gone, orderId })).held).toBe(true);
    await first()
      .get(Database)
      .transaction((transaction) =>
        first()
          .get(CouponReactions)
          .onAuthErased({ userId: gone, at: new Date().toISOString() }, { eventId: uuidv7(), version: 1, requestId: 'r', transaction }),
      );
    const named = async (id: string): Promise<readonly string[] | null | undefined> =>
      (await first().get(CouponRepository).find(id))?.user_ids;
    expect([await named(own.id), await named(shared.id)]).toEqual([[], [other]]);
    expect((await hold(own.code, { userId: uuidv7() })).held).toBe(false);
    expect((await usage(own)).items.map((use) => use.orderId)).toEqual([orderId]);
  });
});

describe('an order that was confirmed and voided', () => {
  it.each([
    [['confirmed', 'voided']],
    [['voided', 'confirmed']],
    [['confirmed', 'confirmed', 'voided', 'voided']],
    [['voided', 'confirmed', 'confirmed']],
  ] as const)('does not count as a first order, heard as %j', async (events) => {
    const [userId, orderId] = [uuidv7(), uuidv7()];
    const coupon = await create({ firstOrderOnly: true });
    for (const event of events) await tell(event, orderId, userId);
    expect((await hold(coupon.code, { userId })).held).toBe(true);
  });

  it('leaves the other confirmed orders counted', async () => {
    const [userId, one] = [uuidv7(), uuidv7()];
    const coupon = await create({ firstOrderOnly: true });
    await tell('confirmed', one, userId);
    await tell('confirmed', uuidv7(), userId);
    await tell('voided', one, userId);
    await tell('voided', one, userId);
    expect((await hold(coupon.code, { userId })).held).toBe(false);
  });

  it('gives its redeemed use back once', async () => {
    const [userId, orderId] = [uuidv7(), uuidv7()];
    const coupon = await create();
    await hold(coupon.code, { userId, orderId });
    await holds.commit({ orderId });
    await hold(coupon.code, { userId });
    await tell('voided', orderId, userId);
    await tell('voided', orderId, userId);
    await holds.release({ orderId });
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 1, spent: 10_000 });
  });
});

describe('late money', () => {
  it('does not make a second first order', async () => {
    const [userId, orderId] = [uuidv7(), uuidv7()];
    const coupon = await create({ firstOrderOnly: true });
    await hold(coupon.code, { userId, orderId });
    await holds.release({ orderId });
    await tell('confirmed', uuidv7(), userId);
    expect(await holds.commit({ orderId })).toEqual({ redeemed: false });
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 0, spent: 0 });
  });

  it('takes a use again once, however often it is told', async () => {
    const coupon = await create({ usageLimit: 1 });
    const orderId = uuidv7();
    await hold(coupon.code, { orderId });
    await holds.release({ orderId });
    const answers = await Promise.all(Array.from({ length: 8 }, () => holds.commit({ orderId })));
    expect(answers.every(({ redeemed }) => redeemed)).toBe(true);
    expect(await usage(coupon)).toMatchObject({ used: 1, held: 0, spent: 10_000 });
  });
});

describe('hold, commit and release in any order and any number', () => {
  it('end with as many uses counted as the last state says', async () => {
    const step = fc.constantFrom('hold' as const, 'commit' as const, 'release' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
        const coupon = await create({ usageLimit: 1, perUserLimit: 1, budget: 10_000 });
        const [orderId, userId] = [uuidv7(), uuidv7()];
        // The saga's rules by hand: a hold only as the first word, late money takes a released one again.
        let state: 'none' | 'barred' | 'held' | 'redeemed' | 'released' = 'none';
        for (const one of steps) {
          if (one === 'hold') {
            if (state === 'none') state = 'held';
            expect((await hold(coupon.code, { orderId, userId })).held).toBe(state === 'held' || state === 'redeemed');
          } else if (one === 'commit') {
            if (state === 'held' || state === 'released') state = 'redeemed';
            expect((await holds.commit({ orderId })).redeemed).toBe(state === 'redeemed');
          } else {
            if (state === 'none') state = 'barred';
            else if (state !== 'barred') state = 'released';
            await holds.release({ orderId });
          }
        }
        const [used, held] = [state === 'redeemed' ? 1 : 0, state === 'held' ? 1 : 0];
        expect(await usage(coupon)).toMatchObject({ used, held, spent: (used + held) * 10_000 });
      }),
      { numRuns: 60 },
    );
  });
});

describe('guesses', () => {
  it('cost the same questions whether the code never was, is over, or is somebody else’s', async () => {
    const [over, foreign] = await Promise.all([
      create({ startsAt: '2025-01-01T00:00:00.000Z', endsAt: '2025-01-02T00:00:00.000Z' }),
      create({ userIds: [uuidv7()] }),
    ]);
    const asked = vi.spyOn(first().get(HoldRepository), 'customer');
    const work: number[] = [];
    for (const code of ['NOSUCHCODE', over.code, foreign.code, '\0', 'é']) {
      asked.mockClear();
      await coupons.validate({ code }, call());
      work.push(asked.mock.calls.length);
    }
    asked.mockRestore();
    expect(work).toEqual([1, 1, 1, 1, 1]);
  });

  it('that no code can look like are unknown, not a fault of ours', async () => {
    const nothing = { valid: false, discount: 0, lines: [{ variantId: VARIANT, discount: 0 }], reason: 'not_valid' };
    for (const code of ['\0', 'A\0B', '   ', '%', "'; --", '🎉'.repeat(20), 'X'.repeat(100)]) {
      expect(await coupons.validate({ code }, call())).toEqual(nothing);
      expect(await codeOf(coupons.redeem({ code, orderId: uuidv7() }, call()))).toBe('coupon.not_applicable');
    }
  });
});

describe('validate', () => {
  it('names the variant that does not exist', async () => {
    const unknown = uuidv7();
    unknownVariants.add(unknown);
    const items = [
      { variantId: VARIANT, quantity: 1 },
      { variantId: unknown, quantity: 1 },
    ];
    await expect(coupons.validate({ code: 'ANY', items }, call())).rejects.toMatchObject({
      code: 'validation_failed',
      fields: { errors: [{ path: 'items.1.variantId' }] },
    });
  });

  it('counts of the cart only what is there in full', async () => {
    const coupon = await create({ kind: 'percent', value: 10 });
    stock.available = 1;
    const verdict = await coupons.validate({ code: coupon.code }, call());
    stock.available = 10;
    expect(verdict).toMatchObject({ valid: false, lines: [], reason: 'no_matching_items' });
  });
});

describe('a withdrawn coupon', () => {
  it('gives nothing any more, and its uses stay on record', async () => {
    const coupon = await create();
    const orderId = uuidv7();
    await hold(coupon.code, { orderId });
    await coupons.remove({ id: coupon.id }, call(undefined, 'admin'));
    expect(await usage(coupon)).toMatchObject({ held: 1, items: [{ orderId }] });
    expect(await holds.commit({ orderId })).toEqual({ redeemed: true });
    expect((await hold(coupon.code)).held).toBe(false);
    expect(await usage(coupon)).toMatchObject({ used: 1, held: 0 });
  });
});

describe('usage', () => {
  it('pages newest first, without those that were given back', async () => {
    const coupon = await create();
    const orders = Array.from({ length: 5 }, () => uuidv7());
    for (const orderId of orders) await hold(coupon.code, { orderId });
    await holds.release({ orderId: orders[2] as string });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await coupons.usage({ id: coupon.id, limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ orderId }) => orderId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([4, 3, 1, 0].map((index) => orders[index]));
  });
});

describe('a bulk job', () => {
  const times = { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2030-01-01T00:00:00.000Z' };

  it('whose terms name a thousand products is finished too', async () => {
    const productIds = Array.from({ length: 1_000 }, () => uuidv7());
    const template = { kind: 'fixed', value: 5_000, ...times, appliesTo: { productIds } } as const;
    const bulk = first().get(BulkHandlers);
    const { id } = await bulk.createBulk({ count: 2_000, template }, call(undefined, 'admin'));
    while ((await bulk.bulk({ id })).status !== 'done') await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await bulk.bulk({ id })).done).toBe(2_000);
  });

  it('does not put its codes on the public list', async () => {
    const template = { kind: 'fixed', value: 5_000, ...times, public: true } as const;
    expect(await codeOf(first().get(BulkHandlers).createBulk({ count: 1, template }, call(undefined, 'admin')))).toBe('validation_failed');
  });
});
