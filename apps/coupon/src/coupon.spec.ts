import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BasketLine } from '#libs/contracts/coupon/messages';
import { type CouponRow, normalised, randomCode } from './coupon.ts';
import { evaluate, split } from './coupon-engine.ts';
import { changed, newCoupon } from './coupon-input.ts';
import type { Facts } from './coupon-rules.ts';

const NOW = new Date('2026-11-24T10:00:00Z');
const USER = '018f0000-0000-7000-8000-00000000000a';
const facts: Facts = { now: NOW, userId: USER, paymentMethod: undefined, isFirstOrder: true, usesOfUser: new Map() };

let made = 0;
const coupon = (change: Partial<CouponRow> = {}): CouponRow => {
  made += 1;
  return {
    id: `018f0000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    code: `CODE${made}`,
    kind: 'percent',
    value: 10,
    rules: {},
    user_ids: null,
    told_user_ids: [],
    starts_at: new Date('2026-01-01T00:00:00Z'),
    ends_at: new Date('2027-01-01T00:00:00Z'),
    usage_limit: null,
    per_user_limit: null,
    budget: null,
    automatic: false,
    stackable: false,
    public: true,
    active: true,
    withdrawn_at: null,
    created_at: new Date('2026-01-01T00:00:00Z'),
    uses: 0,
    spent: 0,
    ...change,
  };
};
const line = (unitPrice: number, quantity = 1, change: Partial<BasketLine> = {}): BasketLine => ({
  variantId: `018f0000-0000-7000-8000-${String(unitPrice).padStart(12, '0')}`,
  productId: 'p',
  categoryIds: ['women'],
  brand: 'Aaranya',
  unitPrice,
  quantity,
  ...change,
});
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const ask = (lines: BasketLine[], code: CouponRow | null | undefined, promotions: CouponRow[] = [], known: Partial<Facts> = {}) =>
  evaluate({ lines, promotions, code, facts: { ...facts, ...known } });

const anyLine = fc.record({
  price: fc.integer({ min: 0, max: 500_000 }),
  quantity: fc.integer({ min: 1, max: 20 }),
  brand: fc.constantFrom('Aaranya', 'Kesar'),
});
const anyCoupon = fc.record({
  kind: fc.constantFrom('percent' as const, 'fixed' as const, 'free_shipping' as const, 'buy_x_get_y' as const),
  percent: fc.integer({ min: 1, max: 100 }),
  amount: fc.integer({ min: 1, max: 1_000_000 }),
  cap: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
  budget: fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: null }),
  stackable: fc.boolean(),
  brand: fc.boolean(),
  buy: fc.integer({ min: 1, max: 4 }),
  get: fc.integer({ min: 1, max: 3 }),
});
const built = (one: typeof anyCoupon extends fc.Arbitrary<infer T> ? T : never, automatic: boolean): CouponRow =>
  coupon({
    kind: one.kind,
    value: one.kind === 'percent' ? one.percent : one.kind === 'fixed' ? one.amount : 0,
    rules: {
      ...(one.cap === undefined ? {} : { maxDiscount: one.cap }),
      ...(one.brand ? { appliesTo: { brands: ['kesar'] } } : {}),
      ...(one.kind === 'buy_x_get_y' ? { buy: { quantity: one.buy }, get: { quantity: one.get, percent: one.percent } } : {}),
    },
    budget: one.budget,
    stackable: one.stackable,
    automatic,
  });

describe('the engine', () => {
  it('never takes more off a line than it is worth, and its uses add up to its discounts', () => {
    fc.assert(
      fc.property(
        fc.array(anyLine, { minLength: 1, maxLength: 12 }),
        fc.array(anyCoupon, { maxLength: 3 }),
        fc.option(anyCoupon, { nil: undefined }),
        (wanted, promotions, code) => {
          const lines = wanted.map(({ price, quantity, brand }, index) => line(price, quantity, { brand, variantId: String(index) }));
          const given = code === undefined ? undefined : built(code, false);
          const question = { lines, promotions: promotions.map((one) => built(one, true)), code: given, facts };
          const { discounts, uses, byCode, failed } = evaluate(question);
          for (const [index, { unitPrice, quantity }] of lines.entries()) {
            const discount = discounts[index] ?? Number.NaN;
            expect(Number.isSafeInteger(discount) && discount >= 0 && discount <= unitPrice * quantity).toBe(true);
          }
          expect(sum(uses.map(({ discount }) => discount))).toBe(sum(discounts));
          for (const { coupon: used, discount } of uses) {
            expect(discount).toBeLessThanOrEqual(used.rules.maxDiscount ?? Number.MAX_SAFE_INTEGER);
            expect(discount).toBeLessThanOrEqual(used.budget ?? Number.MAX_SAFE_INTEGER);
          }
          if (uses.length > 1) expect(uses.every(({ coupon: used }) => used.stackable)).toBe(true);
          expect(uses.some(({ coupon: used }) => used === given)).toBe(given !== undefined && failed === undefined);
          if (failed !== undefined) expect(sum(byCode)).toBe(0);
          expect(evaluate(question)).toEqual({ discounts, uses, byCode, failed, freeShipping: evaluate(question).freeShipping });
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('splits an amount into shares that add up to it and stay within a paisa of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (weights, share) => {
          const amount = Math.floor(sum(weights) * share);
          const parts = split(amount, weights);
          expect(sum(parts)).toBe(sum(weights) === 0 ? 0 : amount);
          for (const [index, part] of parts.entries()) expect(part <= (weights[index] ?? 0) && part >= 0).toBe(true);
        },
      ),
    );
  });

  it('rounds percentages down on the whole, not line by line', () => {
    expect(ask([line(333), line(334), line(335)], coupon({ value: 10 })).discounts).toEqual([33, 33, 34]);
  });

  it('rewards the cheapest units of each full set', () => {
    const offer = coupon({ kind: 'buy_x_get_y', value: 0, rules: { buy: { quantity: 2 }, get: { quantity: 1, percent: 100 } } });
    expect(ask([line(50_000, 2), line(30_000, 2), line(20_000, 2)], offer).discounts).toEqual([0, 0, 40_000]);
    expect(ask([line(50_000, 2)], offer).failed).toMatchObject({ reason: 'too_few_items', hint: 'Add 1 more item of this offer' });
  });

  it('rewards units at what the promotions before left of them', () => {
    const half = coupon({ automatic: true, stackable: true, value: 50 });
    const rules = { buy: { quantity: 1 }, get: { quantity: 1, percent: 100 } };
    const offer = coupon({ kind: 'buy_x_get_y', value: 0, stackable: true, rules });
    expect(ask([line(10_000, 2)], offer, [half]).discounts).toEqual([15_000]);
  });

  it('is exact for amounts whose products are above what a number holds', () => {
    expect(ask([line(99_999_999_991, 911)], coupon({ value: 99 })).discounts).toEqual([90_188_999_991_882]);
  });

  it('puts the code on top of stackable promotions, and takes whichever saves more where they cannot be combined', () => {
    const lines = [line(100_000)];
    const promotion = coupon({ automatic: true, stackable: true, value: 10 });
    expect(ask(lines, coupon({ stackable: true, value: 10 }), [promotion]).discounts).toEqual([19_000]);
    expect(ask(lines, coupon({ value: 20 }), [promotion])).toMatchObject({ discounts: [20_000], failed: undefined });
    expect(ask(lines, coupon({ value: 10 }), [promotion])).toMatchObject({ discounts: [10_000], failed: undefined });
    expect(ask(lines, coupon({ value: 5 }), [promotion])).toMatchObject({ discounts: [10_000], failed: { reason: 'not_combinable' } });
  });
});

describe('a rule that is not met says what would satisfy it', () => {
  const lines = [line(75_950)];
  it.each([
    ['min_subtotal', coupon({ rules: { minSubtotal: 99_900 } }), {}, 'Add ₹239.50'],
    ['usage_limit', coupon({ usage_limit: 3, uses: 3 }), {}, 'This code has been used as often as it can be'],
    ['first_order_only', coupon({ rules: { firstOrderOnly: true } }), { isFirstOrder: false }, 'This code is for a first order'],
    [
      'payment_method',
      coupon({ rules: { paymentMethods: ['razorpay'] } }),
      { paymentMethod: 'cod' },
      'Pay by card, UPI or net banking to use this code',
    ],
    ['no_matching_items', coupon({ rules: { appliesTo: { brands: ['Kesar'] } } }), {}, 'Nothing in the cart is part of this offer'],
    ['budget', coupon({ budget: 10_000, spent: 5_000 }), {}, 'This offer is used up'],
    ['sign_in', coupon({ per_user_limit: 1 }), { userId: null }, 'Sign in to use this code'],
  ])('%s', (reason, code, known, hint) => {
    expect(ask(lines, code, [], known).failed).toEqual({ reason, hint });
  });

  it('but a stranger learns nothing', () => {
    const secrets = [
      null,
      coupon({ active: false }),
      coupon({ withdrawn_at: NOW }),
      coupon({ ends_at: NOW }),
      coupon({ starts_at: new Date(NOW.getTime() + 1) }),
      coupon({ user_ids: ['018f0000-0000-7000-8000-00000000000b'] }),
    ];
    for (const secret of secrets) expect(ask(lines, secret).failed).toEqual({ reason: 'not_valid' });
  });
});

describe('input', () => {
  const times = { startsAt: '2026-11-01T00:00:00.000Z', endsAt: '2026-12-01T00:00:00.000Z' };

  it('is refused where the terms cannot work, by the field', () => {
    const problems = (change: object): string[] => {
      try {
        newCoupon({ kind: 'percent', value: 10, ...times, ...change } as never);
        return [];
      } catch (error) {
        return (error as { fields: { errors: { path: string }[] } }).fields.errors.map(({ path }) => path);
      }
    };
    expect(problems({})).toEqual([]);
    expect(problems({ value: 101 })).toEqual(['value']);
    expect(problems({ kind: 'free_shipping', value: 5 })).toEqual(['value']);
    expect(problems({ kind: 'buy_x_get_y', value: 0 })).toEqual(['buy', 'get']);
    expect(problems({ buy: { quantity: 1 } })).toEqual(['buy']);
    expect(problems({ endsAt: times.startsAt })).toEqual(['endsAt']);
    expect(problems({ paymentMethods: ['cheque'] })).toEqual(['paymentMethods']);
    expect(problems({ appliesTo: {} })).toEqual(['appliesTo']);
    expect(problems({ code: 'a b' })).toEqual(['code']);
  });

  it('changes what is given, removes what is null and keeps the rest', () => {
    const row = coupon({ rules: { maxDiscount: 5_000, minSubtotal: 10_000 }, usage_limit: 5 });
    expect(changed(row, { id: row.id, value: 20, minSubtotal: null })).toMatchObject({
      value: 20,
      rules: { maxDiscount: 5_000 },
      usage_limit: 5,
      code: row.code,
    });
  });
});

describe('codes', () => {
  it('ignore case and spaces, and made ones do not repeat', () => {
    expect(normalised(' fest ive\t500 ')).toBe('FESTIVE500');
    expect(new Set(Array.from({ length: 5_000 }, () => randomCode('x'))).size).toBe(5_000);
    expect(randomCode('x')).toMatch(/^X[2-9A-HJ-NP-Z]{13}$/);
  });
});
