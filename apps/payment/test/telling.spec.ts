import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '#libs/observability/logger';
import { metrics } from '#libs/observability/metrics';
import { LOGGER } from '#libs/runtime/core.module';
import { codeOf, eventually } from '#libs/testing/builders';
import { RazorpayClient } from '../src/razorpay-client.ts';
import { callOf, PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;
const lines: { level: string; event: string; fields: Record<string, unknown> }[] = [];

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
  const logger = one.app.get<Logger>(LOGGER);
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(logger, level).mockImplementation((...told: unknown[]) => {
      const [fields, event] = typeof told[0] === 'string' ? [{}, told[0]] : [told[0] as Record<string, unknown>, String(told[1])];
      lines.push({ level, event, fields });
    });
});
beforeEach(() => {
  fixture.razorpay.heal();
  lines.length = 0;
});
afterAll(() => fixture.stop());

const eventsOf = (orderId: string) =>
  lines.filter(({ fields }) => fields.orderId === orderId).map(({ level, event }) => `${level} ${event}`);
const admin = () => callOf(uuidv7(), ['admin']);

describe('the log', () => {
  it('has one line for each event of the business, however often it is reported', async () => {
    const { orderId, userId, payment } = await fixture.paid(one);
    await one.webhooks.webhook(webhookOf('order.paid', { payment }));
    await one.refunds.refund({ orderId, reason: 'my daughter Asha, 98450 12345', amount: 100 }, admin());
    await eventually(() => eventsOf(orderId).includes('info refund.processed'));
    const dispute = { id: newId('disp'), payment_id: payment.id, amount: 500, status: 'open' };
    for (let times = 0; times < 2; times += 1) await one.webhooks.webhook(webhookOf('payment.dispute.created', { payment, dispute }));
    expect(eventsOf(orderId)).toEqual(['info payment.captured', 'info refund.requested', 'info refund.processed', 'warn payment.dispute']);
    const text = JSON.stringify(lines);
    for (const personal of ['Asha', '98450', userId]) expect(text).not.toContain(personal);
  });

  it('has one line for a payment that failed', async () => {
    const { orderId, opened } = await fixture.opened(one);
    const payment = fixture.razorpay.pay(opened.razorpayOrderId, 'failed');
    for (let times = 0; times < 2; times += 1) await one.webhooks.webhook(webhookOf('payment.failed', { payment }));
    expect(eventsOf(orderId)).toEqual(['info payment.failed']);
  });

  it('has a line for a webhook that is refused', async () => {
    const { bytes } = webhookOf('payment.captured', {});
    expect(await codeOf(one.webhooks.webhook({ bytes, headers: {} }))).toBe('payment.bad_signature');
    expect(lines).toMatchObject([{ level: 'warn', event: 'webhook.refused' }]);
  });
});

describe('a Razorpay that', () => {
  it('refuses our key is told to staff once, and customers are not told that Razorpay is silent', async () => {
    const { orderId } = await fixture.opened(one);
    const { orderId: other, userId } = fixture.shopOrder();
    fixture.razorpay.fail('POST', /./, 'unauthorised', 1_000);
    fixture.razorpay.fail('GET', /./, 'unauthorised', 1_000);
    for (let times = 0; times < 2; times += 1)
      await expect(one.paying.createOrder({ orderId: other }, callOf(userId))).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.not.stringContaining('Razorpay'),
      });
    expect(lines.filter(({ event }) => event === 'razorpay.key_refused')).toMatchObject([{ level: 'error' }]);
    expect(await one.payment.ofOrder({ orderId }, admin())).toMatchObject({ razorpay: 'key_refused' });
    expect(await metrics.getSingleMetricAsString('only2u_payment_razorpay_key_refused')).toContain('key_refused 1');
    fixture.razorpay.heal();
    await one.app.get(RazorpayClient).probe();
    expect((await one.paying.createOrder({ orderId: other }, callOf(userId))).status).toBe('created');
    expect(lines.map(({ event }) => event)).toContain('razorpay.key_accepted');
  });

  it('hangs is asked by three calls of its own pace; from then on the answer takes less than 400 ms until a probe succeeds', async () => {
    const shops = Array.from({ length: 4 }, () => fixture.shopOrder());
    const create = ({ orderId, userId }: { orderId: string; userId: string }) => one.paying.createOrder({ orderId }, callOf(userId));
    const last = shops[3] as (typeof shops)[number];
    fixture.razorpay.fail('POST', /orders$/, 'hang', 1_000);
    fixture.razorpay.fail('GET', /orders$/, 'html', 1_000);
    expect(await Promise.all(shops.slice(0, 3).map((shop) => codeOf(create(shop))))).toEqual(Array(3).fill('unavailable'));
    const began = performance.now();
    for (const shop of [last, last, shops[0] as (typeof shops)[number]]) expect(await codeOf(create(shop))).toBe('unavailable');
    expect((performance.now() - began) / 3).toBeLessThan(400);
    expect(await one.payment.ofOrder({ orderId: last.orderId }, admin())).toMatchObject({ razorpay: 'silent' });
    fixture.razorpay.heal();
    await eventually(async () => (await codeOf(create(last))) === 'ok');
  });
});
