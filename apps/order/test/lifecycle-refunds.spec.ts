import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GiveBack, RefundDue } from '#libs/contracts/order/messages';
import type { Order } from '#libs/contracts/order/views';
import type { RefundState } from '#libs/contracts/payment/views';

import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import {
  customer,
  eventsOf,
  itemOf,
  type LifecycleFixture,
  PRICES,
  payment,
  paymentOf,
  startLifecycleFixture,
  sumOf,
  USER,
} from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());
afterEach(() => fixture.clear());

type Asking = Partial<Omit<GiveBack, 'orderId'>>;
const giveBack = (order: Order, asking: Asking = {}): Promise<RefundDue> =>
  fixture.lifecycle.giveBack({ refundId: uuidv7(), orderId: order.id, userId: null, reason: 'sorry', ...asking }, payment());
const onTheRoad = async (wish: Parameters<LifecycleFixture['bought']>[0] = {}): Promise<Order> =>
  fixture.moved(await fixture.bought(wish), 'packed', 'shipped');
const word = (due: RefundDue, status: RefundState, attempt?: number): Promise<void> =>
  fixture.database.transaction((transaction) =>
    fixture.refundOutcomes.apply(
      { refundId: due.refundId, orderId: due.orderId, amount: due.amount, status, ...(attempt === undefined ? {} : { attempt }) },
      transaction,
    ),
  );
const money = async ({ id }: Order): Promise<[string, number]> => {
  const { paymentStatus, refundedAmount } = await fixture.read(id);
  return [paymentStatus, refundedAmount];
};

describe('goodwill of staff', () => {
  it('moves the payment status alone and leaves the goods with the customer', async () => {
    const order = await onTheRoad({ quantities: [2] });
    await fixture.clear();
    const due = await giveBack(order, { amount: 5_000 });
    expect(due).toMatchObject({ orderId: order.id, userId: USER, paymentId: paymentOf(order), amount: 5_000, reason: 'sorry' });
    const now = await fixture.read(order.id);
    expect([now.status, now.paymentStatus, now.items, now.timeline]).toEqual([
      'shipped',
      'partially_refunded',
      order.items,
      order.timeline,
    ]);
    expect(await fixture.published(order.id)).toEqual([{ event: 'order.refundDue', data: due }]);
    expect(fixture.signals).toMatchObject([{ status: 'shipped', paymentStatus: 'partially_refunded' }]);
  });

  it('without an amount is all that is left', async () => {
    const order = await onTheRoad();
    await giveBack(order, { amount: 1_000 });
    expect((await giveBack(order)).amount).toBe(order.total - 1_000);
    expect([(await fixture.read(order.id)).status, ...(await money(order))]).toEqual(['shipped', 'refunded', 0]);
    expect(eventsOf(await fixture.published(order.id), 'voided')).toHaveLength(1);
    expect(await codeOf(giveBack(order))).toBe('order.nothing_to_refund');
  });

  it('ten times at once never exceeds what was received', async () => {
    const order = await onTheRoad();
    const amount = Math.floor(order.total / 3);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => codeOf(giveBack(order, { amount }))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'order.nothing_to_refund')).toHaveLength(7);
    expect(sumOf(eventsOf(await fixture.published(order.id), 'refundDue'), 'amount')).toBe(3 * amount);
  });

  it('is the same for the same refund, however often it is asked for', async () => {
    const order = await onTheRoad();
    const refundId = uuidv7();
    const repeats = await Promise.all(Array.from({ length: 5 }, () => giveBack(order, { refundId, amount: 700 })));
    expect(new Set(repeats.map(({ refundId: id, amount }) => `${id} ${amount}`))).toEqual(new Set([`${refundId} 700`]));
    expect(eventsOf(await fixture.published(order.id), 'refundDue')).toHaveLength(1);
    expect(await codeOf(giveBack(await onTheRoad(), { refundId }))).toBe('not_found');
  });

  it('above the limit of who gives it changes nothing', async () => {
    const order = await fixture.bought({ quantities: [2] });
    const items = [{ itemId: itemOf(order, 0), quantity: 1 }];
    expect(await codeOf(giveBack(order, { items, limit: PRICES[0] - 1 }))).toBe('order.refund_above_limit');
    expect(await fixture.read(order.id)).toEqual(order);
    expect(await codeOf(giveBack(order, { items, limit: PRICES[0] }))).toBe('ok');
  });

  it('on cash is possible once it was collected', async () => {
    const order = await fixture.moved(await fixture.bought({ method: 'cod' }), 'packed', 'shipped', 'out_for_delivery');
    expect(await codeOf(giveBack(order, { amount: 100 }))).toBe('order.nothing_to_refund');
    await fixture.moved(order, 'delivered');
    expect((await giveBack(order, { amount: 100 })).paymentId).toBeNull();
  });

  it('then a cancel pays only what is left', async () => {
    const order = await fixture.bought({ quantities: [2] });
    await word(await giveBack(order, { amount: 10_000 }), 'processed');
    await fixture.lifecycle.cancel({ id: order.id, reason: 'after all' }, customer());
    expect(eventsOf(await fixture.published(order.id), 'refundDue').map(({ amount }) => amount)).toEqual([10_000, order.total - 10_000]);
    const { creditNotes } = await fixture.read(order.id);
    expect(creditNotes.map(({ amount }) => amount)).toEqual([10_000, order.total - 10_000]);
  });
});

