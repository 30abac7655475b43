import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Order } from '#libs/contracts/order/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { PaymentRecorder } from '../src/payment-recorder.ts';
import { type RazorpayPayment, readPayment } from '../src/razorpay-objects.ts';
import { callOf, PaymentFixture, type Replica, signatureOf, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
beforeEach(() => fixture.razorpay.heal());
afterAll(() => fixture.stop());

async function paid(status: string) {
  const { orderId, userId, opened } = await fixture.opened(one);
  const payment = fixture.razorpay.pay(opened.razorpayOrderId, status);
  const input = {
    orderId,
    razorpayOrderId: opened.razorpayOrderId,
    razorpayPaymentId: String(payment.id),
    razorpaySignature: signatureOf(opened.razorpayOrderId, payment.id),
  };
  return {
    orderId,
    userId,
    opened,
    payment,
    input,
    verify: (changed = {}) => one.paying.verify({ ...input, ...changed }, callOf(userId)),
  };
}

const statusOf = async (paymentId: unknown): Promise<string | undefined> =>
  (await one.database.row<{ status: string }>(sql`SELECT status FROM payments WHERE razorpay_payment_id = ${paymentId}`))?.status;

const isWaitingForLock = async (): Promise<boolean> =>
  (await one.database.row(sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) !==
  undefined;

describe('verify', () => {
  it('answers with the confirmed order once the capture has reached the order service', async () => {
    const { orderId, verify } = await paid('captured');
    expect(await verify()).toMatchObject({ status: 'captured', order: { id: orderId, status: 'confirmed' } });
    expect(fixture.capturesOf(orderId)).toHaveLength(1);
  });

  it('answers the same when it is repeated', async () => {
    const { orderId, verify } = await paid('captured');
    const answers = [await verify(), await verify(), ...(await Promise.all([verify(), verify(), verify()]))];
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(fixture.capturesOf(orderId)).toHaveLength(1);
  });

  it('does not ask Razorpay for a payment that its webhook has already reported', async () => {
    const { payment, verify } = await paid('captured');
    await one.webhooks.webhook(webhookOf('payment.captured', { payment }));
    fixture.razorpay.fail('GET', /payments/, 'html', 10);
    expect(await verify()).toMatchObject({ status: 'captured', order: { status: 'confirmed' } });
  });

  it('waits for a webhook of the payment that is being recorded, and asks Razorpay nothing', async () => {
    const { orderId, payment, verify } = await paid('captured');
    const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holder = one.database.transaction(async (tx) => {
      await tx.execute(sql`SELECT 1 FROM payment_orders WHERE order_id = ${orderId} FOR UPDATE`);
      held.resolve();
      await goOn;
    });
    await held.promise;
    const webhook = one.webhooks.webhook(webhookOf('payment.captured', { payment }));
    await eventually(isWaitingForLock);
    fixture.razorpay.fail('GET', /payments/, 'html', 10);
    const answer = verify();
    letGo();
    await Promise.all([holder, webhook]);
    expect(await answer).toMatchObject({ status: 'captured', order: { id: orderId, status: 'confirmed' } });
    expect(fixture.capturesOf(orderId)).toHaveLength(1);
  });

  it('answers with the order as its service answered to the capture, and asks for nothing more', async () => {
    const { orderId, userId, verify } = await paid('captured');
    const confirmed = { id: orderId, userId, status: 'confirmed', number: 'O-told' };
    fixture.answers.set(orderId, confirmed as Order);
    expect(await verify()).toEqual({ status: 'captured', order: confirmed });
  });

  it('answers captured though the order service is away; the event waits for it', async () => {
    const { orderId, verify } = await paid('captured');
    fixture.orderIsDown = true;
    expect(await verify()).toMatchObject({ status: 'captured', order: { status: 'pending_payment' } });
    fixture.orderIsDown = false;
    const until = Date.now() + 10_000;
    while (fixture.capturesOf(orderId).length === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fixture.capturesOf(orderId)).toHaveLength(1);
  });

  it('answers captured when the webhook that captures an authorised payment is faster by a moment', async () => {
    const { orderId, payment, verify } = await paid('captured');
    await one.webhooks.webhook(webhookOf('payment.authorized', { payment: { ...payment, status: 'authorized' } }));
    await eventually(async () => (await statusOf(payment.id)) === 'authorized');
    const { promise: goOn, resolve: commit } = Promise.withResolvers<void>();
    const webhook = one.database.transaction(async (tx) => {
      await one.app.get(PaymentRecorder).recordIn(tx, readPayment(payment) as RazorpayPayment);
      await goOn;
    });
    const answer = verify();
    await eventually(isWaitingForLock);
    commit();
    await webhook;
    expect(await answer).toMatchObject({ status: 'captured', order: { status: 'confirmed' } });
    expect(fixture.capturesOf(orderId)).toHaveLength(1);
  });

  it('answers authorized for a payment that is only authorised, and tells the order nothing', async () => {
    const { orderId, verify } = await paid('authorized');
    expect(await verify()).toMatchObject({ status: 'authorized', order: { status: 'pending_payment' } });
    expect(fixture.capturesOf(orderId)).toHaveLength(0);
  });

  it('answers refunded for money that has gone back, and tells the order nothing', async () => {
    const { orderId, verify } = await paid('refunded');
    expect(await verify()).toMatchObject({ status: 'refunded' });
    expect(fixture.capturesOf(orderId)).toHaveLength(0);
  });

  it('refuses a failed payment with 409', async () => {
    const { verify } = await paid('failed');
    expect(await codeOf(verify())).toBe('payment.failed');
  });

  it.each(['hang', 'html', 'reset-before', 'busy'] as const)('answers 503 while Razorpay does not answer: %s', async (kind) => {
    const { verify } = await paid('captured');
    fixture.razorpay.fail('GET', /payments\//, kind);
    expect(await codeOf(verify())).toBe('unavailable');
    expect(await verify()).toMatchObject({ status: 'captured' });
  });
});

describe('verify refuses', () => {
  it("somebody else's order as one that does not exist", async () => {
    const { input } = await paid('captured');
    expect(await codeOf(one.paying.verify(input, callOf(uuidv7())))).toBe('not_found');
    expect(await codeOf(one.paying.verify({ ...input, orderId: uuidv7() }, callOf(uuidv7())))).toBe('not_found');
  });

  it('a signature that is changed, of another key, or of the order and payment in the wrong order', async () => {
    const { input, payment, verify } = await paid('captured');
    const { razorpayOrderId, razorpaySignature } = input;
    const changed = (razorpaySignature[0] === 'a' ? 'b' : 'a') + razorpaySignature.slice(1);
    for (const forged of [changed, '', 'x'.repeat(64), signatureOf(String(payment.id), razorpayOrderId)])
      expect(await codeOf(verify({ razorpaySignature: forged }))).toBe('payment.bad_signature');
  });

  it('a valid signature of another order, whoever names which order id', async () => {
    const [mine, other] = [await paid('authorized'), await paid('captured')];
    const { razorpayOrderId, razorpayPaymentId, razorpaySignature } = other.input;
    expect(await codeOf(mine.verify({ razorpayOrderId, razorpayPaymentId, razorpaySignature }))).toBe('payment.bad_signature');
    expect(await codeOf(mine.verify({ razorpayPaymentId, razorpaySignature }))).toBe('payment.bad_signature');
    expect(fixture.capturesOf(mine.orderId)).toHaveLength(0);
  });

  it('a payment that Razorpay knows as of another order, though the signature fits', async () => {
    const [mine, other] = [await paid('authorized'), await paid('captured')];
    const foreign = {
      razorpayPaymentId: other.input.razorpayPaymentId,
      razorpaySignature: signatureOf(mine.opened.razorpayOrderId, other.payment.id),
    };
    expect(await codeOf(mine.verify(foreign))).toBe('payment.bad_signature');
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: other.payment }));
    expect(await codeOf(mine.verify(foreign))).toBe('payment.bad_signature');
    expect(fixture.capturesOf(mine.orderId)).toHaveLength(0);
  });

  it('a payment id that is none, or that Razorpay does not know', async () => {
    const { opened, verify } = await paid('captured');
    for (const razorpayPaymentId of ['../orders/order_1', newId('pay')]) {
      const razorpaySignature = signatureOf(opened.razorpayOrderId, razorpayPaymentId);
      expect(await codeOf(verify({ razorpayPaymentId, razorpaySignature }))).toBe('payment.bad_signature');
    }
  });
});
