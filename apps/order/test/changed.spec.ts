import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderDelivered } from '#libs/contracts/order/messages';
import { sql } from '#libs/persistence/sql';
import { customer, itemOf, type LifecycleFixture, PRICES, staff, startLifecycleFixture } from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());
afterEach(() => fixture.clear());

const changesOf = (id: string) => fixture.changes(id);

describe('order.changed', () => {
  it('tells each change once, with a version that rises, from the confirmation to the delivery', async () => {
    const order = await fixture.placed({ method: 'cod' });
    await fixture.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
    const told = await changesOf(order.id);
    expect(told.map(({ status, previousStatus, cause }) => [previousStatus, status, cause])).toEqual([
      ['pending_payment', 'confirmed', 'status'],
      ['confirmed', 'packed', 'status'],
      ['packed', 'shipped', 'status'],
      ['shipped', 'out_for_delivery', 'status'],
      ['out_for_delivery', 'delivered', 'status'],
    ]);
    const versions = told.map(({ version }) => Number(version));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(told.at(-1)).toMatchObject({ orderId: order.id, number: order.number, total: order.total, deliveredAt: expect.any(String) });
  });

  it('tells units that were cancelled, with the worth of what the customer keeps', async () => {
    const order = await fixture.bought({ quantities: [2] });
    await fixture.moved(order, 'packed');
    const [before] = await changesOf(order.id);
    await fixture.lifecycle.cancel({ id: order.id, reason: 'too many', items: [{ itemId: itemOf(order, 0), quantity: 1 }] }, customer());
    expect((await changesOf(order.id)).at(-1)).toMatchObject({ cause: 'units', status: 'packed', kept: Number(before?.kept) - PRICES[0] });
  });

  it('tells a return while it is open, and that it was refused', async () => {
    const order = await fixture.moved(await fixture.bought(), 'packed', 'shipped', 'out_for_delivery', 'delivered');
    await fixture.returns.requestReturn(
      { id: order.id, items: [{ itemId: itemOf(order, 0), quantity: 1, reason: 'too small' }] },
      customer(),
    );
    expect((await changesOf(order.id)).at(-1)).toMatchObject({ status: 'return_requested', openReturn: true });
    await fixture.lifecycle.setStatus({ id: order.id, status: 'delivered' }, staff());
    expect((await changesOf(order.id)).at(-1)).toMatchObject({
      status: 'delivered',
      previousStatus: 'return_requested',
      openReturn: false,
    });
  });

  it('tells a return that was taken in part as taken', async () => {
    const order = await fixture.moved(await fixture.bought({ quantities: [2] }), 'packed', 'shipped', 'out_for_delivery', 'delivered');
    await fixture.returns.requestReturn(
      { id: order.id, items: [{ itemId: itemOf(order, 0), quantity: 1, reason: 'too small' }] },
      customer(),
    );
    await fixture.lifecycle.setStatus({ id: order.id, status: 'returned' }, staff());
    expect((await changesOf(order.id)).at(-1)).toMatchObject({ status: 'delivered', previousStatus: 'returned', cause: 'status' });
  });

  it('tells an unpaid order that was cancelled, and nothing before', async () => {
    const order = await fixture.placed();
    expect(await changesOf(order.id)).toEqual([]);
    await fixture.lifecycle.cancel({ id: order.id, reason: 'changed my mind' }, customer());
    expect(await changesOf(order.id)).toMatchObject([{ previousStatus: 'pending_payment', status: 'cancelled', paymentStatus: 'unpaid' }]);
  });
});

describe('order.delivered', () => {
  const deliveries = async (id: string) =>
    (await fixture.database.rows<{ payload: string }>(sql`SELECT payload FROM outbox WHERE event = 'order.delivered'`))
      .map(({ payload }) => JSON.parse(payload) as OrderDelivered)
      .filter(({ orderId }) => orderId === id);

  it('tells the first delivery alone, with the lines of which something was not cancelled', async () => {
    const order = await fixture.bought({ quantities: [1, 2] });
    await fixture.lifecycle.cancel({ id: order.id, reason: 'too many', items: [{ itemId: itemOf(order, 0), quantity: 1 }] }, customer());
    await fixture.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
    const told = await deliveries(order.id);
    const kept = order.items[1];
    expect(told).toEqual([
      {
        ...{ orderId: order.id, userId: order.userId, at: expect.any(String) },
        lines: [{ productId: kept?.productId, variantId: kept?.variantId, size: kept?.size }],
      },
    ]);
    await fixture.returns.requestReturn(
      { id: order.id, items: [{ itemId: itemOf(order, 1), quantity: 1, reason: 'too small' }] },
      customer(),
    );
    await fixture.lifecycle.setStatus({ id: order.id, status: 'delivered' }, staff());
    expect(await deliveries(order.id)).toHaveLength(1);
  });

  it('tells nothing of a parcel that goes back to us', async () => {
    const order = await fixture.moved(await fixture.bought(), 'packed', 'shipped', 'out_for_delivery', 'returned_to_origin');
    expect(await deliveries(order.id)).toEqual([]);
  });
});
