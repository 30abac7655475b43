import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderApi } from '#libs/contracts/order/api';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { DisputeBooking } from '../src/dispute-booking.ts';
import { RefundSender } from '../src/refund-sender.ts';
import { callOf, PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
beforeEach(() => {
  fixture.razorpay.heal();
  fixture.razorpay.refundStatus = 'processed';
  fixture.asked.length = 0;
});
afterAll(() => fixture.stop());

const admin = () => callOf(uuidv7(), ['admin']);
const viewOf = (orderId: string) => one.payment.ofOrder({ orderId }, admin());
const sent = (paymentId: string) => fixture.razorpay.count('POST', new RegExp(`${paymentId}/refund$`));
const reasonOf = (orderId: string) =>
  one.database.row<{ error: string }>(sql`SELECT error FROM refunds WHERE order_id = ${orderId} AND origin = 'order'`);
const sendNow = async (orderId: string) => {
  await one.database.execute(sql`UPDATE refunds SET next_try_at = now() WHERE order_id = ${orderId}`);
  await one.app.get(RefundSender).sendDue();
};

async function disputed(amount = 129_900) {
  const paid = await fixture.paid(one);
  const dispute = { id: newId('disp'), payment_id: paid.paymentId, amount, status: 'open' };
  const move = (event: string, status: string) =>
    one.webhooks.webhook(webhookOf(`payment.dispute.${event}`, { payment: paid.payment, dispute: { ...dispute, status } }));
  await move('created', 'open');
  return { ...paid, move };
}

/** The order cancels while the dispute is open: its refund waits. */
async function waiting(amount?: number) {
  const at = await disputed(amount);
  const refundId = uuidv7();
  const due = { refundId, orderId: at.orderId, userId: at.userId, paymentId: at.paymentId, amount: 50_000, reason: 'cancelled' };
  await fixture.tell(orderApi.events.refundDue, due);
  await sendNow(at.orderId);
  expect(await viewOf(at.orderId)).toMatchObject({ refunds: [{ id: refundId, status: 'pending', razorpayRefundId: null }] });
  expect(sent(at.paymentId)).toBe(0);
  return { ...at, refundId };
}

describe('an open dispute', () => {
  it('refuses refunds before the order is asked, and tells nobody of a foreign order', async () => {
    const { orderId, userId } = await disputed();
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r' }, callOf(userId)))).toBe('payment.disputed');
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r', amount: 100 }, admin()))).toBe('payment.disputed');
    expect(fixture.asked).toEqual([]);
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r' }, callOf(uuidv7())))).toBe('not_found');
    expect(await viewOf(orderId)).toMatchObject({ disputes: [{ amount: 129_900, status: 'open' }], refunds: [] });
  });

  it('holds refunds back, also while it is under review, and lets them go when it is won', async () => {
    const { orderId, paymentId, move } = await waiting();
    await move('under_review', 'under_review');
    await sendNow(orderId);
    expect(sent(paymentId)).toBe(0);
    await move('won', 'won');
    await eventually(async () => (await viewOf(orderId)).refunded === 50_000);
    expect(fixture.razorpay.refunded(paymentId)).toBe(50_000);
  });

  it('lets them go when it is closed', async () => {
    const { orderId, move } = await waiting();
    await move('closed', 'closed');
    await eventually(async () => (await viewOf(orderId)).refunded === 50_000);
  });

  it('ends the refunds that it leaves no money for when it is lost, without asking Razorpay', async () => {
    const { orderId, paymentId, refundId, move } = await waiting();
    await move('lost', 'lost');
    const waitingRefund = async () => (await viewOf(orderId)).refunds.find(({ id }) => id === refundId);
    await eventually(async () => (await waitingRefund())?.status === 'failed');
    expect(await reasonOf(orderId)).toEqual({ error: 'the dispute was lost: the bank has given the money back' });
    expect(sent(paymentId)).toBe(0);
    await eventually(() => fixture.changesOf(orderId).length === 1);
    expect(fixture.changesOf(orderId)).toEqual(['1 failed']);
    expect(await codeOf(one.refunds.retryRefund({ id: refundId }, admin()))).toBe('payment.refund_exceeds_capture');
  });

  it('is booked once as a refund made at Razorpay when it is lost, which the order hears of', async () => {
    const { orderId, paymentId, move } = await disputed(20_000);
    for (let times = 0; times < 3; times += 1) await move('lost', 'lost');
    await eventually(() => fixture.refundsAtRazorpay.some((refund) => refund.orderId === orderId));
    const told = fixture.refundsAtRazorpay.filter((refund) => refund.orderId === orderId);
    expect(told).toMatchObject([{ paymentId, amount: 20_000, status: 'processed' }]);
    const { refunded, refunds } = await viewOf(orderId);
    expect({ refunded, refunds }).toMatchObject({ refunded: 20_000, refunds: [{ id: told[0]?.refundId, status: 'processed' }] });
    expect(await codeOf(one.refunds.retryRefund({ id: String(told[0]?.refundId) }, admin()))).toBe('payment.refund_not_retriable');
  });

  it('lets the other refunds of its payment go when a part was lost, and nothing above what is left', async () => {
    const { orderId, paymentId, refundId, move } = await waiting(20_000);
    await move('lost', 'lost');
    await eventually(async () => (await viewOf(orderId)).refunded === 70_000);
    expect((await viewOf(orderId)).refunds.find(({ id }) => id === refundId)).toMatchObject({ status: 'processed' });
    const refund = { refundId: uuidv7(), orderId, userId: uuidv7(), paymentId, amount: 59_901, reason: 'cancelled' };
    await fixture.tell(orderApi.events.refundDue, refund);
    expect((await viewOf(orderId)).refunds.find(({ id }) => id === refund.refundId)).toMatchObject({ status: 'failed' });
    expect(await one.refunds.refund({ orderId, reason: 'r', amount: 59_900 }, admin())).toMatchObject({ status: 'pending' });
    await eventually(async () => (await viewOf(orderId)).refunded === 129_900);
    expect(fixture.razorpay.refunded(paymentId)).toBe(109_900);
  });

  it('is booked with no more than Razorpay has not refunded yet', async () => {
    const { orderId, paymentId, payment } = await fixture.paid(one);
    await one.refunds.refund({ orderId, reason: 'r', amount: 100_000 }, admin());
    await eventually(async () => (await viewOf(orderId)).refunded === 100_000);
    const dispute = { id: newId('disp'), payment_id: paymentId, amount: 129_900, status: 'lost' };
    await one.webhooks.webhook(webhookOf('payment.dispute.lost', { payment, dispute }));
    expect(await viewOf(orderId)).toMatchObject({ refunded: 129_900, disputes: [{ amount: 129_900, status: 'lost' }] });
  });

  it('that was lost before losses were booked is booked by a round', async () => {
    const { orderId, move } = await disputed(20_000);
    await one.database.execute(sql`UPDATE disputes SET status = 'lost' WHERE order_id = ${orderId}`);
    await one.app.get(DisputeBooking).bookLost();
    await move('lost', 'lost');
    expect(await viewOf(orderId)).toMatchObject({ refunded: 20_000, refunds: [{ amount: 20_000 }] });
  });

  it('stays lost, whatever is delivered late', async () => {
    const { orderId, move } = await disputed();
    await move('lost', 'lost');
    for (const [event, status] of [
      ['created', 'open'],
      ['won', 'won'],
    ] as const)
      await move(event, status);
    expect(await viewOf(orderId)).toMatchObject({ disputes: [{ status: 'lost' }] });
  });

  it('refuses to send a failed refund again', async () => {
    const { orderId, paymentId, payment } = await fixture.paid(one);
    payment.status = 'authorized';
    const { id } = await one.refunds.refund({ orderId, reason: 'r', amount: 100 }, admin());
    await eventually(async () => (await viewOf(orderId)).refunds[0]?.status === 'failed');
    payment.status = 'captured';
    const dispute = { id: newId('disp'), payment_id: paymentId, amount: 100, status: 'open' };
    await one.webhooks.webhook(webhookOf('payment.dispute.created', { payment, dispute }));
    expect(await codeOf(one.refunds.retryRefund({ id }, admin()))).toBe('payment.disputed');
    await one.webhooks.webhook(webhookOf('payment.dispute.won', { payment, dispute: { ...dispute, status: 'won' } }));
    expect(await one.refunds.retryRefund({ id }, admin())).toMatchObject({ status: 'pending' });
    await eventually(async () => (await viewOf(orderId)).refunded === 100);
  });
});

describe('a refund whose answer was lost before its dispute was', () => {
  it.each([
    { kind: 'reset-after', status: 'processed', outcome: 'was made, and counts' },
    { kind: 'reset-before', status: 'failed', outcome: 'was not made, and is not made any more' },
  ] as const)('is looked up, not sent: it $outcome', async ({ kind, status }) => {
    const { orderId, paymentId, payment } = await fixture.paid(one);
    fixture.razorpay.fail('POST', /refund$/, kind);
    await one.refunds.refund({ orderId, reason: 'r', amount: 100 }, admin());
    await eventually(async () => (await reasonOf(orderId))?.error != null);
    const before = sent(paymentId);
    const dispute = { id: newId('disp'), payment_id: paymentId, amount: 129_900, status: 'lost' };
    await one.webhooks.webhook(webhookOf('payment.dispute.lost', { payment, dispute }));
    await eventually(async () => {
      await sendNow(orderId);
      return (await viewOf(orderId)).refunds[0]?.status !== 'pending';
    });
    expect((await viewOf(orderId)).refunds).toMatchObject([{ status }, { amount: 129_900, status: 'processed' }]);
    expect(sent(paymentId)).toBe(before);
    expect(fixture.razorpay.refunded(paymentId)).toBe(status === 'processed' ? 100 : 0);
  });
});
