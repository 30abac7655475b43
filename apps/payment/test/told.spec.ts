import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import { PaymentReactions } from '../src/payment.reactions.ts';
import { PaymentOrderReconciler } from '../src/payment-order-reconciler.ts';
import { callOf, PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

/** What customers and staff are told of money, as it stands in the outbox: nobody takes it in this suite. */
let fixture: PaymentFixture;
let one: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
beforeEach(() => fixture.razorpay.heal());
afterAll(() => fixture.stop());

const told = async (event: string): Promise<Record<string, unknown>[]> => {
  const rows = await one.database.rows<{ payload: string }>(
    sql`SELECT payload FROM outbox WHERE event = ${event} AND subscriber = 'notification' ORDER BY id`,
  );
  return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
};
const about = async (event: string, orderId: string) => (await told(event)).filter((payload) => payload.orderId === orderId);

describe('a payment that failed', () => {
  it('is told once, with whose it is, however often and by whom it is reported', async () => {
    const { orderId, userId, opened } = await fixture.opened(one);
    const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'failed');
    const webhook = webhookOf('payment.failed', { payment });
    await Promise.all([1, 2, 3].map(() => one.webhooks.webhook(webhook)));
    await one.webhooks.webhook(webhookOf('payment.failed', { payment }));
    await one.database.execute(sql`UPDATE payment_orders SET next_check_at = now() WHERE order_id = ${orderId}`);
    await one.app.get(PaymentOrderReconciler).checkOrders();
    expect(await about('payment.failed', orderId)).toEqual([{ orderId, userId, paymentId: payment.id, at: expect.any(String) }]);
  });

  it('is told for each attempt of an order, and not after its capture', async () => {
    const { orderId, opened } = await fixture.opened(one);
    for (let attempt = 0; attempt < 2; attempt += 1)
      await one.webhooks.webhook(webhookOf('payment.failed', { payment: fixture.razorpay.pay(opened.razorpayOrderId, 'failed') }));
    const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'captured');
    await one.webhooks.webhook(webhookOf('payment.captured', { payment }));
    await one.webhooks.webhook(webhookOf('payment.failed', { payment: { ...payment, status: 'failed' } }));
    expect(await about('payment.failed', orderId)).toHaveLength(2);
  });
});

describe('staff', () => {
  it('hears of a capture of another amount than its order has, and of no other rejection', async () => {
    const { orderId, paymentId } = await fixture.paid(one, 77_700);
    const reactions = one.app.get(PaymentReactions);
    for (const reason of ['order_cancelled', 'amount_mismatch'])
      await one.database.transaction((transaction) =>
        reactions.onOrderCaptureRejected(
          { orderId, paymentId, reason },
          { eventId: uuidv7(), version: 1, requestId: 'suite', transaction },
        ),
      );
    expect(await about('payment.needsPerson', orderId)).toEqual([
      { kind: 'amount_mismatch', orderId, amount: 77_700, at: expect.any(String) },
    ]);
  });

  it('hears of each refund that failed', async () => {
    const { orderId, payment } = await fixture.paid(one);
    // Razorpay refuses to give back what it has given back.
    payment.status = 'refunded';
    await one.refunds.refund({ orderId, reason: 'r', amount: 500 }, callOf(uuidv7(), ['admin']));
    await eventually(async () => (await about('payment.needsPerson', orderId)).length > 0);
    expect(await about('payment.needsPerson', orderId)).toEqual([{ kind: 'refund_failed', orderId, amount: 500, at: expect.any(String) }]);
  });

  it('hears of a dispute once, while it can be answered', async () => {
    const { orderId, payment } = await fixture.paid(one);
    const dispute = { id: newId('disp'), payment_id: payment.id, amount: 900 };
    for (const [event, status] of [
      ['under_review', 'under_review'],
      ['created', 'open'],
      ['lost', 'lost'],
    ])
      await one.webhooks.webhook(webhookOf(`payment.dispute.${event}`, { payment, dispute: { ...dispute, status } }));
    const over = await fixture.paid(one);
    const ended = { id: newId('disp'), payment_id: over.payment.id, amount: 900, status: 'won' };
    await one.webhooks.webhook(webhookOf('payment.dispute.won', { payment: over.payment, dispute: ended }));
    expect(await about('payment.needsPerson', orderId)).toEqual([{ kind: 'dispute', orderId, amount: 900, at: expect.any(String) }]);
    expect(await about('payment.needsPerson', over.orderId)).toEqual([]);
  });

  it('hears once that Razorpay refuses our key, however many replicas meet it, and anew after it was accepted', async () => {
    const refusals = async () => (await told('payment.needsPerson')).filter(({ kind }) => kind === 'bad_credentials');
    const two = await fixture.replica();
    const refuse = async (times: number) => {
      fixture.razorpay.fail('GET', /./, 'unauthorised', 10_000);
      for (const replica of [one, two]) {
        const { orderId } = await fixture.opened(replica);
        await replica.database.execute(sql`UPDATE payment_orders SET next_check_at = now() WHERE order_id = ${orderId}`);
        await replica.app.get(PaymentOrderReconciler).checkOrders();
      }
      await eventually(async () => (await refusals()).length === times, 30_000);
    };
    await refuse(1);
    expect(await refusals()).toEqual([{ kind: 'bad_credentials', at: expect.any(String) }]);
    fixture.razorpay.heal();
    await eventually(async () => (await one.database.row(sql`SELECT 1 FROM key_refusals`)) === undefined, 30_000);
    await refuse(2);
  }, 90_000);
});
