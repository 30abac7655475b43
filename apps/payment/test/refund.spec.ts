import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { receiptOf } from '../src/payment.ts';
import { RefundSender } from '../src/refund-sender.ts';
import { callOf, PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  [one, two] = await Promise.all([fixture.replica(), fixture.replica()]);
});
beforeEach(() => {
  fixture.razorpay.heal();
  fixture.razorpay.refundStatus = 'processed';
});
afterAll(() => fixture.stop());

async function captured() {
  const { orderId, userId, opened } = await fixture.opened(one);
  const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
  await one.webhooks.webhook(webhookOf('payment.captured', { payment }));
  return { orderId, userId, opened, payment, paymentId: String(payment.id) };
}
const refundsOf = (orderId: string, userId: string) => one.payment.ofOrder({ orderId }, callOf(userId));
const atRazorpay = (paymentId: string) => [...fixture.razorpay.refunds.values()].filter(({ payment_id }) => payment_id === paymentId);
const refundRow = (orderId: string) =>
  one.database.row<{ id: string; state: string; razorpay_refund_id: string | null; tries: number }>(
    sql`SELECT id, state, razorpay_refund_id, tries FROM refunds WHERE order_id = ${orderId}`,
  );

describe('a capture that the order rejects', () => {
  it('goes back whole', async () => {
    const { orderId, userId, paymentId } = await captured();
    await fixture.reject({ orderId, paymentId, reason: 'amount_mismatch' });
    await eventually(async () => (await refundRow(orderId))?.state === 'processed');
    expect(atRazorpay(paymentId)).toMatchObject([{ amount: 129_900 }]);
    expect(await refundsOf(orderId, userId)).toMatchObject({
      captured: 129_900,
      refunded: 129_900,
      refunds: [{ amount: 129_900, status: 'processed', razorpayRefundId: atRazorpay(paymentId)[0]?.id }],
    });
  });

  it('goes back once, though it is rejected again and again, for whatever reason', async () => {
    const { orderId, paymentId } = await captured();
    const eventId = uuidv7();
    await Promise.all([
      ...[1, 2, 3].map(() => fixture.reject({ orderId, paymentId, reason: 'order_expired' }, eventId)),
      fixture.reject({ orderId, paymentId, reason: 'already_paid' }),
    ]);
    await eventually(async () => (await refundRow(orderId))?.state === 'processed');
    expect(atRazorpay(paymentId)).toHaveLength(1);
    expect(await one.database.rows(sql`SELECT id FROM refunds WHERE order_id = ${orderId}`)).toHaveLength(1);
  });

  it('goes back alone when it is the second of a paid order', async () => {
    const { orderId, userId, opened, paymentId } = await captured();
    const second = fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: second }));
    await fixture.reject({ orderId, paymentId: String(second.id), reason: 'already_paid' });
    await eventually(async () => (await refundRow(orderId))?.state === 'processed');
    expect(atRazorpay(paymentId)).toHaveLength(0);
    expect(await refundsOf(orderId, userId)).toMatchObject({ captured: 259_800, refunded: 129_900 });
  });

  it('is not refunded under the id of another order', async () => {
    const [mine, other] = [await captured(), await captured()];
    await expect(fixture.reject({ orderId: mine.orderId, paymentId: other.paymentId, reason: 'already_paid' })).rejects.toThrow();
    expect(await refundRow(mine.orderId)).toBeUndefined();
    expect(await refundRow(other.orderId)).toBeUndefined();
  });
});

