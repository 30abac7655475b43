import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderApi } from '#libs/contracts/order/api';
import type { RefundDue } from '#libs/contracts/order/messages';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually, withKey } from '#libs/testing/builders';
import { refundReceiptOf } from '../src/payment.ts';
import { RefundSender } from '../src/refund-sender.ts';
import { callOf, PaymentFixture, type Replica, signatureOf, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  [one, two] = await Promise.all([fixture.replica(), fixture.replica({ REFUND_SUPPORT_LIMIT: '50000' })]);
});
beforeEach(() => {
  fixture.razorpay.heal();
  fixture.razorpay.refundStatus = 'processed';
  fixture.asked.length = 0;
});
afterAll(() => fixture.stop());

const admin = () => callOf(uuidv7(), ['admin']);
const support = () => callOf(uuidv7(), ['support']);
const viewOf = (orderId: string) => one.payment.ofOrder({ orderId }, admin());
const refundOf = async (orderId: string) => (await viewOf(orderId)).refunds[0];
const dueOf = ({ orderId, userId, paymentId, amount }: Omit<RefundDue, 'refundId' | 'reason'>): RefundDue => ({
  refundId: uuidv7(),
  reason: 'cancelled',
  ...{ orderId, userId, paymentId, amount },
});
const tell = (due: RefundDue, eventId?: string) => fixture.tell(orderApi.events.refundDue, due, eventId);
const processed = (orderId: string, amount: number) => eventually(async () => (await viewOf(orderId)).refunded === amount);
const sendNow = async (orderId: string) => {
  await one.database.execute(sql`UPDATE refunds SET next_try_at = now() WHERE order_id = ${orderId} AND next_try_at <> 'infinity'`);
  await Promise.all([one, two].map(({ app }) => app.get(RefundSender).sendDue()));
};

describe('a refund that the order asks for', () => {
  it('is made once, though the event comes again and again, and the order hears of it', async () => {
    const { orderId, userId, paymentId } = await fixture.paid(one);
    const due = dueOf({ orderId, userId, paymentId, amount: 29_900 });
    const eventId = uuidv7();
    await Promise.all([tell(due, eventId), tell(due, eventId), tell(due), tell(due)]);
    await processed(orderId, 29_900);
    expect(await viewOf(orderId)).toMatchObject({
      captured: 129_900,
      refunds: [{ id: due.refundId, amount: 29_900, status: 'processed' }],
    });
    expect(fixture.razorpay.refunded(paymentId)).toBe(29_900);
    await eventually(() => fixture.changesOf(orderId).length > 0);
    expect(fixture.changesOf(orderId)).toEqual(['1 processed']);
  });

  it('never takes more than was captured, however many come at once: what is above is failed, and the order hears of it', async () => {
    const { orderId, userId, paymentId } = await fixture.paid(one);
    const dues = Array.from({ length: 10 }, () => dueOf({ orderId, userId, paymentId, amount: 20_000 }));
    await Promise.all(dues.map((due) => tell(due)));
    await processed(orderId, 120_000);
    expect(fixture.razorpay.refunded(paymentId)).toBe(120_000);
    const { refunds } = await viewOf(orderId);
    expect(refunds.map(({ status }) => status).sort()).toEqual([...Array(4).fill('failed'), ...Array(6).fill('processed')]);
    await eventually(() => fixture.changesOf(orderId).length === 10);
    expect(fixture.razorpay.count('POST', new RegExp(`${paymentId}/refund$`))).toBe(6);
  });

  it('goes back exactly to the last paisa in unequal parts', async () => {
    const { orderId, userId, paymentId } = await fixture.paid(one);
    for (const amount of [1, 64_949, 64_950]) await tell(dueOf({ orderId, userId, paymentId, amount }));
    await processed(orderId, 129_900);
    await tell(dueOf({ orderId, userId, paymentId, amount: 1 }));
    expect((await viewOf(orderId)).refunds.at(-1)).toMatchObject({ amount: 1, status: 'failed' });
    expect((await viewOf(orderId)).captures).toMatchObject([{ status: 'refunded' }]);
  });

  it.each(['reset-before', 'reset-after', 'html', 'busy'] as const)('is made once though the answer is lost: %s', async (kind) => {
    const { orderId, userId, paymentId } = await fixture.paid(one);
    fixture.razorpay.fail('POST', /refund$/, kind);
    await tell(dueOf({ orderId, userId, paymentId, amount: 5_000 }));
    await eventually(async () => {
      await sendNow(orderId);
      return (await viewOf(orderId)).refunded === 5_000;
    });
    expect(fixture.razorpay.refunded(paymentId)).toBe(5_000);
  });

  it('does not touch the payment of another order', async () => {
    const [mine, other] = [await fixture.paid(one), await fixture.paid(one)];
    await expect(tell(dueOf({ ...mine, paymentId: other.paymentId, amount: 100 }))).rejects.toThrow();
    expect((await viewOf(other.orderId)).refunds).toEqual([]);
    expect((await viewOf(mine.orderId)).refunds).toEqual([]);
  });
});

