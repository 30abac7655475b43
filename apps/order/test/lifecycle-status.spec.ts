import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ORDER_STATUSES, type Order, type OrderStatus } from '#libs/contracts/order/views';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import {
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

const TO_THE_DOOR: OrderStatus[] = ['packed', 'shipped', 'out_for_delivery', 'delivered'];
const set = (order: Order, status: OrderStatus): Promise<Order> => fixture.lifecycle.setStatus({ id: order.id, status }, staff());
const delivered = async (wish: Parameters<LifecycleFixture['bought']>[0] = {}): Promise<Order> =>
  fixture.moved(await fixture.bought(wish), ...TO_THE_DOOR);
const askBack = (order: Order, units: readonly [index: number, quantity: number][], call = customer()): Promise<Order> =>
  fixture.returns.requestReturn(
    { id: order.id, items: units.map(([index, quantity]) => ({ itemId: itemOf(order, index), quantity, reason: 'too small' })) },
    call,
  );
const statusesOf = ({ timeline }: Order): OrderStatus[] => timeline.map(({ status }) => status);

describe('an order on its way', () => {
  it('takes only its next status; all else, the same again included, is a conflict and changes nothing', async () => {
    const legal: Partial<Record<OrderStatus, OrderStatus[]>> = {
      pending_payment: ['cancelled'],
      confirmed: ['packed', 'cancelled'],
      packed: ['shipped', 'cancelled'],
      shipped: ['out_for_delivery'],
      out_for_delivery: ['delivered', 'returned_to_origin'],
      delivered: [],
      return_requested: ['delivered', 'returned'],
      returned: [],
      returned_to_origin: [],
      cancelled: [],
    };
    const order = await fixture.bought();
    const path: Record<string, () => Promise<Order>> = {
      pending_payment: () => fixture.placed(),
      confirmed: async () => order,
      packed: () => set(order, 'packed'),
      shipped: () => set(order, 'shipped'),
      out_for_delivery: () => set(order, 'out_for_delivery'),
      delivered: () => set(order, 'delivered'),
      return_requested: () => askBack(order, [[0, 1]]),
      returned: () => set(order, 'returned'),
      returned_to_origin: async () => fixture.moved(await fixture.bought(), 'packed', 'shipped', 'out_for_delivery', 'returned_to_origin'),
      cancelled: async () => fixture.moved(await fixture.bought(), 'cancelled'),
    };
    for (const [status, reach] of Object.entries(path)) {
      const now = await reach();
      expect(now.status).toBe(status);
      const illegal = ORDER_STATUSES.filter((next) => legal[now.status]?.includes(next) !== true);
      for (const next of illegal)
        expect(`${status} ${next} ${await codeOf(set(now, next))}`).toBe(`${status} ${next} order.status_conflict`);
      expect(await fixture.read(now.id)).toEqual(now);
    }
    expect(statusesOf(await fixture.read(order.id))).toEqual([
      'pending_payment',
      'confirmed',
      ...TO_THE_DOOR,
      'return_requested',
      'returned',
    ]);
  });

  it('shows its parcel, and who moved it why', async () => {
    const order = await fixture.moved(await fixture.bought(), 'packed');
    const tracking = { carrier: 'Delhivery', number: 'DL-1', url: 'https://track.example/DL-1' };
    const now = await fixture.lifecycle.setStatus({ id: order.id, status: 'shipped', note: 'by air', tracking }, staff());
    expect(now.tracking).toEqual(tracking);
    expect(now.timeline.at(-1)).toMatchObject({ status: 'shipped', actor: 'staff', note: 'by air' });
    expect((await set(now, 'out_for_delivery')).tracking).toEqual(tracking);
    expect(fixture.signals.map(({ status }) => status)).toEqual(['packed', 'shipped', 'out_for_delivery']);
  });

  it('is moved once by ten hands', async () => {
    const order = await fixture.bought();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => codeOf(set(order, 'packed'))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(statusesOf(await fixture.read(order.id)).filter((status) => status === 'packed')).toHaveLength(1);
  });

  it('of nobody is not found', async () => {
    expect(await codeOf(fixture.lifecycle.setStatus({ id: uuidv7(), status: 'packed' }, staff()))).toBe('not_found');
  });

  it('cancelled by staff gives everything back, as any cancel', async () => {
    const order = await fixture.moved(await fixture.bought({ quantities: [2] }), 'packed', 'cancelled');
    expect([order.status, order.paymentStatus]).toEqual(['cancelled', 'refunded']);
    expect(eventsOf(await fixture.published(order.id), 'stockReturned')).toHaveLength(1);
  });
});

describe('cash on delivery', () => {
  it('is collected at the door: what is due then, once', async () => {
    const order = await fixture.bought({ method: 'cod', quantities: [2, 1] });
    await fixture.lifecycle.cancel({ id: order.id, reason: 'one less', items: [{ itemId: itemOf(order, 0), quantity: 1 }] }, customer());
    const now = await fixture.moved(order, ...TO_THE_DOOR);
    expect([now.paymentStatus, now.amountDue]).toEqual(['paid', 0]);
    const collected = eventsOf(await fixture.published(order.id), 'cashCollected');
    expect(collected).toEqual([{ orderId: order.id, userId: USER, amount: order.total - PRICES[0] }]);
  });

  it('that nobody took at the door owes nothing, and its units are for sale again once', async () => {
    const order = await fixture.moved(await fixture.bought({ method: 'cod', quantities: [2] }), 'packed', 'shipped', 'out_for_delivery');
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => codeOf(set(order, 'returned_to_origin'))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    const now = await fixture.read(order.id);
    expect([now.status, now.paymentStatus, now.amountDue]).toEqual(['returned_to_origin', 'unpaid', 0]);
    expect(now.creditNotes.map(({ amount }) => amount)).toEqual([order.total]);
    const published = await fixture.published(order.id);
    expect(eventsOf(published, 'stockReturned')).toEqual([{ orderId: order.id, lines: [{ variantId: VARIANTS[0], quantity: 2 }] }]);
    expect(eventsOf(published, 'refundDue')).toEqual([]);
    // The coupon's use goes back.
    expect(eventsOf(published, 'voided')).toEqual([{ orderId: order.id, userId: USER }]);
  });
});

describe('a paid parcel that comes back from the door', () => {
  it('pays the goods back and keeps the fees', async () => {
    const order = await fixture.bought({ quantities: [2, 1] });
    await fixture.lifecycle.cancel({ id: order.id, reason: 'one less', items: [{ itemId: itemOf(order, 0), quantity: 1 }] }, customer());
    const now = await fixture.moved(order, 'packed', 'shipped', 'out_for_delivery', 'returned_to_origin');
    expect(now.paymentStatus).toBe('partially_refunded');
    expect(now.creditNotes.map(({ amount }) => amount)).toEqual([PRICES[0], PRICES[0] + PRICES[1]]);
    const published = await fixture.published(order.id);
    expect(sumOf(eventsOf(published, 'refundDue'), 'amount')).toBe(order.total - order.shippingFee);
    expect(eventsOf(published, 'stockReturned').at(-1)?.lines).toEqual([
      { variantId: VARIANTS[0], quantity: 1 },
      { variantId: VARIANTS[1], quantity: 1 },
    ]);
    expect(eventsOf(published, 'voided')).toEqual([]);
  });
});

describe('a return', () => {
  it('is refunded when it has arrived, without the fees; while units are left another one can follow', async () => {
    const order = await delivered({ quantities: [2, 1] });
    await fixture.clear();
    expect((await askBack(order, [[0, 1]])).status).toBe('return_requested');
    expect(await fixture.published(order.id)).toEqual([]);
    const first = await set(order, 'returned');
    expect([first.status, first.paymentStatus, first.items.map(({ returnedQuantity }) => returnedQuantity)]).toEqual([
      'delivered',
      'partially_refunded',
      [1, 0],
    ]);
    expect(statusesOf(first).slice(-3)).toEqual(['return_requested', 'returned', 'delivered']);
    await askBack(order, [
      [0, 1],
      [1, 1],
    ]);
    const last = await set(order, 'returned');
    expect([last.status, last.paymentStatus]).toEqual(['returned', 'partially_refunded']);
    const published = await fixture.published(order.id);
    expect(order.shippingFee).toBe(SHIPPING_FEE);
    const goods = order.items.reduce((sum, { total }) => sum + total, 0);
    expect(sumOf(eventsOf(published, 'refundDue'), 'amount')).toBe(goods);
    expect(eventsOf(published, 'refundDue').map(({ paymentId }) => paymentId)).toEqual([paymentOf(order), paymentOf(order)]);
    expect(eventsOf(published, 'stockReturned')).toHaveLength(2);
  });

  it('of all that was paid voids the order', async () => {
    const order = await delivered({ quantities: [0, 0, 1] });
    expect(order.shippingFee).toBe(0);
    await askBack(order, [[0, 1]]);
    expect((await set(order, 'returned')).paymentStatus).toBe('refunded');
    expect(eventsOf(await fixture.published(order.id), 'voided')).toHaveLength(1);
  });

  it('that is refused leaves the order delivered and everything where it is', async () => {
    const order = await delivered({ quantities: [2] });
    await askBack(order, [[0, 1]]);
    await fixture.clear();
    const now = await set(order, 'delivered');
    expect([now.status, now.paymentStatus, now.items[0]?.returnedQuantity]).toEqual(['delivered', 'paid', 0]);
    expect(await fixture.published(order.id)).toEqual([]);
    expect(await codeOf(askBack(order, [[0, 2]]))).toBe('ok');
  });

  it('is for delivered orders and for units that are there', async () => {
    const order = await fixture.moved(await fixture.bought({ quantities: [2] }), 'packed', 'shipped');
    expect(await codeOf(askBack(order, [[0, 1]]))).toBe('order.not_returnable');
    await fixture.moved(order, 'out_for_delivery', 'delivered');
    expect(await codeOf(askBack(order, [[0, 3]]))).toBe('order.not_returnable');
    const items = [{ itemId: uuidv7(), quantity: 1, reason: 'not mine' }];
    expect(await codeOf(fixture.returns.requestReturn({ id: order.id, items }, customer()))).toBe('order.not_returnable');
  });

  it('is open once, however often it is asked for, and with its key answers the same', async () => {
    const order = await delivered({ quantities: [2] });
    const key = uuidv7();
    const ask = (): Promise<string> => codeOf(askBack(order, [[0, 1]], customer(USER, key)));
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['ok', 'ok', 'ok']);
    expect(await codeOf(askBack(order, [[0, 1]]))).toBe('order.not_returnable');
    expect(await fixture.database.row(sql`SELECT count(*) FROM order_returns WHERE order_id = ${order.id}`)).toEqual({ count: 1 });
  });

  it('must be asked for within the window after delivery, which a refused one does not open again', async () => {
    const order = await delivered({ quantities: [2] });
    const age = (days: string) =>
      fixture.database.execute(sql`UPDATE orders SET delivered_at = now() - ${days}::interval WHERE id = ${order.id}`);
    await age('6 days 23 hours 59 minutes');
    expect(await codeOf(askBack(order, [[0, 1]]))).toBe('ok');
    await age('7 days 1 minute');
    await set(order, 'delivered');
    expect(await codeOf(askBack(order, [[0, 1]]))).toBe('order.return_window_closed');
  });

  it('is asked for by the owner alone', async () => {
    const order = await delivered();
    expect(await codeOf(askBack(order, [[0, 1]], customer(uuidv7())))).toBe('not_found');
    expect(await codeOf(askBack(order, [[0, 1]], staff()))).toBe('not_found');
  });

  it('of what was paid in cash is paid out by hand', async () => {
    const order = await delivered({ method: 'cod', quantities: [2] });
    await askBack(order, [[0, 1]]);
    await set(order, 'returned');
    expect(eventsOf(await fixture.published(order.id), 'refundDue')).toMatchObject([{ paymentId: null, amount: PRICES[0] }]);
  });
});
