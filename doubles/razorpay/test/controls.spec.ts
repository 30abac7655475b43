import { expect, it } from 'vitest';
import type { PaidOrder } from '../controls.ts';
import type { Dispute, Refund } from '../entities.ts';
import type { Ledger } from '../ledger.ts';
import { hasCardNumber } from '../violations.ts';
import { signCheckout } from '../webhook-event.ts';
import {
  call,
  control,
  keySecret,
  newOrder,
  paidOrder,
  refund,
  sandbox,
  sandboxWithShop,
  violationKinds,
  webhookSecret,
} from './sandbox.ts';

it('does over HTTP what a test does to payments, refunds and disputes', async () => {
  const simulator = await sandbox({ settings: { refundMode: 'pending' } });
  const { id } = await newOrder(simulator);
  const late = await control<PaidOrder>(simulator, 'POST', '/payments', { orderId: id, mode: 'late', method: 'upi' });
  expect(late.body.status).toBe('failed');
  const paid = await control<PaidOrder>(simulator, 'POST', `/payments/${late.body.paymentId}/authorise`);
  expect(paid.body).toMatchObject({ status: 'captured', signature: signCheckout(id, late.body.paymentId, keySecret) });
  const signed = await control(simulator, 'POST', '/sign', { orderId: 'order_x', paymentId: 'pay_y' });
  expect(signed.body).toEqual({ signature: signCheckout('order_x', 'pay_y', keySecret) });
  const first = await refund(simulator, late.body.paymentId, { amount: 100 });
  const second = await refund(simulator, late.body.paymentId, { amount: 100 });
  expect((await control<Refund>(simulator, 'POST', `/refunds/${first.body.id}/process`)).body.status).toBe('processed');
  expect((await control<Refund>(simulator, 'POST', `/refunds/${second.body.id}/fail`)).body.status).toBe('failed');
  const dispute = await control<Dispute>(simulator, 'POST', '/disputes', { paymentId: late.body.paymentId, amount: 500 });
  expect((await control<Dispute>(simulator, 'POST', `/disputes/${dispute.body.id}/lose`)).body.status).toBe('lost');
  expect((await control(simulator, 'POST', `/disputes/${dispute.body.id}/forget`)).status).toBe(404);
  expect((await control<Ledger>(simulator, 'GET', '/ledger')).body.totals).toEqual({
    captured: 129_900,
    refunded: 100,
    refundPending: 0,
    deducted: 500,
    net: 129_800,
  });
});

it('does over HTTP what a test does to webhooks', async () => {
  const { simulator, shop } = await sandboxWithShop();
  const at = <T = { items: { id: string }[] }>(method: string, path: string, body?: unknown) => control<T>(simulator, method, path, body);
  expect((await at('POST', '/webhook/hold')).body).toMatchObject({ holding: true, enabled: true, hasSecret: true });
  const { id } = (await at<{ id: string }>('POST', '/events', { event: 'planet.aligned', payload: { planet: { entity: { id: 'x' } } } }))
    .body;
  await expect.poll(async () => (await at('GET', '/events?state=held')).body.items.length).toBe(1);
  expect((await at('POST', '/webhook/release', { order: 'reversed' })).body.items).toMatchObject([{ id, state: 'delivered' }]);
  expect((await at('POST', `/events/${id}/deliver`, { times: 2, mutate: true })).body).toMatchObject({
    answers: [{ status: 200 }, { status: 200 }],
  });
  expect((await at<{ body: string }>('GET', `/events/${id}`)).body.body).toContain('"planet":{"entity":{"id":"x"}}');
  expect((await at('POST', '/webhook/idle')).body).toEqual({ idle: true });
  expect((await at('PUT', '/webhook', { secret: 'other' })).body).toMatchObject({ hasPreviousSecret: true });
  expect((await at('PUT', '/webhook', { url: 'javascript:1' })).status).toBe(400);
  expect((await at('PUT', '/webhook', { secret: null })).status).toBe(400);
  expect(shop.received.map(({ event, signedWith }) => [event, signedWith])).toEqual([
    ['planet.aligned', webhookSecret],
    ['planet.aligned', undefined],
    ['planet.aligned', undefined],
  ]);
});

it('changes settings, clock and faults over HTTP, and a reset undoes it all', async () => {
  const simulator = await sandbox();
  const first = (await control(simulator, 'GET', '/settings')).body;
  expect((await control(simulator, 'PUT', '/settings', { refundMode: 'pending', lateAfterMs: null })).body).toMatchObject({
    refundMode: 'pending',
  });
  await control(simulator, 'POST', '/clock/advance', { seconds: 86_400 });
  await control(simulator, 'POST', '/faults', { endpoint: '*', kind: '429', times: null });
  await call(simulator, 'GET', '/v1/orders', undefined, { authorization: '' });
  expect(await control(simulator, 'POST', '/reset')).toEqual({ status: 200, body: {} });
  expect((await control(simulator, 'GET', '/settings')).body).toEqual(first);
  expect((await control(simulator, 'GET', '/faults')).body).toEqual({ items: [] });
  expect((await control(simulator, 'GET', '/violations')).body).toEqual({ count: 0, items: [] });
  const { now } = (await control<{ now: string }>(simulator, 'GET', '/clock')).body;
  expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(60_000);
  expect((await newOrder(simulator)).status).toBe('created');
});

