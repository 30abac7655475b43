import { expect, it } from 'vitest';
import { ReceiptOrder } from './receipt-order.ts';

it('no pointer goes back, whatever comes late, and what is kept from somebody stays so', () => {
  const order = new ReceiptOrder();
  const risen = (delivered: number | null, read: number | null) => {
    const receipt = order.risen({ threadId: 'thread', userId: 'reader', delivered, read });
    return [receipt.delivered, receipt.read];
  };
  expect(risen(5, 3)).toEqual([5, 3]);
  expect(risen(4, 4)).toEqual([5, 4]);
  expect(risen(2, null)).toEqual([5, null]);
  expect(risen(null, 1)).toEqual([null, 4]);
  expect(order.risen({ threadId: 'thread', userId: 'other', delivered: 1, read: 1 })).toMatchObject({ delivered: 1, read: 1 });
});
