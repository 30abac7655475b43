import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '#libs/contracts/order/views';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { sql } from '#libs/persistence/sql';
import { codeOf, inTheEnd } from '#libs/testing/builders';
import {
  COD_FEE,
  customer,
  eventsOf,
  itemOf,
  type LifecycleFixture,
  PRICES,
  paymentOf,
  SHIPPING_FEE,
  staff,
  startLifecycleFixture,
  sumOf,
  USER,
  VARIANTS,
} from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());
afterEach(() => fixture.clear());

const cancel = (order: Order, items?: { itemId: string; quantity: number }[], call = customer()): Promise<Order> =>
  fixture.lifecycle.cancel({ id: order.id, reason: 'changed my mind', ...(items === undefined ? {} : { items }) }, call);

describe('cancelling a paid order', () => {
  it('gives stock, coupon use and all of the money back', async () => {
    const order = await fixture.bought({ quantities: [2, 1] });
    const now = await cancel(order);
    expect([now.status, now.paymentStatus, now.amountDue, now.refundedAmount]).toEqual(['cancelled', 'refunded', 0, 0]);
    expect(now.items.map(({ cancelledQuantity }) => cancelledQuantity)).toEqual([2, 1]);
    expect(now.timeline.at(-1)).toMatchObject({ status: 'cancelled', actor: 'customer', note: 'changed my mind' });
    expect(now.total).toBe(order.total);
    expect(now.creditNotes.map(({ amount }) => amount)).toEqual([order.total]);
    const published = await fixture.published(order.id);
    expect(eventsOf(published, 'refundDue')).toEqual([
      {
        refundId: expect.any(String),
        orderId: order.id,
        userId: USER,
        paymentId: paymentOf(order),
        amount: order.total,
        reason: 'changed my mind',
      },
    ]);
    expect(eventsOf(published, 'stockReturned')).toEqual([
      {
        orderId: order.id,
        lines: [
          { variantId: VARIANTS[0], quantity: 2 },
          { variantId: VARIANTS[1], quantity: 1 },
        ],
      },
    ]);
    expect(eventsOf(published, 'voided')).toEqual([{ orderId: order.id, userId: USER }]);
    expect(fixture.signals).toMatchObject([{ orderId: order.id, userId: USER, status: 'cancelled', paymentStatus: 'refunded' }]);
  });

  it('by the line pays its share back, the fees only with the last, and voids the order only then', async () => {
    const order = await fixture.bought({ quantities: [2, 1] });
    expect(order.shippingFee).toBe(SHIPPING_FEE);
    const first = await cancel(order, [{ itemId: itemOf(order, 0), quantity: 1 }]);
    expect([first.status, first.paymentStatus]).toEqual(['confirmed', 'partially_refunded']);
    await cancel(order, [{ itemId: itemOf(order, 1), quantity: 1 }]);
    expect(eventsOf(await fixture.published(order.id), 'voided')).toEqual([]);
    const last = await cancel(order, [{ itemId: itemOf(order, 0), quantity: 1 }]);
    expect([last.status, last.paymentStatus]).toEqual(['cancelled', 'refunded']);
    const published = await fixture.published(order.id);
    expect(eventsOf(published, 'refundDue').map(({ amount }) => amount)).toEqual([PRICES[0], PRICES[1], PRICES[0] + SHIPPING_FEE]);
    expect(eventsOf(published, 'voided')).toHaveLength(1);
  });

  it('pays exactly the total back, in whatever portions it is cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 14_000 }),
        fc.infiniteStream(fc.nat()),
        async (quantities, discount, choices) => {
          const order = await fixture.bought({ quantities, discount });
          let now = order;
          while (now.status !== 'cancelled') {
            const open = now.items.filter(({ quantity, cancelledQuantity }) => cancelledQuantity < quantity);
            const pick = open[(choices.next().value ?? 0) % open.length] as Order['items'][number];
            const quantity = 1 + ((choices.next().value ?? 0) % (pick.quantity - pick.cancelledQuantity));
            now = await cancel(order, [{ itemId: pick.id, quantity }]);
          }
          expect(sumOf(eventsOf(await fixture.published(order.id), 'refundDue'), 'amount')).toBe(order.total);
          expect(now.paymentStatus).toBe('refunded');
        },
      ),
      { numRuns: 15 },
    );
  });

  it('lets go of the cart, which may be ordered again', async () => {
    const order = await fixture.bought();
    await cancel(order);
    expect(await fixture.database.row(sql`SELECT holds_cart FROM orders WHERE id = ${order.id}`)).toEqual({ holds_cart: false });
  });

  it('ten times at once gives one unit back once', async () => {
    const order = await fixture.bought({ quantities: [1, 1] });
    const unit = [{ itemId: itemOf(order, 0), quantity: 1 }];
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => codeOf(cancel(order, unit))));
    expect(outcomes.toSorted()).toEqual(['ok', ...Array(9).fill('order.not_cancellable')].toSorted());
    const published = await fixture.published(order.id);
    expect([eventsOf(published, 'refundDue').length, eventsOf(published, 'stockReturned').length]).toEqual([1, 1]);
  });

  it('ten times at once as a whole is done once, and every caller sees it done', async () => {
    const order = await fixture.bought({ quantities: [3] });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => cancel(order)));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    const published = await fixture.published(order.id);
    expect(published.map(({ event }) => event).toSorted()).toEqual(['order.refundDue', 'order.stockReturned', 'order.voided']);
    expect((await fixture.read(order.id)).timeline.filter(({ status }) => status === 'cancelled')).toHaveLength(1);
  });

  it('repeated with its key counts once, and is refused with another body', async () => {
    const order = await fixture.bought({ quantities: [3] });
    const unit = [{ itemId: itemOf(order, 0), quantity: 1 }];
    const key = uuidv7();
    const repeats = await Promise.all(Array.from({ length: 5 }, () => cancel(order, unit, customer(USER, key))));
    expect(repeats.map(({ items }) => items[0]?.cancelledQuantity)).toEqual([1, 1, 1, 1, 1]);
    expect(eventsOf(await fixture.published(order.id), 'stockReturned')).toHaveLength(1);
    await expect(cancel(order, unit, customer(USER, key, 'another hash'))).rejects.toThrow(IdempotencyKeyReused);
  });

  it('is refused for units that are not there: of another order, or more than are left', async () => {
    const order = await fixture.bought({ quantities: [2] });
    const other = await fixture.bought({ quantities: [2] });
    expect(await codeOf(cancel(order, [{ itemId: itemOf(other, 0), quantity: 1 }]))).toBe('order.not_cancellable');
    expect(await codeOf(cancel(order, [{ itemId: itemOf(order, 0), quantity: 3 }]))).toBe('order.not_cancellable');
    const twice = { itemId: itemOf(order, 0), quantity: 1 };
    expect(await codeOf(cancel(order, [twice, twice, { ...twice, itemId: twice.itemId.toUpperCase() }]))).toBe('order.not_cancellable');
    expect(await fixture.published(order.id)).toEqual([]);
    expect((await fixture.read(order.id)).items[0]?.cancelledQuantity).toBe(0);
  });

  it('ends once it is shipped', async () => {
    const order = await fixture.bought({ quantities: [2] });
    expect((await fixture.moved(order, 'packed')).status).toBe('packed');
    expect(await codeOf(cancel(order, [{ itemId: itemOf(order, 0), quantity: 1 }]))).toBe('ok');
    await fixture.moved(order, 'shipped');
    expect(await codeOf(cancel(order))).toBe('order.not_cancellable');
  });

  it('wins over the parcel or loses to it, but never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await fixture.bought();
      await fixture.moved(order, 'packed');
      const [cancelled, shipped] = await Promise.all([
        codeOf(cancel(order)),
        codeOf(fixture.lifecycle.setStatus({ id: order.id, status: 'shipped' }, staff())),
      ]);
      const { status } = await fixture.read(order.id);
      expect([cancelled, shipped]).toEqual(status === 'cancelled' ? ['ok', 'order.status_conflict'] : ['order.not_cancellable', 'ok']);
      expect(eventsOf(await fixture.published(order.id), 'stockReturned')).toHaveLength(status === 'cancelled' ? 1 : 0);
    }
  });

  it('is for its owner and for staff; nobody else learns that it exists', async () => {
    const order = await fixture.bought({ quantities: [2] });
    expect(await codeOf(cancel(order, undefined, customer(uuidv7())))).toBe('not_found');
    const now = await cancel(order, undefined, staff());
    expect([now.status, now.timeline.at(-1)?.actor]).toEqual(['cancelled', 'staff']);
  });

  it('that cost nothing moves no money, only stock and coupon use', async () => {
    const order = await fixture.bought({ discount: PRICES[0], freeShipping: true });
    expect([order.status, order.paymentStatus, order.total]).toEqual(['confirmed', 'paid', 0]);
    expect((await cancel(order)).status).toBe('cancelled');
    expect((await fixture.published(order.id)).map(({ event }) => event).toSorted()).toEqual(['order.stockReturned', 'order.voided']);
  });
});