describe('POST /payments/refund', () => {
  it("cancels a customer's own order, and answers with the refund", async () => {
    const { orderId, userId } = await fixture.paid(one);
    const answer = await one.refunds.refund({ orderId, reason: 'changed my mind' }, callOf(userId));
    expect(answer).toMatchObject({ orderId, amount: 129_900, razorpayRefundId: null, status: 'pending' });
    expect(fixture.asked).toEqual([{ refundId: answer.id, orderId, userId, reason: 'changed my mind' }]);
    await processed(orderId, 129_900);
  });

  it('is refused above what is left here, where the order has not heard of another refund yet', async () => {
    const { orderId, payment, paymentId } = await fixture.paid(one);
    const refund = { id: newId('rfnd'), payment_id: paymentId, amount: 100_000, status: 'processed', receipt: null };
    await one.webhooks.webhook(webhookOf('refund.processed', { refund, payment }));
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r', amount: 30_000 }, admin()))).toBe('payment.refund_exceeds_capture');
    await eventually(() => fixture.changesOf(orderId).length === 1);
    expect(fixture.changesOf(orderId)).toEqual(['1 failed']);
  });

  it('lets no customer name an amount, nor see an order that is not his', async () => {
    const { orderId, userId } = await fixture.paid(one);
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r', amount: 100 }, callOf(userId)))).toBe('forbidden');
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r' }, callOf(uuidv7())))).toBe('not_found');
    expect(await codeOf(one.refunds.refund({ orderId: uuidv7(), reason: 'r' }, admin()))).toBe('not_found');
    expect((await viewOf(orderId)).refunds).toEqual([]);
  });

  it('takes either an amount or items from staff', async () => {
    const { orderId } = await fixture.paid(one);
    const both = { orderId, reason: 'r', amount: 100, items: [{ itemId: uuidv7(), quantity: 1 }] };
    await expect(one.refunds.refund(both, admin())).rejects.toMatchObject({
      code: 'validation_failed',
      fields: { errors: [{ path: 'amount' }] },
    });
    expect(fixture.asked).toEqual([]);
  });

  it('holds support to its limit, whether an amount is named or comes out of the items, and admins to none', async () => {
    const { orderId } = await fixture.paid(one);
    const items = (quantity: number) => ({ orderId, reason: 'r', items: [{ itemId: uuidv7(), quantity }] });
    expect(await codeOf(two.refunds.refund({ orderId, reason: 'r', amount: 50_001 }, support()))).toBe('payment.refund_above_limit');
    expect(fixture.asked).toEqual([]);
    expect(await codeOf(two.refunds.refund(items(6), support()))).toBe('payment.refund_above_limit');
    expect(await codeOf(two.refunds.refund({ orderId, reason: 'r' }, support()))).toBe('payment.refund_above_limit');
    expect(await two.refunds.refund(items(5), support())).toMatchObject({ amount: 50_000 });
    expect(await two.refunds.refund(items(6), admin())).toMatchObject({ amount: 60_000 });
  });

  it('refuses what is above the rest', async () => {
    const { orderId } = await fixture.paid(one);
    await one.refunds.refund({ orderId, reason: 'r', amount: 100_000 }, admin());
    expect(await codeOf(one.refunds.refund({ orderId, reason: 'r', amount: 29_901 }, admin()))).toBe('payment.refund_exceeds_capture');
  });

  it('is one refund for ten at once with one key, and for its repeats; the key with another body is refused', async () => {
    const { orderId, paymentId } = await fixture.paid(one);
    const [call, input] = [admin(), { orderId, reason: 'r', amount: 10_000 }];
    const ask = (replica: Replica) => replica.refunds.refund(input, withKey(call, `key-${orderId}`));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => ask(at % 2 === 0 ? one : two)));
    await processed(orderId, 10_000);
    answers.push(await ask(two));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(fixture.razorpay.refunded(paymentId)).toBe(10_000);
    await expect(one.refunds.refund(input, withKey(call, `key-${orderId}`, 'another'))).rejects.toThrow(IdempotencyKeyReused);
  });

  it('is one refund with the event of the order, whichever comes first', async () => {
    const { orderId, paymentId } = await fixture.paid(one);
    const { id } = await one.refunds.refund({ orderId, reason: 'r', amount: 700 }, admin());
    const due = fixture.dues.get(id);
    if (due === undefined) throw new Error('the order was not asked');
    await Promise.all([tell(due), tell(due)]);
    await processed(orderId, 700);
    expect(fixture.razorpay.refunded(paymentId)).toBe(700);
    expect((await viewOf(orderId)).refunds).toHaveLength(1);
  });

  it('never gives back more than the capture for 20 partial ones at once', async () => {
    const { orderId, paymentId } = await fixture.paid(one);
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        codeOf((at % 2 === 0 ? one : two).refunds.refund({ orderId, reason: 'r', amount: 9_000 }, admin())),
      ),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(14);
    expect(codes.filter((code) => code === 'payment.refund_exceeds_capture')).toHaveLength(6);
    await eventually(async () => {
      await sendNow(orderId);
      return (await viewOf(orderId)).refunded === 126_000;
    });
    expect(fixture.razorpay.refunded(paymentId)).toBe(126_000);
  });
});