describe('a refund', () => {
  it.each(['reset-after', 'reset-before', 'html', 'busy', 'unreadable'] as const)(
    'is made once though answers are lost: %s',
    async (kind) => {
      const { orderId, paymentId } = await captured();
      fixture.razorpay.fail('POST', /refund$/, kind, 2);
      await fixture.reject({ orderId, paymentId, reason: 'order_cancelled' });
      await eventually(async () => {
        // Not to wait for the whole back-off.
        await one.database.execute(
          sql`UPDATE refunds SET next_try_at = now() WHERE order_id = ${orderId} AND error IS NOT NULL AND state = 'pending'`,
        );
        await Promise.all([one.app.get(RefundSender).sendDue(), two.app.get(RefundSender).sendDue()]);
        return (await refundRow(orderId))?.state === 'processed';
      });
      expect(atRazorpay(paymentId)).toHaveLength(1);
      const sent = fixture.razorpay.requests.filter(({ route }) => route === `POST /v1/payments/${paymentId}/refund`);
      expect(sent.length).toBeGreaterThanOrEqual(3);
      expect(new Set(sent.map(({ headers, body }) => `${headers['x-refund-idempotency']} ${JSON.stringify(body)}`)).size).toBe(1);
    },
  );

  it('stays pending until its webhook says more, and never goes back', async () => {
    fixture.razorpay.refundStatus = 'pending';
    const { orderId, userId, paymentId, payment } = await captured();
    await fixture.reject({ orderId, paymentId, reason: 'out_of_stock' });
    await eventually(async () => (await refundRow(orderId))?.razorpay_refund_id != null);
    expect(await refundsOf(orderId, userId)).toMatchObject({ refunded: 0, refunds: [{ status: 'pending' }] });
    const refund = atRazorpay(paymentId)[0];
    for (const status of ['processed', 'pending', 'failed', 'processed'])
      await one.webhooks.webhook(
        webhookOf(`refund.${status}`, { refund: { ...refund, status }, payment: { ...payment, status: 'refunded' } }),
      );
    expect(await refundsOf(orderId, userId)).toMatchObject({ refunded: 129_900, refunds: [{ status: 'processed' }] });
  });

  it('is asked about when its webhook stays away', async () => {
    fixture.razorpay.refundStatus = 'pending';
    const { orderId, paymentId } = await captured();
    await fixture.reject({ orderId, paymentId, reason: 'out_of_stock' });
    await eventually(async () => (await refundRow(orderId))?.razorpay_refund_id != null);
    Object.assign(atRazorpay(paymentId)[0] ?? {}, { status: 'processed' });
    await one.database.execute(sql`UPDATE refunds SET next_try_at = now() WHERE order_id = ${orderId}`);
    await one.app.get(RefundSender).sendDue();
    expect(await refundRow(orderId)).toMatchObject({ state: 'processed' });
  });

  it('is recognised when its webhook overtakes the answer to our request', async () => {
    fixture.razorpay.fail('POST', /refund$/, 'reset-after');
    const { orderId, paymentId } = await captured();
    await fixture.reject({ orderId, paymentId, reason: 'order_expired' });
    await eventually(() => atRazorpay(paymentId).length === 1);
    const refund = atRazorpay(paymentId)[0];
    const own = await refundRow(orderId);
    expect(refund?.receipt).toBe(receiptOf(own?.id ?? ''));
    await one.webhooks.webhook(webhookOf('refund.processed', { refund }));
    expect(await refundRow(orderId)).toMatchObject({ id: own?.id, state: 'processed', razorpay_refund_id: refund?.id });
  });

  it('is failed when Razorpay refuses it, so that a person looks at it', async () => {
    const { orderId, userId, payment, paymentId } = await captured();
    payment.status = 'refunded';
    await fixture.reject({ orderId, paymentId, reason: 'order_expired' });
    await eventually(async () => (await refundRow(orderId))?.state === 'failed');
    expect(await refundsOf(orderId, userId)).toMatchObject({ refunded: 0, refunds: [{ status: 'failed', razorpayRefundId: null }] });
  });

  it('that was made at Razorpay by hand is noted once', async () => {
    const { orderId, userId, paymentId } = await captured();
    const refund = { id: newId('rfnd'), payment_id: paymentId, amount: 5_000, status: 'processed', receipt: null };
    for (const event of ['refund.created', 'refund.processed']) await one.webhooks.webhook(webhookOf(event, { refund }));
    expect(await refundsOf(orderId, userId)).toMatchObject({ refunded: 5_000, refunds: [{ razorpayRefundId: refund.id }] });
  });
});

describe('the payments of an order', () => {
  it('are shown to its owner and to staff, and to nobody else', async () => {
    const { orderId, userId, paymentId } = await captured();
    fixture.razorpay.heal();
    const own = await one.payment.ofOrder({ orderId }, callOf(userId));
    expect(own).toMatchObject({
      orderId,
      amount: 129_900,
      captured: 129_900,
      refunded: 0,
      captures: [{ razorpayPaymentId: paymentId, status: 'captured', method: 'upi' }],
    });
    expect(await one.payment.ofOrder({ orderId }, callOf(uuidv7(), ['support']))).toEqual({ ...own, razorpay: 'up' });
    expect(await codeOf(one.payment.ofOrder({ orderId }, callOf(uuidv7())))).toBe('not_found');
    expect(await codeOf(one.payment.ofOrder({ orderId: uuidv7() }, callOf(userId)))).toBe('not_found');
  });

  it('list attempts that failed, and count only what was captured', async () => {
    const { orderId, userId, opened } = await fixture.opened(one);
    for (const status of ['failed', 'authorized'])
      await one.webhooks.webhook(webhookOf(`payment.${status}`, { payment: fixture.razorpay.pay(opened.razorpayOrderId, status) }));
    const found = await one.payment.ofOrder({ orderId }, callOf(userId));
    expect(found).toMatchObject({ captured: 0, captures: [] });
    expect(found.attempts.map(({ status }) => status).sort()).toEqual(['authorized', 'failed']);
  });
});