describe('money alone', () => {
  const credited = async ({ id }: Order): Promise<number[]> => (await fixture.read(id)).creditNotes.map(({ amount }) => amount);

  it('is credited once it has gone back, and not while it failed', async () => {
    const order = await onTheRoad({ quantities: [2] });
    await word(await giveBack(order, { amount: 20_000 }), 'failed');
    expect(await credited(order)).toEqual([]);
    const again = await giveBack(order, { amount: 20_000 });
    for (const status of ['processed', 'processed', 'failed'] as const) await word(again, status);
    expect(await credited(order)).toEqual([20_000]);
    expect(await money(order)).toEqual(['partially_refunded', 20_000]);
  });

  it('that went back from the dashboard counts for the order, which then gives back only the rest', async () => {
    const order = await fixture.bought({ quantities: [2] });
    const made = { refundId: uuidv7(), orderId: order.id, paymentId: paymentOf(order), amount: 10_000 };
    const adopt = (status: RefundState, paymentId = made.paymentId): Promise<void> =>
      fixture.database.transaction((transaction) => fixture.refundOutcomes.adopt({ ...made, paymentId, status }, transaction));
    expect(await codeOf(adopt('processed', 'pay_unknown'))).toBe('unavailable');
    await adopt('pending');
    expect(await money(order)).toEqual(['partially_refunded', 0]);
    for (const status of ['processed', 'processed', 'pending'] as const) await adopt(status);
    expect(await money(order)).toEqual(['partially_refunded', 10_000]);
    expect(await credited(order)).toEqual([10_000]);
    await fixture.lifecycle.cancel({ id: order.id, reason: 'after all' }, customer());
    expect(eventsOf(await fixture.published(order.id), 'refundDue').map(({ amount }) => amount)).toEqual([order.total - 10_000]);
    expect(await credited(order)).toEqual([10_000, order.total - 10_000]);
  });

  it('from the dashboard is let go of when it fails', async () => {
    const order = await onTheRoad();
    const made = { refundId: uuidv7(), orderId: order.id, paymentId: paymentOf(order), amount: 10_000 };
    for (const status of ['pending', 'failed', 'failed'] as const)
      await fixture.database.transaction((transaction) => fixture.refundOutcomes.adopt({ ...made, status }, transaction));
    expect(await money(order)).toEqual(['paid', 0]);
    expect(await credited(order)).toEqual([]);
    expect((await giveBack(order)).amount).toBe(order.total);
  });
});