describe('the answer to a cancel', () => {
  const delivering = (deliver: (settle: () => void) => void): (() => void) => {
    const before = fixture.database.onPublished;
    fixture.database.onPublished = (published) =>
      deliver(() => {
        for (const { settle } of published) settle(true);
      });
    return () => {
      fixture.database.onPublished = before;
    };
  };

  it('waits until the stock is back on the shelf', async () => {
    const order = await fixture.bought();
    let settle: (() => void) | undefined;
    const restore = delivering((all) => {
      settle = all;
    });
    let isAnswered = false;
    const answer = cancel(order).then(() => {
      isAnswered = true;
    });
    await inTheEnd(() => expect(settle).toBeDefined());
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAnswered).toBe(false);
    settle?.();
    await answer;
    restore();
  });

  it('comes also when nobody tells of the stock', async () => {
    const order = await fixture.bought();
    const restore = delivering(() => undefined);
    expect((await cancel(order)).status).toBe('cancelled');
    restore();
  });
});

describe('cancelling an unpaid order', () => {
  it('is done as a whole: single units are refused', async () => {
    const order = await fixture.placed({ quantities: [2] });
    expect(await codeOf(cancel(order, [{ itemId: itemOf(order, 0), quantity: 1 }]))).toBe('order.not_cancellable');
    const now = await cancel(order);
    expect([now.status, now.paymentStatus]).toEqual(['cancelled', 'unpaid']);
    expect(await fixture.published(order.id)).toEqual([]);
    expect((await cancel(order)).timeline).toEqual(now.timeline);
  });
});

describe('cancelling cash on delivery', () => {
  it('lowers what the courier collects, and at last nothing is due', async () => {
    const order = await fixture.bought({ method: 'cod', quantities: [2, 1] });
    expect([order.paymentStatus, order.amountDue, order.codFee]).toEqual(['cod_due', order.total, COD_FEE]);
    const first = await cancel(order, [{ itemId: itemOf(order, 0), quantity: 1 }]);
    expect([first.status, first.paymentStatus, first.amountDue]).toEqual(['confirmed', 'cod_due', order.total - PRICES[0]]);
    const last = await cancel(order);
    expect([last.status, last.paymentStatus, last.amountDue]).toEqual(['cancelled', 'unpaid', 0]);
    expect(last.creditNotes.map(({ amount }) => amount)).toEqual([PRICES[0], order.total - PRICES[0]]);
    const published = await fixture.published(order.id);
    expect(eventsOf(published, 'refundDue')).toEqual([]);
    expect(eventsOf(published, 'stockReturned')).toHaveLength(2);
    expect(eventsOf(published, 'voided')).toHaveLength(1);
  });
});
