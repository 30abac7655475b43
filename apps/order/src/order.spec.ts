import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Quote } from '#libs/contracts/product/messages';
import { priceOrder } from './checkout/pricing.ts';
import { containedTaxes, gstRate, splitTax } from './gst.ts';
import { NEXT_STATUSES, type StoredStatus, statusesBefore } from './order.ts';
import { orderNumber } from './order-row.ts';

const quote = (price: number, hsn: string | null = '6211'): Quote => ({
  variantId: '018f0000-0000-7000-8000-000000000001',
  productId: '018f0000-0000-7000-8000-000000000002',
  sku: 'SKU',
  name: 'Kurta',
  brand: 'Aaranya',
  size: 'M',
  color: 'Indigo',
  image: null,
  price,
  hsn,
  categoryIds: [],
  available: 100,
});
const shipping = { fee: 4_900, freeFrom: 99_900 };
const plain = { freeShipping: false, codFee: 0, withinState: true, on: '2026-11-24' };
const lines = fc.array(
  fc
    .record({
      price: fc.integer({ min: 0, max: 2_000_000 }),
      quantity: fc.integer({ min: 1, max: 20 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ price, quantity, share }) => ({ quote: quote(price), quantity, discount: Math.floor(price * quantity * share) })),
  { minLength: 1, maxLength: 50 },
);

describe('what an order costs', () => {
  it('is the sum of its lines and fees, with the tax contained in the lines', () => {
    fc.assert(
      fc.property(lines, fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 9_900 }), (wanted, withinState, freeShipping, codFee) => {
        const order = priceOrder({ ...plain, lines: wanted, shipping, withinState, freeShipping, codFee });
        expect(order.total).toBe(order.lines.reduce((sum, { total }) => sum + total, 0) + order.shippingFee + order.codFee);
        expect(order.total).toBe(order.subtotal - order.discount + order.shippingFee + order.codFee);
        if (freeShipping) expect(order.shippingFee).toBe(0);
        for (const {
          quote: { price },
          quantity,
          discount,
          total,
          taxes,
        } of order.lines) {
          const tax = taxes.cgst + taxes.sgst + taxes.igst;
          expect(taxes.cgst).toBe(taxes.sgst);
          expect(total).toBe(price * quantity - discount);
          expect(tax).toBeGreaterThanOrEqual(0);
          expect(tax).toBeLessThanOrEqual(total);
        }
        const { cgst, sgst, igst } = order.tax;
        expect(cgst + sgst + igst).toBe(order.lines.reduce((sum, { taxes }) => sum + taxes.cgst + taxes.sgst + taxes.igst, 0));
        expect(withinState ? igst : cgst + sgst).toBe(0);
        expect([cgst, sgst, igst, order.total, order.shippingFee].every((amount) => Number.isSafeInteger(amount) && amount >= 0)).toBe(
          true,
        );
      }),
    );
  });

  it('is never 1 to 99 paise, which Razorpay would not take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 60 }), (price, fee) => {
        const { total } = priceOrder({
          ...plain,
          lines: [{ quote: quote(price), quantity: 1, discount: 0 }],
          shipping: { fee, freeFrom: 1_000 },
        });
        expect(total === 0 || total >= 100).toBe(true);
      }),
    );
  });

  it('adds shipping below the limit and none from it on', () => {
    const total = (price: number): number =>
      priceOrder({ ...plain, lines: [{ quote: quote(price), quantity: 1, discount: 0 }], shipping }).total;
    expect([total(99_899), total(99_900)]).toEqual([104_799, 99_900]);
  });
});

describe('GST', () => {
  it.each([
    ['apparel at the slab', '6211', 262_500, 1, '2026-11-24', 5],
    ['apparel one paisa above the slab', '6211', 262_501, 1, '2026-11-24', 18],
    ['three pieces at the slab', '6204', 787_500, 3, '2026-11-24', 5],
    ['apparel the day before the rates changed', '6211', 262_500, 1, '2025-09-21', 12],
    ['footwear', '6403', 100_000, 1, '2026-11-24', 5],
    ['a silk saree', '5007', 900_000, 1, '2026-11-24', 5],
    ['a bag', '4202', 100_000, 1, '2026-11-24', 18],
    ['imitation jewellery', '7117', 100_000, 1, '2026-11-24', 3],
    ['goods without an HSN code', null, 100_000, 1, '2026-11-24', 18],
  ])('of %s', (_name, hsn, total, quantity, on, rate) => {
    expect(gstRate({ hsn, total, quantity }, on)).toBe(rate);
  });

  it('is rounded half up to the paisa, as exact arithmetic says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), fc.constantFrom(3, 5, 12, 18), (total, rate) => {
        const rounded = (divisor: bigint): number => Number((BigInt(total) * BigInt(rate) * 2n + divisor) / (2n * divisor));
        const half = rounded(BigInt(200 + 2 * rate));
        expect(containedTaxes(total, rate, true)).toEqual({ cgst: half, sgst: half, igst: 0 });
        expect(containedTaxes(total, rate, false)).toEqual({ cgst: 0, sgst: 0, igst: rounded(BigInt(100 + rate)) });
      }),
    );
  });

  it('is the same in both halves of an order of twelve odd lines', () => {
    const lines = Array.from({ length: 12 }, (_, index) => ({ quote: quote(49_900 + 100 * index), quantity: 1, discount: 0 }));
    const { cgst, sgst } = priceOrder({ ...plain, lines, shipping }).tax;
    expect(cgst).toBe(sgst);
  });

  it('keeps the odd paisa of a line sold before the halves were equal', () => {
    expect(splitTax(101, true)).toEqual({ cgst: 50, sgst: 51, igst: 0 });
    expect(splitTax(101, false)).toEqual({ cgst: 0, sgst: 0, igst: 101 });
  });
});

describe('statuses', () => {
  it('names only known ones, and nothing leads back to where an order began', () => {
    const known = Object.keys(NEXT_STATUSES) as StoredStatus[];
    for (const next of Object.values(NEXT_STATUSES)) for (const status of next) expect(known).toContain(status);
    expect(statusesBefore('placing')).toEqual([]);
    expect(statusesBefore('pending_payment')).toEqual(['placing']);
    expect(statusesBefore('confirmed')).toEqual(['placing', 'pending_payment', 'expired']);
  });
});

describe('order numbers', () => {
  it('carry the day and cannot be guessed from one another', () => {
    const numbers = new Set(Array.from({ length: 1_000 }, () => orderNumber(new Date('2026-11-24T10:00:00Z'))));
    expect(numbers.size).toBe(1_000);
    expect([...numbers].every((number) => /^OU261124-[2-9A-HJKMNP-TV-Z]{8}$/.test(number))).toBe(true);
  });

  it.each([
    ['2026-12-01T18:29:59.999Z', 'OU261201-'],
    ['2026-12-01T18:30:00.000Z', 'OU261202-'],
    ['2026-12-31T19:00:00.000Z', 'OU270101-'],
  ])('carry the day in India at %s', (at, beginning) => {
    expect(orderNumber(new Date(at)).startsWith(beginning)).toBe(true);
  });
});
