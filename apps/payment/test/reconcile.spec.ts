import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { PaymentOrderReconciler } from '../src/payment-order-reconciler.ts';
import { PaymentFixture, type Replica } from './payment-fixture.ts';

let fixture: PaymentFixture;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  [one, two] = await Promise.all([fixture.replica(), fixture.replica()]);
});
beforeEach(() => fixture.razorpay.heal());
afterAll(() => fixture.stop());

/** As if RECONCILE_AFTER_SECONDS had passed. */
const makeDue = (orderId: string) => one.database.execute(sql`UPDATE payment_orders SET next_check_at = now() WHERE order_id = ${orderId}`);
const rounds = () => Promise.all([one, two].map(({ app }) => app.get(PaymentOrderReconciler).checkOrders()));
const asked = (razorpayOrderId: string) => fixture.razorpay.count('GET', new RegExp(`${razorpayOrderId}/payments$`));
const paymentRows = (orderId: string) =>
  one.database.rows<{ status: string }>(sql`SELECT status FROM payments WHERE order_id = ${orderId} ORDER BY razorpay_payment_id`);

describe('settle', () => {
  it('finds money whose webhook was lost, and tells the order', async () => {
    const { orderId, opened } = await fixture.opened(one);
    fixture.razorpay.pay(opened.razorpayOrderId, 'failed');
    fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
    expect(await one.payment.settle({ orderId })).toEqual({ state: 'captured' });
    expect(await two.payment.settle({ orderId })).toEqual({ state: 'captured' });
    await eventually(() => fixture.capturesOf(orderId).length === 1);
  });

  it.each([
    ['authorized', 'authorized'],
    ['failed', 'none'],
    ['created', 'none'],
    ['refunded', 'none'],
  ])('says of a payment that is %s: %s', async (status, state) => {
    const { orderId, opened } = await fixture.opened(one);
    fixture.razorpay.pay(opened.razorpayOrderId, status);
    expect(await one.payment.settle({ orderId })).toEqual({ state });
    expect(fixture.capturesOf(orderId)).toHaveLength(0);
  });

  it('says none of an order that nobody began to pay', async () => {
    expect(await one.payment.settle({ orderId: uuidv7() })).toEqual({ state: 'none' });
    const { orderId } = await fixture.opened(one);
    expect(await one.payment.settle({ orderId })).toEqual({ state: 'none' });
  });

  it.each(['html', 'reset-before', 'busy', 'hang', 'unreadable'] as const)('never says none while Razorpay is silent: %s', async (kind) => {
    const { orderId } = await fixture.opened(one);
    fixture.razorpay.fail('GET', /payments$/, kind);
    expect(await codeOf(one.payment.settle({ orderId }))).toBe('unavailable');
  });
});

describe('the reconciler', () => {
  it('recovers a capture whose webhook was lost, and does not ask again', async () => {
    const { orderId, opened } = await fixture.opened(one);
    fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
    await makeDue(orderId);
    await rounds();
    await eventually(() => fixture.capturesOf(orderId).length === 1);
    expect(asked(opened.razorpayOrderId)).toBe(1);
    expect(await one.database.row(sql`SELECT next_check_at, state FROM payment_orders WHERE order_id = ${orderId}`)).toEqual({
      next_check_at: null,
      state: 'paid',
    });
  });

  it('does not ask about an order that is not due', async () => {
    const { opened } = await fixture.opened(one);
    await rounds();
    expect(asked(opened.razorpayOrderId)).toBe(0);
  });

  it('asks about each due order once, however many replicas look', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => fixture.opened(one)));
    for (const { orderId } of opened) await makeDue(orderId);
    await rounds();
    await rounds();
    for (const { opened: order } of opened) expect(asked(order.razorpayOrderId)).toBe(1);
  });

  it('captures what is authorised for exactly the amount of a payable order', async () => {
    const { orderId, opened } = await fixture.opened(one);
    const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'authorized');
    await makeDue(orderId);
    await rounds();
    await eventually(() => fixture.capturesOf(orderId).length === 1);
    expect(payment.status).toBe('captured');
    const sent = fixture.razorpay.requests.find(({ route }) => route === `POST /v1/payments/${payment.id}/capture`);
    expect(sent?.body).toEqual({ amount: 129_900, currency: 'INR' });
  });

  it('captures nothing for an order that is not payable, or of another amount', async () => {
    const [expired, other] = [await fixture.opened(one), await fixture.opened(one)];
    const shop = fixture.shopOrders.get(expired.orderId);
    if (shop !== undefined) Object.assign(shop, { payable: false, status: 'expired' });
    fixture.razorpay.pay(expired.opened.razorpayOrderId, 'authorized');
    fixture.razorpay.pay(other.opened.razorpayOrderId, 'authorized', { amount: 100 });
    for (const { orderId } of [expired, other]) await makeDue(orderId);
    await rounds();
    expect(fixture.razorpay.count('POST', /capture$/)).toBe(1);
    expect(await paymentRows(expired.orderId)).toEqual([{ status: 'authorized' }]);
    expect(await paymentRows(other.orderId)).toEqual([{ status: 'authorized' }]);
  });

  it('comes back to an order after Razorpay was silent', async () => {
    const { orderId, opened } = await fixture.opened(one);
    fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
    fixture.razorpay.fail('GET', /payments$/, 'html', 1);
    await makeDue(orderId);
    await rounds();
    expect(fixture.capturesOf(orderId)).toHaveLength(0);
    const row = await one.database.row<{ isLater: boolean }>(
      sql`SELECT next_check_at > now() AS "isLater" FROM payment_orders WHERE order_id = ${orderId}`,
    );
    expect(row).toEqual({ isLater: true });
    await makeDue(orderId);
    await rounds();
    await eventually(() => fixture.capturesOf(orderId).length === 1);
  });

  it('finds a payment that was authorised late, after it had failed', async () => {
    const { orderId, opened } = await fixture.opened(one);
    const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'failed');
    await makeDue(orderId);
    await rounds();
    expect(await paymentRows(orderId)).toEqual([{ status: 'failed' }]);
    payment.status = 'authorized';
    await makeDue(orderId);
    await rounds();
    await eventually(() => fixture.capturesOf(orderId).length === 1);
    expect(await paymentRows(orderId)).toEqual([{ status: 'captured' }]);
  });
});
