import Razorpay from 'razorpay';
import { expect, it } from 'vitest';
import type { Refund } from '../entities.ts';
import type { Simulator } from '../simulator.ts';
import { signCheckout } from '../webhook-event.ts';
import { keyId, keySecret, sandbox, sandboxWithShop, violationKinds, webhookSecret } from './sandbox.ts';

/** The part of the SDK's private HTTP client that leads it to another host; it has no option for that. */
interface Requests {
  defaults: { baseURL: string; timeout: number };
  post(url: string, body: unknown, options: { headers: Record<string, string> }): Promise<{ data: unknown }>;
}

function sdk({ url }: Simulator): { client: Razorpay; requests: Requests } {
  const client = new Razorpay({ key_id: keyId, key_secret: keySecret });
  // Not in the SDK's types; pinned version, and this test tells when it moves.
  const requests = (client as unknown as { api: { rq: Requests } }).api.rq;
  requests.defaults.baseURL = url;
  requests.defaults.timeout = 5000;
  return { client, requests };
}

it('signs a checkout as the SDK’s own test vector says', () => {
  expect(signCheckout('order_IEIaMR65cu6nz3', 'pay_IH4NVgf4Dreq1l', 'EnLs21M47BllR3X8PSFtjtbd')).toBe(
    '0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f',
  );
});

it('serves the official SDK: order, payment, capture, refund, lists and settlement', async () => {
  const simulator = await sandbox();
  const { client, requests } = sdk(simulator);
  const order = await client.orders.create({ amount: 50_000, currency: 'INR', receipt: 'receipt#1', notes: { size: 'M' } });
  expect(order).toMatchObject({ amount: 50_000, status: 'created', notes: { size: 'M' } });
  expect(await client.orders.fetch(order.id)).toEqual(order);
  expect((await client.orders.all({ receipt: 'receipt#1' })).items).toEqual([order]);

  const { paymentId } = simulator.controls.pay({ orderId: order.id, mode: 'manual' });
  expect((await client.payments.fetch(paymentId)).status).toBe('authorized');
  expect((await client.payments.capture(paymentId, 50_000, 'INR')).status).toBe('captured');
  expect((await client.orders.fetchPayments(order.id)).items).toMatchObject([{ id: paymentId, status: 'captured' }]);
  expect((await client.payments.all({ count: 1 })).items).toMatchObject([{ id: paymentId }]);

  const options = { headers: { 'X-Refund-Idempotency': 'refund-0001' } };
  const { data } = await requests.post(`/v1/payments/${paymentId}/refund`, { amount: 20_000 }, options);
  const refund = data as Refund;
  expect(refund).toMatchObject({ amount: 20_000, status: 'processed' });
  expect(await client.refunds.fetch(refund.id)).toEqual(refund);
  expect((await client.payments.fetchMultipleRefund(paymentId)).items).toEqual([refund]);
  expect((await client.refunds.all()).items).toEqual([refund]);

  const today = new Date(Date.now() + 5.5 * 60 * 60 * 1000);
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate()];
  const { data: recon } = await (requests as unknown as { get(url: string): Promise<{ data: { items: unknown[] } }> }).get(
    `/v1/settlements/recon/combined?year=${year}&month=${month}&day=${day}`,
  );
  expect(recon.items).toMatchObject([{ entity_id: paymentId }, { entity_id: refund.id }]);
  expect(violationKinds(simulator)).toEqual([]);
});

it('fails as Razorpay does, so that the SDK reports its own kind of error', async () => {
  const simulator = await sandbox();
  const { client } = sdk(simulator);
  await expect(client.orders.create({ amount: 1, currency: 'INR' })).rejects.toMatchObject({
    statusCode: 400,
    error: { code: 'BAD_REQUEST_ERROR', description: 'The amount must be at least INR 1.00', field: 'amount' },
  });
  simulator.controls.addFault({ endpoint: 'GET /v1/orders/:id', kind: '502-html' });
  await expect(client.orders.fetch('order_00000000000000')).rejects.toEqual({ statusCode: 502, error: undefined });
  simulator.controls.addFault({ endpoint: 'POST /v1/orders', kind: 'reset-after-commit' });
  await expect(client.orders.create({ amount: 100, currency: 'INR' })).rejects.toThrow(TypeError);
  expect(simulator.ledger().orders).toHaveLength(1);
});

it('tells of a client that the SDK leads astray: an id pasted into a path, a refund without a key', async () => {
  const simulator = await sandbox();
  const { client } = sdk(simulator);
  const order = await client.orders.create({ amount: 50_000, currency: 'INR' });
  const { paymentId } = simulator.controls.pay({ orderId: order.id });
  await expect(client.payments.fetch(order.id)).rejects.toMatchObject({ statusCode: 400 });
  await client.payments.refund(paymentId, { amount: 100 });
  expect(violationKinds(simulator)).toEqual(['malformed_id', 'refund_without_idempotency_key']);
});

it('signs webhooks and checkouts so that the SDK’s own checks accept them', async () => {
  const { simulator, shop } = await sandboxWithShop();
  const { client } = sdk(simulator);
  const order = await client.orders.create({ amount: 50_000, currency: 'INR' });
  const { paymentId, signature } = simulator.controls.pay({ orderId: order.id });
  await simulator.controls.idle();
  expect(shop.received).toHaveLength(3);
  for (const received of shop.received)
    expect(Razorpay.validateWebhookSignature(received.body, received.signature, webhookSecret)).toBe(true);
  expect(Razorpay.validateWebhookSignature(`${order.id}|${paymentId}`, signature, keySecret)).toBe(true);
});
