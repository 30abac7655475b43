import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { metrics } from '#libs/observability/metrics';
import { customer, itemOf, type LifecycleFixture, staff, startLifecycleFixture } from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());
afterEach(() => fixture.clear());

const events = (): string[] => fixture.logged.map(({ event }) => event).filter((event) => event.startsWith('order.'));
const counted = async (name: string, method: string): Promise<number | undefined> => {
  const { values } = (await metrics.getSingleMetric(`only2u_orders_${name}_total`)?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels.payment_method === method)?.value;
};

describe('the journal of orders', () => {
  it('has counters of each payment method before the first of their events', async () => {
    for (const name of ['placed', 'confirmed', 'expired', 'sold_paise'])
      for (const method of ['razorpay', 'cod']) expect(await counted(name, method)).toEqual(expect.any(Number));
    // No cash order ever expires.
    expect(await counted('expired', 'cod')).toBe(0);
  });

  it('has one line for each business event of an order, from its placing to the refund', async () => {
    await fixture.bought({ quantities: [2, 1] });
    // `bought` empties the log.
    const order = await fixture.placed({ method: 'cod', quantities: [2, 1] });
    expect(events()).toEqual(['order.placed', 'order.confirmed']);
    await fixture.lifecycle.cancel({ id: order.id, reason: 'one less', items: [{ itemId: itemOf(order, 0), quantity: 1 }] }, customer());
    await fixture.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
    const items = [{ itemId: itemOf(order, 0), quantity: 1, reason: 'too small' }];
    const { returns } = await fixture.returns.requestReturn({ id: order.id, items }, customer());
    await fixture.returns.receiveReturn(
      { id: order.id, returnId: returns[0]?.id ?? '', items: [{ itemId: itemOf(order, 0), quantity: 1, outcome: 'restock' }] },
      staff(),
    );
    expect(events()).toEqual([
      'order.placed',
      'order.confirmed',
      'order.partly_cancelled',
      'order.packed',
      'order.shipped',
      'order.out_for_delivery',
      'order.delivered',
      'order.return_requested',
      'order.returned',
      'order.refund_asked',
    ]);
  });

  it('counts what is placed and sold, in orders and in paise', async () => {
    const before = await Promise.all(['placed', 'confirmed', 'sold_paise'].map((name) => counted(name, 'razorpay')));
    const order = await fixture.bought();
    const after = await Promise.all(['placed', 'confirmed', 'sold_paise'].map((name) => counted(name, 'razorpay')));
    expect(after.map((value, index) => (value ?? 0) - (before[index] ?? 0))).toEqual([1, 1, order.total]);
  });

  it('names orders, users and paise, and nothing personal', async () => {
    const order = await fixture.placed({ method: 'cod' });
    await fixture.lifecycle.cancel({ id: order.id, reason: 'my address is 14, 3rd Cross' }, customer());
    const lines = JSON.stringify(fixture.logged);
    for (const personal of ['Meera', '9876543210', '3rd Cross', 'Bengaluru', '560038']) expect(lines).not.toContain(personal);
  });
});
