import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CartCoupon } from '#libs/contracts/cart/api';
import { Cart } from '#libs/contracts/cart/views';

import type { Discounts } from '#libs/contracts/coupon/messages';
import type { Quote } from '#libs/contracts/product/messages';
import { availabilityOf } from '#libs/contracts/product/views';
import { readInput } from '#libs/contracts/shape';
import { priceBasket } from '#libs/pricing/basket';
import { basketOf, type Discounting, type KeptCart, type Line, normalisedCode, ownerOf, pricedCart, snapshotOf } from './cart.ts';
import { fromFields, keyIn, toFields } from './cart-value.ts';

const SHIPPING = { fee: 4_900, freeFrom: 99_900 };

const quote = fc.record<Quote>({
  variantId: fc.uuid({ version: 7 }),
  productId: fc.uuid({ version: 7 }),
  sku: fc.constant('KURTA-S'),
  name: fc.string({ minLength: 1, maxLength: 40 }),
  brand: fc.constant('Aaranya'),
  size: fc.constantFrom('S', 'M', 'L|XL', '"32'),
  color: fc.constantFrom('Indigo', 'नीला'),
  image: fc.option(fc.constant('/media/catalogue/kurta.svg')),
  price: fc.integer({ min: 100, max: 5_000_000 }),
  hsn: fc.constant(null),
  categoryIds: fc.constant([]),
  available: fc.integer({ min: 0, max: 30 }),
});

/** A line as it was written, and what product says of it now; undefined when it was withdrawn. */
const line = fc
  .record({
    id: fc.uuid({ version: 7 }),
    quantity: fc.integer({ min: 1, max: 20 }),
    written: quote,
    price: fc.integer({ min: 100, max: 5_000_000 }),
    available: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  })
  .map(({ id, quantity, written, price, available }) => ({
    line: { id, variantId: written.variantId, quantity, written: snapshotOf(written) } satisfies Line,
    now: available === undefined ? undefined : { ...written, price, available },
  }));

const lines = fc.uniqueArray(line, { maxLength: 50, selector: ({ line: { variantId } }) => variantId });

const USER = '01980000-0000-7000-8000-000000000001';
const NOTHING: Discounts = { lines: [], freeShipping: false, uses: false };

const priced = (cart: KeptCart, quotes: ReadonlyMap<string, Quote>, discounting: Discounting = NOTHING) =>
  pricedCart(cart, quotes, basketOf(cart, quotes), discounting, SHIPPING);

const kept = (of: readonly Line[]): KeptCart => ({
  owner: ownerOf(USER),
  version: '5a0c2c53-16e9-4b5b-9ad1-6d6d3c4b8a11',
  sequence: 1_764_000_000_000_000,
  updatedAt: 1_764_000_000_000,
  lines: [...of].sort((one, other) => (one.id < other.id ? -1 : 1)),
  keys: '',
  events: '',
  coupon: '',
  mergedBy: '',
});