describe('a refund that failed', () => {
  async function failed() {
    fixture.razorpay.refundStatus = 'pending';
    const { orderId, userId, payment, paymentId } = await fixture.paid(one);
    const { id } = await one.refunds.refund({ orderId, reason: 'r', amount: 100_000 }, admin());
    await eventually(async () => (await refundOf(orderId))?.razorpayRefundId !== null);
    const refund = [...fixture.razorpay.refunds.values()].find(({ payment_id }) => payment_id === paymentId) ?? {};
    refund.status = 'failed';
    payment.status = 'captured';
    await one.webhooks.webhook(webhookOf('refund.failed', { refund, payment }));
    expect(await refundOf(orderId)).toMatchObject({ id, status: 'failed' });
    return { orderId, userId, id, refund, payment, paymentId };
  }

  it('frees its amount, and is sent again under a key and a receipt of its own', async () => {
    const { orderId, id, paymentId } = await failed();
    fixture.razorpay.refundStatus = 'processed';
    expect(await one.refunds.retryRefund({ id }, support())).toMatchObject({ id, status: 'pending', razorpayRefundId: null });
    await processed(orderId, 100_000);
    const sent = fixture.razorpay.requests.filter(({ route }) => route === `POST /v1/payments/${paymentId}/refund`);
    expect(sent.map(({ body }) => body.receipt)).toEqual([refundReceiptOf(id, 1), refundReceiptOf(id, 2)]);
    expect(new Set(sent.map(({ headers }) => headers['x-refund-idempotency'])).size).toBe(2);
    await eventually(() => fixture.changesOf(orderId).length === 3);
    expect(fixture.changesOf(orderId).sort()).toEqual(['1 failed', '2 pending', '2 processed']);
    expect(fixture.razorpay.refunded(paymentId)).toBe(100_000);
  });

  it('is sent again once for ten who ask', async () => {
    const { orderId, id, paymentId } = await failed();
    fixture.razorpay.refundStatus = 'processed';
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(two.refunds.retryRefund({ id }, support()))));
    expect(codes.sort()).toEqual(['ok', ...Array(9).fill('payment.refund_not_retriable')]);
    await processed(orderId, 100_000);
    expect(fixture.razorpay.refunded(paymentId)).toBe(100_000);
  });

  it('is not sent again when others have taken what it freed', async () => {
    const { orderId, userId, id, paymentId } = await failed();
    await tell(dueOf({ orderId, userId, paymentId, amount: 30_000 }));
    expect(await codeOf(one.refunds.retryRefund({ id }, support()))).toBe('payment.refund_exceeds_capture');
    expect(await refundOf(orderId)).toMatchObject({ status: 'failed' });
  });

  it('is not moved by a late word of its first attempt', async () => {
    const { orderId, id, refund } = await failed();
    await one.refunds.retryRefund({ id }, support());
    await one.webhooks.webhook(webhookOf('refund.failed', { refund }));
    expect(await refundOf(orderId)).toMatchObject({ status: 'pending' });
    expect((await viewOf(orderId)).refunds).toHaveLength(1);
  });

  it('alone is sent again: no other refund, and none that is not there', async () => {
    const { orderId, userId, paymentId } = await fixture.paid(one);
    const due = dueOf({ orderId, userId, paymentId, amount: 500 });
    await tell(due);
    await processed(orderId, 500);
    expect(await codeOf(one.refunds.retryRefund({ id: due.refundId }, support()))).toBe('payment.refund_not_retriable');
    expect(await codeOf(one.refunds.retryRefund({ id: uuidv7() }, support()))).toBe('not_found');
  });
});

