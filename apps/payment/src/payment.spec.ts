import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAYMENT_STATES } from '#libs/contracts/payment/views';

import {
  cashIdOf,
  nextCheckAfter,
  ORDER_SOURCES,
  PAYMENT_MOVES,
  PAYMENT_SOURCES,
  REFUND_SOURCES,
  receiptOf,
  refundKeyOf,
  refundOfReceipt,
  refundReceiptOf,
} from './payment.ts';
import { isRazorpayId, readItems, readOrder, readPayment } from './razorpay-objects.ts';
import { checkoutMessage, isSignedBy } from './razorpay-signature.ts';

describe('states of a payment', () => {
  it('can be walked forward only: no sequence of moves comes back to a state', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PAYMENT_STATES), { maxLength: 30 }), (reports) => {
        const visited = ['created'];
        for (const report of reports) {
          if (PAYMENT_MOVES[visited.at(-1) as 'created'].includes(report)) visited.push(report);
        }
        expect(new Set(visited).size).toBe(visited.length);
      }),
    );
  });

  it('lets a failed payment still be authorised or captured, and a captured one only be refunded', () => {
    expect(PAYMENT_MOVES.failed).toEqual(expect.arrayContaining(['authorized', 'captured']));
    expect(PAYMENT_MOVES.captured).toEqual(['refunded']);
  });

  it('is the same table for conditional updates', () => {
    expect(PAYMENT_SOURCES.captured).toEqual(['created', 'failed', 'authorized']);
    expect(ORDER_SOURCES.attempted).toEqual(['created']);
    expect(REFUND_SOURCES.processed).toEqual(['pending']);
  });
});

describe('names at Razorpay', () => {
  it('gives every attempt at a refund a receipt of its own, of at most 40 characters, that leads back to it', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 99_999 }), (id, attempt) => {
        expect(refundReceiptOf(id, attempt).length).toBeLessThanOrEqual(40);
        expect(refundOfReceipt(refundReceiptOf(id, attempt))).toEqual({ id, attempt });
      }),
    );
    expect(refundReceiptOf('0190a3c4-0000-7000-8000-000000000000', 1)).toBe(receiptOf('0190a3c4-0000-7000-8000-000000000000'));
    expect(refundOfReceipt('Receipt No. 31')).toBeUndefined();
    expect(refundOfReceipt(null)).toBeUndefined();
  });

  it('gives every attempt at a refund a key of its own, which Razorpay takes', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 99_999 }), (id, attempt) => {
        expect(refundKeyOf(id, attempt)).toMatch(/^[A-Za-z0-9_-]{10,}$/);
        expect(refundKeyOf(id, attempt)).not.toBe(refundKeyOf(id, attempt + 1));
      }),
    );
  });

  it("gives the cash of an order an id that fits and is nobody else's", () => {
    fc.assert(fc.property(fc.uuid(), (id) => cashIdOf(id).length <= 40 && !isRazorpayId('payment', cashIdOf(id))));
  });

  it.each(['../orders/order_00000000000001', 'pay_short', 'pay_000000000000001', 'pay_0000000000000/', 'pay_00000000000001\n', '', 7])(
    'takes %j for no payment id',
    (id) => expect(isRazorpayId('payment', id)).toBe(false),
  );

  it('reads objects with notes as a list and refuses amounts that are not whole paise', () => {
    const payment = {
      id: 'pay_00000000000001',
      order_id: 'order_00000000000001',
      amount: 100,
      currency: 'INR',
      status: 'captured',
      notes: [],
    };
    expect(readPayment(payment)).toMatchObject({ status: 'captured', method: null });
    expect(readPayment({ ...payment, amount: 99.5 })).toBeUndefined();
    expect(readPayment({ ...payment, amount: '100' })).toBeUndefined();
    expect(readPayment({ ...payment, status: 'stolen' })).toBeUndefined();
    expect(readOrder('<html>')).toBeUndefined();
    expect(readItems({ items: [payment, {}] }, readPayment)).toBeUndefined();
  });
});

describe('signatures', () => {
  const secret = 'EnLs21M47BllR3X8PSFtjtbd';
  const message = checkoutMessage('order_IEIaMR65cu6nz3', 'pay_IH4NVgf4Dreq1l');
  const signature = '0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f';

  it("accepts Razorpay's published example", () => {
    expect(isSignedBy([secret], message, signature)).toBe(true);
    expect(isSignedBy(['another secret', secret], message, signature)).toBe(true);
  });

  it('refuses it with any character changed, cut or added', () => {
    for (let at = 0; at < signature.length; at += 1) {
      const changed = signature[at] === '0' ? '1' : '0';
      expect(isSignedBy([secret], message, signature.slice(0, at) + changed + signature.slice(at + 1))).toBe(false);
    }
    expect(isSignedBy([secret], message, signature.slice(1))).toBe(false);
    expect(isSignedBy([secret], message, `${signature}0`)).toBe(false);
    expect(isSignedBy([secret], message, '')).toBe(false);
    expect(isSignedBy([secret], message, signature.toUpperCase())).toBe(false);
  });

  it('refuses it for every other message and secret', () => {
    expect(isSignedBy([secret], checkoutMessage('order_IEIaMR65cu6nz4', 'pay_IH4NVgf4Dreq1l'), signature)).toBe(false);
    expect(isSignedBy(['another secret'], message, signature)).toBe(false);
    expect(isSignedBy([], message, signature)).toBe(false);
  });
});

describe('patience', () => {
  it('asks about an unpaid order ever more rarely, for a week', () => {
    expect(nextCheckAfter(1, 600, 600)).toBe(600);
    expect(nextCheckAfter(3, 3_000, 600)).toBe(2_400);
    expect(nextCheckAfter(30, 86_400, 600)).toBe(6 * 3_600);
    expect(nextCheckAfter(30, 8 * 86_400, 600)).toBeNull();
  });
});
