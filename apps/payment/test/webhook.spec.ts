import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAYMENT_STATES } from '#libs/contracts/payment/views';

import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { PAYMENT_MOVES } from '../src/payment.ts';
import { WebhookHandlers } from '../src/webhook.handlers.ts';
import { WebhookRepository } from '../src/webhook.repository.ts';
import { callOf, OLD_WEBHOOK_SECRET, PaymentFixture, type Replica, signatureOf, WEBHOOK_SECRET, webhookOf } from './payment-fixture.ts';
import { hmac, newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  [one, two] = await Promise.all([fixture.replica(), fixture.replica()]);
});
afterAll(() => fixture.stop());

async function paid(status = 'captured') {
  const { orderId, userId, opened } = await fixture.opened(one);
  const payment = fixture.razorpay.pay(opened.razorpayOrderId, status);
  const order = { ...fixture.razorpay.orders.get(opened.razorpayOrderId), status: 'paid' };
  return { orderId, userId, opened, payment, order };
}
const statusOf = async (paymentId: unknown) =>
  (await one.database.row<{ status: string }>(sql`SELECT status FROM payments WHERE razorpay_payment_id = ${paymentId}`))?.status;
const storedAs = (id: string) =>
  one.database.row<{ outcome: string | null; event: string | null; isProcessed: boolean }>(
    sql`SELECT outcome, event, processed_at IS NOT NULL AS "isProcessed" FROM webhook_events WHERE id = ${id}`,
  );

describe('the same money, reported by webhook, order.paid and verify', () => {
  const orders = [
    ['webhook', 'order', 'verify'],
    ['webhook', 'verify', 'order'],
    ['order', 'webhook', 'verify'],
    ['order', 'verify', 'webhook'],
    ['verify', 'webhook', 'order'],
    ['verify', 'order', 'webhook'],
    ['webhook'],
    ['order'],
    ['verify'],
  ];
  const reports = ({ orderId, userId, opened, payment, order }: Awaited<ReturnType<typeof paid>>) => {
    const captured = webhookOf('payment.captured', { payment });
    const orderPaid = webhookOf('order.paid', { order, payment });
    const verification = {
      ...{ orderId, razorpayOrderId: opened.razorpayOrderId, razorpayPaymentId: String(payment.id) },
      razorpaySignature: signatureOf(opened.razorpayOrderId, payment.id),
    };
    return {
      webhook: (replica: Replica) => replica.webhooks.webhook(captured),
      order: (replica: Replica) => replica.webhooks.webhook(orderPaid),
      verify: (replica: Replica) => replica.paying.verify(verification, callOf(userId)),
    };
  };

  it.each(orders)('takes effect once, five times each: %s %s %s', async (...sequence) => {
    const shop = await paid();
    const report = reports(shop);
    for (const kind of sequence.filter((name) => name !== undefined)) {
      for (let times = 0; times < 5; times += 1) await report[kind as 'webhook'](times % 2 ? one : two);
    }
    await eventually(() => fixture.capturesOf(shop.orderId).length > 0);
    expect(fixture.capturesOf(shop.orderId)).toEqual([
      {
        ...{ orderId: shop.orderId, paymentId: shop.payment.id, amount: 129_900, currency: 'INR' },
        providerOrderId: shop.opened.razorpayOrderId,
      },
    ]);
    const published = await one.database.row(sql`SELECT count(*) AS effects FROM payment_effects WHERE payment_id = ${shop.payment.id}`);
    expect(published).toEqual({ effects: 1 });
  });

  it('takes effect once when all of it arrives at the same time on two replicas', async () => {
    const shop = await paid();
    const report = reports(shop);
    await Promise.all(
      Array.from({ length: 5 }, (_, index) => (index % 2 ? one : two)).flatMap((replica) => [
        report.webhook(replica),
        report.order(replica),
        report.verify(replica),
      ]),
    );
    await eventually(() => fixture.capturesOf(shop.orderId).length > 0);
    // The outbox is empty again, so nothing else is on its way.
    await eventually(async () => (await one.database.row(sql`SELECT 1 FROM outbox`)) === undefined);
    expect(fixture.capturesOf(shop.orderId)).toHaveLength(1);
  });

  it('takes effect for each of two payments of one order, and the order says which it keeps', async () => {
    const shop = await paid();
    const second = fixture.razorpay.pay(shop.opened.razorpayOrderId, 'captured');
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: shop.payment }));
    await two.webhooks.webhook(webhookOf('payment.captured', { payment: second }));
    await eventually(() => fixture.capturesOf(shop.orderId).length === 2);
  });

  it('leaves with the amount and currency that Razorpay names', async () => {
    const shop = await paid();
    const payment = { ...shop.payment, amount: 100, currency: 'USD' };
    await one.webhooks.webhook(webhookOf('payment.captured', { payment }));
    await eventually(() => fixture.capturesOf(shop.orderId).length > 0);
    expect(fixture.capturesOf(shop.orderId)).toMatchObject([{ amount: 100, currency: 'USD' }]);
  });
});