describe('a refund that the order did not ask for', () => {
  it('counts against the capture when it was made in the dashboard, until it fails, and the order is told that it is none of its own', async () => {
    const { orderId, userId, payment, paymentId } = await fixture.paid(one);
    const refund = { id: newId('rfnd'), payment_id: paymentId, amount: 100_000, status: 'pending', receipt: null };
    for (let times = 0; times < 2; times += 1) await one.webhooks.webhook(webhookOf('refund.created', { refund, payment }));
    await tell(dueOf({ orderId, userId, paymentId, amount: 29_901 }));
    expect((await viewOf(orderId)).refunds.map(({ status }) => status)).toEqual(['pending', 'failed']);
    await one.webhooks.webhook(webhookOf('refund.failed', { refund: { ...refund, status: 'failed' }, payment }));
    await tell(dueOf({ orderId, userId, paymentId, amount: 129_900 }));
    await processed(orderId, 129_900);
    await eventually(() => fixture.changesOf(orderId).length === 2);
    expect(fixture.changesOf(orderId)).toEqual(['1 failed', '1 processed']);
    const told = () => fixture.refundsAtRazorpay.filter((made) => made.orderId === orderId);
    await eventually(() => told().length === 2);
    expect(new Set(told().map(({ status }) => status))).toEqual(new Set(['pending', 'failed']));
    expect(told()).toMatchObject(Array(2).fill({ paymentId, amount: 100_000 }));
  });

  it('is the rest of a capture that the order rejects, of which it is not told either', async () => {
    const { orderId, payment, paymentId } = await fixture.paid(one);
    const refund = { id: newId('rfnd'), payment_id: paymentId, amount: 900, status: 'processed', receipt: null };
    fixture.razorpay.refunds.set(refund.id, refund);
    await one.webhooks.webhook(webhookOf('refund.processed', { refund, payment }));
    await fixture.reject({ orderId, paymentId, reason: 'already_paid' });
    await processed(orderId, 129_900);
    const other = await fixture.paid(one);
    await tell(dueOf({ ...other, amount: 100 }));
    await eventually(() => fixture.changesOf(other.orderId).length === 1);
    expect(fixture.changesOf(orderId)).toEqual([]);
    expect(fixture.razorpay.refunded(paymentId)).toBe(129_900);
  });
});

describe('what is counted on a payment', () => {
  it('is the sum of its refunds that have not failed, whatever came at once', async () => {
    const { orderId, userId, paymentId } = await fixture.paid(one);
    for (let times = 0; times < 5; times += 1) {
      const due = dueOf({ orderId, userId, paymentId, amount: 7_000 });
      await Promise.all(Array.from({ length: 6 }, () => tell(due)));
    }
    const wrong = await one.database.rows(sql`
      SELECT razorpay_payment_id, given_back FROM payments
      WHERE given_back <> (SELECT coalesce(sum(amount), 0) FROM refunds WHERE payment_id = razorpay_payment_id AND state <> 'failed')`);
    expect(wrong).toEqual([]);
    const found = await one.database.row(sql`SELECT given_back FROM payments WHERE razorpay_payment_id = ${paymentId}`);
    expect(found).toEqual({ given_back: 35_000 });
  });
});

describe('verify', () => {
  it('answers refunded for a payment that was given back', async () => {
    const { orderId, userId, payment, paymentId } = await fixture.paid(one);
    const razorpayOrderId = String(payment.order_id);
    const input = { orderId, razorpayOrderId, razorpayPaymentId: paymentId, razorpaySignature: signatureOf(razorpayOrderId, paymentId) };
    await tell(dueOf({ orderId, userId, paymentId, amount: 29_900 }));
    expect(await one.paying.verify(input, callOf(userId))).toMatchObject({ status: 'captured' });
    await tell(dueOf({ orderId, userId, paymentId, amount: 100_000 }));
    expect(await one.paying.verify(input, callOf(userId))).toMatchObject({ status: 'refunded' });
    await processed(orderId, 129_900);
    expect(await one.paying.verify(input, callOf(userId))).toMatchObject({ status: 'refunded' });
  });
});