describe('a priced cart', () => {
  it('sums up exactly the lines whose whole quantity is there, and fits its contract', () => {
    fc.assert(
      fc.property(lines, (drawn) => {
        const quotes = new Map(drawn.flatMap(({ now }) => (now === undefined ? [] : [[now.variantId, now] as const])));
        const cart = priced(kept(drawn.map(({ line: one }) => one)), quotes);
        let subtotal = 0;
        for (const { line: one, now } of drawn)
          if (now !== undefined && now.available >= one.quantity) subtotal += now.price * one.quantity;
        expect(cart.subtotal).toBe(subtotal);
        expect(cart.shippingFee).toBe(subtotal === 0 || subtotal >= 99_900 ? 0 : 4_900);
        expect(cart.total).toBe(subtotal + cart.shippingFee);
        expect(cart.items).toHaveLength(drawn.length);
        for (const item of cart.items) expect(item.lineTotal).toBe(item.unitPrice * item.quantity - item.discount);
        expect(() => readInput(Cart, JSON.parse(JSON.stringify(cart)))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('costs with a code what an order of the counting lines costs with the same discounts, line by line', () => {
    const share = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 50, maxLength: 50 });
    fc.assert(
      fc.property(lines, share, fc.boolean(), (drawn, shares, freeShipping) => {
        const quotes = new Map(drawn.flatMap(({ now }) => (now === undefined ? [] : [[now.variantId, now] as const])));
        const cart = { ...kept(drawn.map(({ line: one }) => one)), coupon: 'DIWALI' };
        const ordered = cart.lines.flatMap(({ variantId, quantity }, index) => {
          const quote = quotes.get(variantId);
          if (quote === undefined || quote.available < quantity) return [];
          return [
            { variantId, unitPrice: quote.price, quantity, discount: Math.floor((quote.price * quantity * (shares[index] ?? 0)) / 100) },
          ];
        });
        const discounts: Discounts = { lines: ordered, freeShipping, uses: true, code: 'applied', couponCode: 'DIWALI' };
        const answer = priced(cart, quotes, discounts);
        const order = priceBasket({ lines: ordered, shipping: SHIPPING, freeShipping, codFee: 0 });
        const { subtotal, discount, shippingFee, total } = order;
        expect(answer).toMatchObject({ subtotal, discount, shippingFee, total, couponCode: 'DIWALI' });
        expect(answer).not.toHaveProperty('couponProblem');
        const counting = answer.items.filter(({ availability }) => availability !== 'out_of_stock');
        expect(counting.map((item) => item.discount)).toEqual(order.discounts);
        expect(counting.reduce((sum, { lineTotal }) => sum + lineTotal, 0) + answer.shippingFee).toBe(answer.total);
        for (const item of answer.items) expect(item.lineTotal).toBe(item.unitPrice * item.quantity - item.discount);
        expect(() => readInput(Cart, JSON.parse(JSON.stringify(answer)))).not.toThrow();
      }),
      { numRuns: 10_000 },
    );
  });

  it('names the problem of its code, and one that has ended looks like one that never was', () => {
    const cart = { ...kept([]), coupon: 'DIWALI' };
    const problem = (discounting: Discounting) => priced(cart, new Map(), discounting).couponProblem;
    expect(problem({ ...NOTHING, code: 'applied' })).toBeUndefined();
    expect(problem({ ...NOTHING, code: 'not_applicable', reason: 'min_subtotal', hint: 'Add 500' })).toEqual({
      reason: 'min_subtotal',
      hint: 'Add 500',
    });
    expect(problem({ ...NOTHING, code: 'unknown', reason: 'expired', hint: 'Yesterday' })).toEqual({ reason: 'not_valid' });
    expect(problem('unavailable')).toEqual({ reason: 'unavailable' });
    expect(priced(kept([]), new Map(), 'unavailable')).not.toHaveProperty('couponProblem');
  });

  it('says of each line what differs from its last write, and nothing else', () => {
    fc.assert(
      fc.property(lines, (drawn) => {
        const quotes = new Map(drawn.flatMap(({ now }) => (now === undefined ? [] : [[now.variantId, now] as const])));
        const { items } = priced(kept(drawn.map(({ line: one }) => one)), quotes);
        for (const item of items) {
          const written = drawn.find(({ line: one }) => one.id === item.id)?.line.written;
          expect(item.changes?.includes('price') ?? false).toBe(item.unitPrice !== written?.unitPrice);
          expect(item.changes?.includes('availability') ?? false).toBe(item.availability !== written?.availability);
          expect(item.changes).not.toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the last known name and price of a withdrawn variant', () => {
    fc.assert(
      fc.property(line, ({ line: one }) => {
        const { items, total } = priced(kept([one]), new Map());
        expect(items[0]).toMatchObject({ name: one.written.name, unitPrice: one.written.unitPrice, availability: 'out_of_stock' });
        expect(total).toBe(0);
      }),
    );
  });

  it.each([
    [0, 1, 'out_of_stock'],
    [4, 5, 'out_of_stock'],
    [5, 5, 'low_stock'],
    [6, 6, 'in_stock'],
  ] as const)('calls %i units for a quantity of %i %s', (available, quantity, expected) => {
    expect(availabilityOf(available, quantity)).toBe(expected);
  });
});

describe('a code', () => {
  it.each([
    ['  diwali 20 ', 'DIWALI20'],
    ['di\twa\u00a0li', 'DIWALI'],
    ['   ', undefined],
    ['ß'.repeat(21), undefined],
  ])('%j is %j', (code, expected) => {
    expect(normalisedCode(code)).toBe(expected);
  });

  it('is looked up without the characters that nobody sees', () => {
    for (const code of ['DIWALI\u200b10', '\ufeffDIWALI10\u00a0', 'DI\u00adWALI\u206010'])
      expect(readInput(CartCoupon, { userId: '01980000-0000-7000-8000-000000000001', code })).toMatchObject({ code: 'DIWALI10' });
    expect(() => readInput(CartCoupon, { userId: '01980000-0000-7000-8000-000000000001', code: '\u200b\u3164' })).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });
});

describe('the value in Redis', () => {
  it('holds every cart without loss', () => {
    fc.assert(
      fc.property(lines, (drawn) => {
        const cart = { ...kept(drawn.map(({ line: one }) => one)), coupon: 'DIWALI', mergedBy: 'user:2' };
        expect(fromFields(cart.owner, toFields(cart))).toEqual(cart);
      }),
      { numRuns: 100 },
    );
  });

  it('tells a repeat from another body under the same key', () => {
    const cart = { ...kept([]), keys: `${'k'.repeat(22)}:${'b'.repeat(22)}\n` };
    expect(keyIn(cart, { key: 'k'.repeat(22), body: 'b'.repeat(22) })).toBe('same');
    expect(keyIn(cart, { key: 'k'.repeat(22), body: 'c'.repeat(22) })).toBe('reused');
    expect(keyIn(cart, { key: 'x'.repeat(22), body: 'b'.repeat(22) })).toBe('unknown');
  });
});
