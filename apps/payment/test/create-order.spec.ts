import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { receiptOf } from '../src/payment.ts';
import { RazorpayOrderOpener } from '../src/razorpay-order-opener.ts';
import { callOf, PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';

let fixture: PaymentFixture;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  [one, two] = await Promise.all([fixture.replica(), fixture.replica()]);
});
beforeEach(() => fixture.razorpay.heal());
afterAll(() => fixture.stop());

const ordersAtRazorpay = (orderId: string) => [...fixture.razorpay.orders.values()].filter(({ receipt }) => receipt === receiptOf(orderId));

describe('create-order', () => {
  it('opens a Razorpay order of exactly the amount that the order service names', async () => {
    const { orderId, opened } = await fixture.opened(one, 77_700);
    expect(opened).toMatchObject({ orderId, amount: 77_700, currency: 'INR', keyId: 'rzp_test_0123456789abcd', status: 'created' });
    expect(opened.checkoutUrl).toBe(`${fixture.razorpay.url}/checkout/${opened.razorpayOrderId}`);
    expect(ordersAtRazorpay(orderId)).toMatchObject([{ id: opened.razorpayOrderId, amount: 77_700 }]);
  });

  it('answers the same again while the order is unpaid', async () => {
    const { orderId, userId, opened } = await fixture.opened(one);
    expect(await two.paying.createOrder({ orderId }, callOf(userId))).toEqual(opened);
    expect(ordersAtRazorpay(orderId)).toHaveLength(1);
  });

  it('refuses an order that is not payable, and one that is paid while the order service does not know yet', async () => {
    const { orderId, userId } = fixture.shopOrder();
    const shop = fixture.shopOrders.get(orderId);
    if (shop !== undefined) shop.payable = false;
    expect(await codeOf(one.paying.createOrder({ orderId }, callOf(userId)))).toBe('payment.order_not_payable');
    expect(ordersAtRazorpay(orderId)).toHaveLength(0);

    const paid = await fixture.opened(one);
    await one.database.execute(sql`UPDATE payment_orders SET state = 'paid' WHERE order_id = ${paid.orderId}`);
    expect(await codeOf(one.paying.createOrder({ orderId: paid.orderId }, callOf(paid.userId)))).toBe('payment.order_not_payable');
  });

  it('does not know the order of somebody else', async () => {
    const { orderId } = fixture.shopOrder();
    expect(await codeOf(one.paying.createOrder({ orderId }, callOf(uuidv7())))).toBe('not_found');
  });

  it('refuses an idempotency key that came with another order', async () => {
    const [first, second] = [fixture.shopOrder(), fixture.shopOrder()];
    const idempotency = { key: 'k', route: 'POST /api/payments/create-order', bodyHash: 'one' };
    await one.paying.createOrder({ orderId: first.orderId }, { ...callOf(first.userId), idempotency });
    await expect(
      one.paying.createOrder({ orderId: second.orderId }, { ...callOf(first.userId), idempotency: { ...idempotency, bodyHash: 'two' } }),
    ).rejects.toThrow();
  });

  it('is one Razorpay order for 20 calls at once on two replicas', async () => {
    const { orderId, userId } = fixture.shopOrder();
    fixture.razorpay.fail('POST', /orders$/, 'slow', 20);
    const calls = Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).paying.createOrder({ orderId }, callOf(userId)));
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ razorpayOrderId }) => razorpayOrderId)).size).toBe(1);
    expect(ordersAtRazorpay(orderId)).toHaveLength(1);
  });

  it.each(['reset-before', 'reset-after', 'html'] as const)('is one Razorpay order though the answer was lost: %s', async (kind) => {
    // Each replica has heard Razorpay: three unanswered calls in a row, of other cases too, would close the way there.
    for (const replica of [one, two]) {
      const before = fixture.shopOrder();
      await replica.paying.createOrder({ orderId: before.orderId }, callOf(before.userId));
    }
    const { orderId, userId } = fixture.shopOrder();
    fixture.razorpay.fail('POST', /orders$/, kind);
    const calls = Array.from({ length: 6 }, (_, index) => (index % 2 ? one : two).paying.createOrder({ orderId }, callOf(userId)));
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ razorpayOrderId }) => razorpayOrderId)).size).toBe(1);
    expect(ordersAtRazorpay(orderId)).toHaveLength(1);
  });

  it('finds the order of a process that died before it stored the answer', async () => {
    const { orderId, userId } = fixture.shopOrder();
    await one.database.execute(sql`
      INSERT INTO payment_orders (order_id, id, user_id, amount, currency, creating_until)
      VALUES (${orderId}, ${uuidv7()}, ${userId}, 129900, 'INR', now() - interval '1 second')`);
    fixture.razorpay.orders.set('order_00000000000042', {
      ...{ id: 'order_00000000000042', amount: 129_900, currency: 'INR', status: 'created', receipt: receiptOf(orderId), created_at: 1 },
    });
    expect((await one.paying.createOrder({ orderId }, callOf(userId))).razorpayOrderId).toBe('order_00000000000042');
    expect(ordersAtRazorpay(orderId)).toHaveLength(1);
  });

  it('answers 503 while Razorpay hangs, and works afterwards', async () => {
    const { orderId, userId } = fixture.shopOrder();
    fixture.razorpay.fail('POST', /orders$/, 'hang');
    expect(await codeOf(one.paying.createOrder({ orderId }, callOf(userId)))).toBe('unavailable');
    fixture.razorpay.heal();
    expect((await two.paying.createOrder({ orderId }, callOf(userId))).status).toBe('created');
    expect(ordersAtRazorpay(orderId)).toHaveLength(1);
  });

  it('waits for a connection of its database as long as its own deadline lets it', async () => {
    const { orderId, userId } = fixture.shopOrder();
    const done = Promise.withResolvers<void>();
    // As on a machine that is too busy to serve the pool for a while.
    const held = async (): Promise<void> => {
      await one.database.transaction(async (tx) => {
        await tx.row(sql`SELECT 1`);
        await done.promise;
      });
    };
    const taken = Array.from({ length: 4 }, held);
    const opened = one.paying.createOrder({ orderId }, callOf(userId));
    await sleep(3_000);
    done.resolve();
    await Promise.all(taken);
    expect((await opened).status).toBe('created');
  });

  it('answers 503 when Razorpay throttles us, and leaves the next call free to ask', async () => {
    const { orderId, userId } = fixture.shopOrder();
    fixture.razorpay.fail('POST', /orders$/, 'busy');
    expect(await codeOf(one.paying.createOrder({ orderId }, callOf(userId)))).toBe('unavailable');
    expect((await one.paying.createOrder({ orderId }, callOf(userId))).status).toBe('created');
  });

  it('tells the order service of a Razorpay order that is not paid at once, later when that is down', async () => {
    fixture.orderIsDown = true;
    const { orderId, opened } = await fixture.opened(one);
    expect(fixture.attached.some((attached) => attached.orderId === orderId)).toBe(false);
    fixture.orderIsDown = false;
    await one.database.execute(sql`UPDATE payment_orders SET attach_at = now() WHERE order_id = ${orderId}`);
    await one.app.get(RazorpayOrderOpener).attachLeftovers();
    await eventually(() => fixture.attached.some((attached) => attached.orderId === orderId));
    expect(fixture.attached).toContainEqual({ orderId, providerOrderId: opened.razorpayOrderId });
    const [row] = await one.database.rows(sql`SELECT attach_at FROM payment_orders WHERE order_id = ${orderId}`);
    expect(row).toEqual({ attach_at: null });
  });

  it('leaves it to the capture to tell of a Razorpay order that is paid at once', async () => {
    const { orderId, opened } = await fixture.opened(one);
    const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
    await one.webhooks.webhook(webhookOf('payment.captured', { payment }));
    await eventually(() => fixture.capturesOf(orderId).length === 1);
    expect(fixture.capturesOf(orderId)).toMatchObject([{ providerOrderId: opened.razorpayOrderId }]);
    expect(await one.database.row(sql`SELECT attach_at FROM payment_orders WHERE order_id = ${orderId}`)).toEqual({ attach_at: null });
  });
});