describe('states', () => {
  it('only move forward, in whatever order reports arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...PAYMENT_STATES), { minLength: 1, maxLength: 8 }), async (reported) => {
        const shop = await paid('created');
        let expected: (typeof PAYMENT_STATES)[number] | undefined;
        let isCaptured = false;
        for (const status of reported) {
          await one.webhooks.webhook(webhookOf(`payment.${status}`, { payment: { ...shop.payment, status } }));
          isCaptured ||= status === 'captured' && expected !== 'refunded';
          if (expected === undefined || PAYMENT_MOVES[expected].includes(status)) expected = status;
          expect(await statusOf(shop.payment.id)).toBe(expected);
        }
        const effects = await one.database.row(
          sql`SELECT count(*) AS n FROM payment_effects WHERE payment_id = ${shop.payment.id} AND effect = 'captured'`,
        );
        expect(effects).toEqual({ n: isCaptured ? 1 : 0 });
      }),
      { numRuns: 25 },
    );
  });

  it('let a late authorised after captured change nothing', async () => {
    const shop = await paid();
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: shop.payment }));
    await one.webhooks.webhook(webhookOf('payment.authorized', { payment: { ...shop.payment, status: 'authorized' } }));
    expect(await statusOf(shop.payment.id)).toBe('captured');
  });

  it('let money that went back confirm nothing, when its capture is reported late', async () => {
    const shop = await paid();
    await one.webhooks.webhook(webhookOf('payment.refunded', { payment: { ...shop.payment, status: 'refunded' } }));
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: shop.payment }));
    const published = await one.database.row(sql`SELECT count(*) AS n FROM payment_effects WHERE payment_id = ${shop.payment.id}`);
    expect(published).toEqual({ n: 0 });
  });
});