describe('a refund that cancels', () => {
  it('gives the units back with their money', async () => {
    const order = await fixture.bought({ quantities: [2, 1] });
    const due = await giveBack(order, { userId: USER, items: [{ itemId: itemOf(order, 0), quantity: 1 }] });
    expect(due.amount).toBe(PRICES[0]);
    const now = await fixture.read(order.id);
    expect([now.status, now.items[0]?.cancelledQuantity, now.timeline.at(-1)?.actor]).toEqual(['confirmed', 1, 'customer']);
    const rest = await giveBack(order, { userId: USER });
    expect([rest.amount, (await fixture.read(order.id)).status]).toEqual([order.total - PRICES[0], 'cancelled']);
    expect(eventsOf(await fixture.published(order.id), 'stockReturned')).toHaveLength(2);
  });

  it.each([
    ['without an amount', (_: Order) => ({})],
    ['of the whole amount', ({ total }: Order) => ({ amount: total })],
  ])('a full one of a cancellable order, %s, cancels it', async (_name, asking) => {
    const order = await fixture.bought({ quantities: [2] });
    expect((await giveBack(order, asking(order))).amount).toBe(order.total);
    expect([(await fixture.read(order.id)).status, ...(await money(order))]).toEqual(['cancelled', 'refunded', 0]);
    expect((await fixture.published(order.id)).map(({ event }) => event).toSorted()).toEqual([
      'order.refundDue',
      'order.stockReturned',
      'order.voided',
    ]);
  });

  it('is over once the order is shipped: units are refused, to customers all of it', async () => {
    const order = await onTheRoad({ quantities: [2] });
    const items = [{ itemId: itemOf(order, 0), quantity: 1 }];
    expect(await codeOf(giveBack(order, { items }))).toBe('order.not_cancellable');
    expect(await codeOf(giveBack(order, { items, userId: USER }))).toBe('order.not_cancellable');
    expect(await codeOf(giveBack(order, { userId: USER }))).toBe('order.not_cancellable');
  });

  it('is for the own order, and leaves one alone that has paid nothing', async () => {
    const order = await fixture.bought();
    expect(await codeOf(giveBack(order, { userId: uuidv7() }))).toBe('not_found');
    const unpaid = await fixture.placed();
    expect(await codeOf(giveBack(unpaid))).toBe('order.nothing_to_refund');
    const cash = await fixture.bought({ method: 'cod' });
    expect(await codeOf(giveBack(cash, { userId: USER }))).toBe('order.nothing_to_refund');
    expect(await fixture.read(cash.id)).toEqual(cash);
  });
});

describe('goodwill before the sale', () => {
  it('is refused while a paid order is being sold, for all of its money may still go back', async () => {
    const order = await fixture.bought();
    for (const status of ['pending_payment', 'expired']) {
      await fixture.database.execute(sql`UPDATE orders SET status = ${status} WHERE id = ${order.id}`);
      expect(await codeOf(giveBack(order, { amount: 100 }))).toBe('order.nothing_to_refund');
      expect(await codeOf(giveBack(order))).toBe('order.nothing_to_refund');
      expect(await codeOf(giveBack(order, { userId: USER }))).toBe(status === 'expired' ? 'order.not_cancellable' : 'unavailable');
    }
  });
});

describe("payment's word on a refund", () => {
  it('processed counts as given back, once', async () => {
    const order = await onTheRoad();
    const due = await giveBack(order, { amount: 5_000 });
    for (let time = 0; time < 5; time += 1) await word(due, 'processed');
    expect(await money(order)).toEqual(['partially_refunded', 5_000]);
    await word(await giveBack(order), 'processed');
    expect(await money(order)).toEqual(['refunded', order.total]);
    expect(fixture.signals.at(-1)).toMatchObject({ paymentStatus: 'refunded' });
  });

  it('failed frees its money, once', async () => {
    const order = await onTheRoad();
    const due = await giveBack(order);
    expect(await money(order)).toEqual(['refunded', 0]);
    await word(due, 'failed');
    await word(due, 'failed');
    expect(await money(order)).toEqual(['paid', 0]);
    expect((await giveBack(order)).amount).toBe(order.total);
  });

  it('never goes back from processed, nor from failed to pending within an attempt', async () => {
    const order = await onTheRoad();
    const due = await giveBack(order, { amount: 900 });
    await word(due, 'failed', 1);
    await word(due, 'pending', 1);
    expect(await money(order)).toEqual(['paid', 0]);
    await word(due, 'pending', 2);
    expect(await money(order)).toEqual(['partially_refunded', 0]);
    await word(due, 'failed', 1);
    expect(await money(order)).toEqual(['partially_refunded', 0]);
    await word(due, 'processed', 2);
    await word(due, 'failed', 2);
    expect(await money(order)).toEqual(['partially_refunded', 900]);
  });

  it('waits while the money that it had freed is promised elsewhere', async () => {
    const order = await onTheRoad();
    const first = await giveBack(order);
    await word(first, 'failed', 1);
    const second = await giveBack(order);
    expect(await codeOf(word(first, 'pending', 2))).toBe('unavailable');
    await word(second, 'failed', 1);
    await word(first, 'pending', 2);
    expect(await money(order)).toEqual(['refunded', 0]);
  });

  it('on a refund that no order asked for changes nothing', async () => {
    const order = await onTheRoad();
    await word({ refundId: uuidv7(), orderId: order.id, amount: 100 } as RefundDue, 'processed');
    expect(await money(order)).toEqual(['paid', 0]);
  });
});
