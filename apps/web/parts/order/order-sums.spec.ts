import { describe, expect, it } from 'vitest';
import type { Schemas } from '#libs/client/client';
import { backFor, lineSum, orderSum } from './order-sums.ts';

type Item = Schemas['Order']['items'][number];

const item = (over: Partial<Item>): Item => ({
  id: 'i',
  productId: 'p',
  variantId: 'v',
  name: 'Kurta',
  sku: 'S',
  size: 'M',
  color: 'Indigo',
  unitPrice: 100_00,
  quantity: 3,
  cancelledQuantity: 0,
  returnedQuantity: 0,
  discount: 0,
  tax: 0,
  total: 300_00,
  ...over,
});

describe('what an order comes to now', () => {
  it('leaves out cancelled and returned units, to the paisa as they are given back', () => {
    expect(lineSum(item({}))).toBe(300_00);
    // A third of ₹100 is given back as ₹33.33, and the last third as the rest.
    const odd = { total: 100_00, discount: 200_00 };
    expect([0, 1, 2, 3].map((count) => lineSum(item({ ...odd, cancelledQuantity: count })))).toEqual([100_00, 66_67, 33_34, 0]);
    expect(lineSum(item({ ...odd, cancelledQuantity: 1, returnedQuantity: 1 }))).toBe(33_34);
  });

  it('keeps the fees until the last unit is gone', () => {
    const order = (items: Item[]) => ({ items, shippingFee: 49_00, codFee: 20_00 }) as Schemas['Order'];
    expect(orderSum(order([item({}), item({ cancelledQuantity: 3 })]))).toBe(300_00 + 69_00);
    expect(orderSum(order([item({ returnedQuantity: 3 }), item({ cancelledQuantity: 3 })]))).toBe(0);
  });

  it('gives back for units what is left of their line, whatever went before', () => {
    const odd = { total: 100_00, discount: 200_00 };
    expect([1, 2, 3].map((units) => backFor(item(odd), units))).toEqual([33_33, 66_66, 100_00]);
    expect(backFor(item({ ...odd, returnedQuantity: 2 }), 1)).toBe(33_34);
    expect(backFor(item({ ...odd, cancelledQuantity: 1 }), 0)).toBe(0);
  });
});
