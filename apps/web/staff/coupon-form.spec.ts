import { describe, expect, it } from 'vitest';
import { blankCoupon, newCoupon } from './coupon-form.ts';

const TIMES = { startsAt: '2026-11-24T00:00', endsAt: '2026-12-01T10:30' };

describe('the coupon form', () => {
  it('says amounts in paise and times in India, and leaves out what was left empty', () => {
    const values = { ...blankCoupon(), ...TIMES, kind: 'fixed' as const, code: ' festive 500 ', amount: '500.50', minSubtotal: '2,499' };
    expect(newCoupon(values)).toEqual({
      kind: 'fixed',
      value: 500_50,
      code: 'festive 500',
      minSubtotal: 2_499_00,
      startsAt: '2026-11-23T18:30:00.000Z',
      endsAt: '2026-12-01T05:00:00.000Z',
      firstOrderOnly: false,
      automatic: false,
      stackable: false,
      public: true,
    });
  });

  it('has a rule of what to buy and what is rewarded only for the kind that has one', () => {
    const values = { ...blankCoupon(), ...TIMES, method: 'cod', usageLimit: '5' };
    expect(newCoupon({ ...values, kind: 'percent' })).not.toHaveProperty('buy');
    expect(newCoupon({ ...values, kind: 'buy_x_get_y' })).toMatchObject({
      value: 0,
      buy: { quantity: 2 },
      get: { quantity: 1, percent: 100 },
      paymentMethods: ['cod'],
      usageLimit: 5,
    });
  });

  it('never takes a limit that cannot be read for none, or for another', () => {
    const values = { ...blankCoupon(), ...TIMES };
    expect(newCoupon({ ...values, budget: '10,00,00,000', maxDiscount: '100000000' })).toMatchObject({
      budget: 10_00_00_000_00,
      maxDiscount: 10_00_00_000_00,
    });
    for (const text of [',', '50,00', '1,2', '5 lakh', '-1', '1e3', '0x10']) {
      for (const name of ['budget', 'maxDiscount', 'minSubtotal', 'usageLimit', 'perUserLimit'] as const) {
        expect(() => newCoupon({ ...values, [name]: text }), `${name} ${text}`).toThrow(RangeError);
      }
    }
  });
});