describe('a webhook', () => {
  it('is refused without a signature, with a wrong one, or with one byte of its body changed', async () => {
    const { payment } = await paid();
    const webhook = webhookOf('payment.captured', { payment });
    const mutated = Buffer.from(webhook.bytes);
    mutated[20] = (mutated[20] ?? 0) ^ 1;
    for (const [bytes, headers] of [
      [webhook.bytes, {}],
      [webhook.bytes, { ...webhook.headers, 'x-razorpay-signature': hmac('a wrong secret', webhook.bytes) }],
      [mutated, webhook.headers],
    ] as const)
      expect(await codeOf(one.webhooks.webhook({ bytes, headers: headers as Record<string, string> }))).toBe('payment.bad_signature');
    expect(await statusOf(payment.id)).toBeUndefined();
  });

  it('may be signed with the secret before the last change', async () => {
    const { payment } = await paid();
    expect(await one.webhooks.webhook(webhookOf('payment.captured', { payment }, { secret: OLD_WEBHOOK_SECRET }))).toEqual({
      accepted: true,
    });
    expect(await statusOf(payment.id)).toBe('captured');
  });

  it('may not be signed with the old secret once it is forgotten', async () => {
    const strict = await fixture.replica({ RAZORPAY_WEBHOOK_SECRET_PREVIOUS: '' });
    const { payment } = await paid();
    expect(await codeOf(strict.webhooks.webhook(webhookOf('payment.captured', { payment }, { secret: OLD_WEBHOOK_SECRET })))).toBe(
      'payment.bad_signature',
    );
  });

  it('is accepted once, whichever replica gets it again', async () => {
    const { payment } = await paid();
    const webhook = webhookOf('payment.captured', { payment });
    const receipts = await Promise.all([1, 2, 3, 4, 5].map((n) => (n % 2 ? one : two).webhooks.webhook(webhook)));
    expect(receipts.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  it('is known by its body when it has no event id', async () => {
    const { payment } = await paid();
    const { bytes, headers } = webhookOf('payment.captured', { payment });
    const bare = { bytes, headers: { 'x-razorpay-signature': String(headers['x-razorpay-signature']) } };
    expect(await one.webhooks.webhook(bare)).toEqual({ accepted: true });
    expect(await two.webhooks.webhook(bare)).toEqual({ accepted: false });
  });

  it('is stored and answered with 200 though it is not JSON', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x41]);
    const id = newId('evt');
    const headers = { 'x-razorpay-signature': hmac(WEBHOOK_SECRET, bytes), 'x-razorpay-event-id': id };
    expect(await one.webhooks.webhook({ bytes, headers })).toEqual({ accepted: true });
    expect(await storedAs(id)).toEqual({ outcome: 'ignored', event: '', isProcessed: true });
  });

  it.each([
    ['subscription.charged', {}, 'ignored'],
    ['payment.downtime.started', { downtime: { id: 'down_1' } }, 'ignored'],
    ['payment.captured', { payment: { id: 'nonsense' } }, 'unreadable'],
    [
      'payment.captured',
      { payment: { id: 'pay_00000000000077', order_id: 'order_00000000000077', amount: 100, currency: 'INR', status: 'captured' } },
      'unknown_order',
    ],
  ])('is stored and answered with 200 when it is not ours: %s', async (event, entities, outcome) => {
    const id = newId('evt');
    expect(await one.webhooks.webhook(webhookOf(event, entities, { id }))).toEqual({ accepted: true });
    expect(await storedAs(id)).toEqual({ outcome, event, isProcessed: true });
  });

  it('is not believed about which order it is for, where its notes say otherwise', async () => {
    const [mine, other] = [await paid(), await paid()];
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: { ...mine.payment, notes: { orderId: other.orderId } } }));
    await eventually(() => fixture.capturesOf(mine.orderId).length === 1);
    expect(fixture.capturesOf(other.orderId)).toHaveLength(0);
  });

  it('takes effect later when its process died after it had stored it', async () => {
    const { orderId, payment } = await paid();
    const { bytes } = webhookOf('payment.captured', { payment });
    const id = newId('evt');
    await one.app.get(WebhookRepository).store(id, bytes);
    await two.app.get(WebhookHandlers).sweep();
    expect(await storedAs(id)).toMatchObject({ isProcessed: false });
    await one.database.execute(sql`UPDATE webhook_events SET next_try_at = now() WHERE id = ${id}`);
    await Promise.all([one.app.get(WebhookHandlers).sweep(), two.app.get(WebhookHandlers).sweep()]);
    expect(await storedAs(id)).toMatchObject({ outcome: 'recorded', isProcessed: true });
    await eventually(() => fixture.capturesOf(orderId).length === 1);
  });

  it('is not answered with 2xx when it cannot be stored', async () => {
    const { payment } = await paid();
    await one.database.execute(sql`ALTER TABLE webhook_events RENAME TO webhook_events_gone`);
    await expect(two.webhooks.webhook(webhookOf('payment.captured', { payment }))).rejects.toThrow();
    await one.database.execute(sql`ALTER TABLE webhook_events_gone RENAME TO webhook_events`);
  });

  it('is answered though it cannot be worked off, and takes effect later', async () => {
    const { payment } = await paid();
    const id = newId('evt');
    await one.database.execute(sql`ALTER TABLE payment_effects RENAME TO payment_effects_gone`);
    expect(await two.webhooks.webhook(webhookOf('payment.captured', { payment }, { id }))).toEqual({ accepted: true });
    await one.database.execute(sql`ALTER TABLE payment_effects_gone RENAME TO payment_effects`);
    expect(await storedAs(id)).toMatchObject({ isProcessed: false });
    await one.database.execute(sql`UPDATE webhook_events SET next_try_at = now() WHERE id = ${id}`);
    await one.app.get(WebhookHandlers).sweep();
    expect(await statusOf(payment.id)).toBe('captured');
  });

  it('of a dispute is noted with the order, and a closed one stays closed', async () => {
    const { orderId, userId, payment } = await paid();
    await one.webhooks.webhook(webhookOf('payment.captured', { payment }));
    const dispute = { id: newId('disp'), payment_id: payment.id, amount: 129_900, status: 'open' };
    for (const status of ['open', 'lost', 'under_review'])
      await one.webhooks.webhook(webhookOf(`payment.dispute.${status}`, { payment, dispute: { ...dispute, status } }));
    const { disputes } = await one.payment.ofOrder({ orderId }, callOf(userId));
    expect(disputes).toEqual([{ id: dispute.id, amount: 129_900, status: 'lost' }]);
  });
});