it.each([
  ['/payments', {}, 'orderId is needed'],
  ['/payments', { orderId: 'order_1', ammount: 5 }, 'There is no field ammount; there are orderId, mode'],
  ['/payments', { orderId: 'order_1', amount: 1.5 }, 'amount must be a whole number'],
  ['/payments', { orderId: 'order_1', mode: 'maybe' }, 'mode must be one of auto, manual, late, failed'],
  ['/payments', [], 'must be a JSON object'],
  ['/payments', { orderId: 'order_00000000000000' }, 'The id provided does not exist'],
  ['/faults', { endpoint: '*', kind: 'fire' }, 'kind must be one of hang'],
  ['/clock/advance', { seconds: -1 }, 'seconds must be'],
  ['/webhook/release', { order: 'random' }, 'order must be'],
  ['/nothing', {}, 'There is no control'],
])('says what is wrong with %s %j', async (path, body, message) => {
  const answer = await control<{ error: { description: string } }>(await sandbox(), 'POST', path, body);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.body.error.description).toContain(message);
});

it('obeys no page in a browser', async () => {
  const simulator = await sandbox();
  const response = await fetch(`${simulator.controlUrl}/reset`, { method: 'POST', headers: { origin: 'https://evil.example' } });
  expect(response.status).toBe(403);
});

it('lists its controls and the endpoints that faults take', async () => {
  const { body } = await control<{ controls: string[]; endpoints: string[] }>(await sandbox(), 'GET', '/');
  expect(body.controls).toContain('POST /events/:id/deliver');
  expect(body.endpoints).toContain('POST /v1/payments/:id/refund');
});

it('notes each misuse of the API by kind and endpoint', async () => {
  const simulator = await sandbox();
  const order = { amount: 5000, currency: 'INR' };
  const { paymentId } = await paidOrder(simulator, { receipt: 'taken' });
  await call(simulator, 'POST', '/v1/orders', { ...order, amount: 50.5 });
  await call(simulator, 'POST', '/v1/orders', { ...order, receipt: 'x'.repeat(41) });
  await call(simulator, 'POST', '/v1/orders', { ...order, receipt: 'taken' });
  await call(simulator, 'POST', '/v1/orders', { ...order, notes: { long: 'x'.repeat(300) } });
  await call(simulator, 'POST', '/v1/orders', { ...order, shop: 1 });
  await call(simulator, 'POST', '/v1/orders', { ...order, notes: { card: '4111 1111 1111 1111' } });
  await call(simulator, 'GET', '/v1/orders?receipt=5555555555554444');
  await call(simulator, 'GET', '/v1/payments/..%2Forders');
  await call(simulator, 'POST', `/v1/payments/${paymentId}/refund`, { amount: 100 });
  await refund(simulator, paymentId, { amount: 100 }, 'key-000001');
  await refund(simulator, paymentId, { amount: 200 }, 'key-000001');
  await call(simulator, 'GET', '/v1/orders', undefined, { authorization: 'Basic eDp5' });
  expect(violationKinds(simulator)).toEqual([
    'non_integer_amount',
    'receipt_too_long',
    'receipt_reused',
    'notes_too_large',
    'unknown_field',
    'pan_like_digits',
    'pan_like_digits',
    'malformed_id',
    'refund_without_idempotency_key',
    'idempotency_key_reused',
    'bad_credentials',
  ]);
  const { items } = simulator.controls.violations();
  expect(items[0]).toMatchObject({ endpoint: 'POST /v1/orders', at: expect.stringMatching(/Z$/) });
  expect(JSON.stringify(items)).not.toMatch(/4111|5555/);
  simulator.controls.clearViolations();
  expect(violationKinds(simulator)).toEqual([]);
});

it.each([
  '4111111111111111',
  '"card":"5555555555554444"',
  '4111-1111-1111-1111',
  '3782 822463 10005',
  'pan=378282246310005&x=1',
  '[6521111111111110]',
])('takes %s for a card number', (text) => expect(hasCardNumber(text)).toBe(true));

it.each([
  '4111111111111112',
  '1764000000000',
  '"amount":129900,"created_at":1764000000',
  '01890a5d-ac96-774b-bcce-b302099a8057',
  '41111111-1111-1111-1111-111111111111',
  'order_41111111111111',
  '+919000090000',
  '2026-11-24T15:39:16.458Z',
])('does not take %s for one', (text) => expect(hasCardNumber(text)).toBe(false));
