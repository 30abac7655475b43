import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { mutate } from '../webhook-event.ts';
import { inTheEnd, newOrder, paidOrder, refund, sandbox, sandboxWithShop, webhookSecret } from './sandbox.ts';

const day = 24 * 60 * 60;

it('tells of a payment in Razorpay’s envelope, signed over the raw body', async () => {
  const { simulator, shop } = await sandboxWithShop();
  const { order, paymentId } = await paidOrder(simulator, { receipt: 'r1' });
  await simulator.controls.idle();
  expect(shop.received.map(({ event }) => event).sort()).toEqual(['order.paid', 'payment.authorized', 'payment.captured']);
  for (const { signature, body } of shop.received) expect(signature).toBe(createHmac('sha256', webhookSecret).update(body).digest('hex'));
  const envelopes = Object.fromEntries(shop.received.map(({ event, body }) => [event, JSON.parse(body)]));
  expect(Object.keys(envelopes['order.paid'])).toEqual(['entity', 'account_id', 'event', 'contains', 'payload', 'created_at']);
  expect(envelopes['order.paid']).toMatchObject({
    entity: 'event',
    account_id: expect.stringMatching(/^acc_[A-Za-z0-9]{14}$/),
    contains: ['payment', 'order'],
    payload: { payment: { entity: { id: paymentId } }, order: { entity: { id: order.id, status: 'paid', receipt: 'r1' } } },
    created_at: expect.any(Number),
  });
  // A snapshot: authorised then, although captured by now.
  expect(envelopes['payment.authorized']).toMatchObject({
    contains: ['payment'],
    payload: { payment: { entity: { status: 'authorized', captured: false } } },
  });
  expect(envelopes['payment.captured']).toMatchObject({
    contains: ['payment'],
    payload: { payment: { entity: { status: 'captured', fee: 3066 } } },
  });
  expect(Object.keys(envelopes['payment.captured'].payload)).toEqual(['payment']);
});

it('tells of failures, refunds and disputes', async () => {
  const { simulator, shop } = await sandboxWithShop({ settings: { refundMode: 'pending' } });
  const { controls } = simulator;
  const { id } = await newOrder(simulator);
  controls.pay({ orderId: id, mode: 'failed' });
  const { paymentId } = controls.pay({ orderId: id });
  const first = await refund(simulator, paymentId, { amount: 100 });
  const second = await refund(simulator, paymentId, { amount: 100 });
  controls.processRefund(first.body.id);
  controls.failRefund(second.body.id);
  const dispute = controls.openDispute(paymentId);
  for (const step of ['under-review', 'action-required', 'lose'] as const) controls.moveDispute(dispute.id, step);
  controls.moveDispute(controls.openDispute(paymentId).id, 'win');
  controls.moveDispute(controls.openDispute(paymentId).id, 'close');
  await controls.idle();
  const counts: Record<string, number> = {};
  for (const { event } of shop.received) counts[event] = (counts[event] ?? 0) + 1;
  expect(counts).toEqual({
    'payment.failed': 1,
    'payment.authorized': 1,
    'payment.captured': 1,
    'order.paid': 1,
    'refund.created': 2,
    'refund.processed': 1,
    'refund.failed': 1,
    'payment.dispute.created': 3,
    'payment.dispute.under_review': 1,
    'payment.dispute.action_required': 1,
    'payment.dispute.lost': 1,
    'payment.dispute.won': 1,
    'payment.dispute.closed': 1,
  });
  const containsOf = (name: string) => JSON.parse(shop.received.find(({ event }) => event === name)?.body ?? '{}').contains;
  expect(containsOf('refund.created')).toEqual(['refund', 'payment']);
  expect(containsOf('payment.dispute.created')).toEqual(['payment', 'dispute']);
});

it('repeats a delivery that failed, with the same id and bytes, until the shop takes it', async () => {
  const { simulator, shop } = await sandboxWithShop();
  let refusals = 3;
  shop.answer = () => (refusals-- > 0 ? 500 : 204);
  const { id } = simulator.controls.publish('payment.downtime.started', {});
  expect(await simulator.controls.idle()).toBe(true);
  expect(shop.received).toHaveLength(4);
  expect(new Set(shop.received.map((received) => `${received.id} ${received.body}`)).size).toBe(1);
  expect(simulator.controls.event(id)).toMatchObject({
    state: 'delivered',
    attemptCount: 4,
    attempts: [{ status: 500 }, { status: 500 }, { status: 500 }, { status: 204 }],
  });
});

it('takes no answer within the time limit for a failure', async () => {
  const { simulator, shop } = await sandboxWithShop({ webhookRetry: { timeoutMs: 300, firstDelayMs: 20 } });
  shop.answer = () => (shop.received.length === 1 ? ('hang' as const) : 200);
  const { id } = simulator.controls.publish('order.paid');
  expect(await simulator.controls.idle()).toBe(true);
  const { attempts } = simulator.controls.event(id);
  expect(attempts[0]).toMatchObject({ status: null, error: 'no answer in 300 ms' });
  expect(attempts.at(-1)).toMatchObject({ status: 200 });
});

it('doubles the time between two attempts', async () => {
  const { simulator, shop } = await sandboxWithShop({
    webhookRetry: { firstDelayMs: 60_000, factor: 2, maxDelayMs: 200_000 },
  });
  shop.answer = () => 503;
  const { id } = simulator.controls.publish('order.paid');
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await inTheEnd(() => expect(simulator.controls.event(id)).toMatchObject({ attemptCount: attempt, nextTryAt: expect.any(Number) }));
    const { nextTryAt, attempts } = simulator.controls.event(id);
    waits.push(Math.round(((nextTryAt ?? 0) - Date.parse(attempts.at(-1)?.at ?? '')) / 1000));
    simulator.controls.advance((waits.at(-1) ?? 0) + 1);
  }
  expect(waits).toEqual([60, 120, 200, 200]);
});

it('disables the webhook after 24 hours of failures, and sends nothing more until it is enabled', async () => {
  const { simulator, shop } = await sandboxWithShop({ webhookRetry: { firstDelayMs: 3_600_000 } });
  const { controls } = simulator;
  shop.answer = () => 500;
  const { id } = controls.publish('order.paid');
  await inTheEnd(() => expect(controls.event(id)).toMatchObject({ attemptCount: 1, nextTryAt: expect.any(Number) }));
  controls.advance(day - 3600);
  await inTheEnd(() => expect(controls.event(id)).toMatchObject({ attemptCount: 2, state: 'queued', nextTryAt: expect.any(Number) }));
  expect(controls.webhook().enabled).toBe(true);
  controls.advance(3600);
  await inTheEnd(() => expect(controls.webhook().enabled).toBe(false));
  expect(controls.event(id).state).toBe('abandoned');
  const unsent = controls.publish('payment.captured');
  expect(unsent.state).toBe('unsent');
  shop.answer = () => 200;
  controls.changeWebhook({ enabled: true });
  controls.publish('payment.failed');
  expect(await controls.idle()).toBe(true);
  expect(shop.received.map(({ event }) => event)).toEqual(['order.paid', 'order.paid', 'order.paid', 'payment.failed']);
  // By hand, as from the dashboard.
  expect(await controls.deliver(unsent.id)).toMatchObject([{ status: 200 }]);
  expect(controls.event(unsent.id).state).toBe('delivered');
});

it('finds events by state, name and the objects they tell of', async () => {
  const simulator = await sandbox();
  const { order, paymentId } = await paidOrder(simulator);
  await paidOrder(simulator);
  const made = await refund(simulator, paymentId, { amount: 100 });
  const names = (filter: Parameters<typeof simulator.controls.events>[0]) => simulator.controls.events(filter).map(({ event }) => event);
  expect(names({ about: order.id })).toEqual([
    'payment.authorized',
    'payment.captured',
    'order.paid',
    'refund.created',
    'refund.processed',
  ]);
  expect(names({ about: made.body.id })).toEqual(['refund.created', 'refund.processed']);
  expect(names({ about: paymentId, event: 'order.paid', state: 'unsent' })).toEqual(['order.paid']);
  expect(names({ state: 'queued' })).toEqual([]);
  expect(names({})).toHaveLength(8);
});

it('delivers an event as often as told, one after the other or at once', async () => {
  const { simulator, shop } = await sandboxWithShop();
  const { id } = simulator.controls.publish('order.paid');
  await simulator.controls.idle();
  expect(await simulator.controls.deliver(id, { times: 3 })).toHaveLength(3);
  expect(await simulator.controls.deliver(id, { times: 5, parallel: true })).toHaveLength(5);
  expect(shop.received).toHaveLength(9);
  expect(new Set(shop.received.map((received) => received.id))).toEqual(new Set([id]));
  expect(shop.received.every(({ signedWith }) => signedWith === webhookSecret)).toBe(true);
});

it('signs automatic retries with the secret of the event’s time, and replays with the current one', async () => {
  const { simulator, shop } = await sandboxWithShop({ webhookRetry: { firstDelayMs: 60_000 } });
  const { controls } = simulator;
  shop.secrets = [webhookSecret, 'new-secret'];
  shop.answer = () => (shop.received.length === 1 ? 500 : 200);
  const { id } = controls.publish('order.paid');
  await inTheEnd(() => expect(controls.event(id)).toMatchObject({ attemptCount: 1, nextTryAt: expect.any(Number) }));
  controls.changeWebhook({ secret: 'new-secret' });
  controls.advance(60);
  await controls.idle();
  const later = controls.publish('payment.captured');
  await controls.idle();
  await controls.deliver(later.id, { secret: 'previous' });
  await controls.deliver(later.id, { secret: 'wrong' });
  await controls.deliver(later.id);
  expect(shop.received.map(({ signedWith }) => signedWith)).toEqual([
    webhookSecret,
    webhookSecret,
    'new-secret',
    webhookSecret,
    undefined,
    'new-secret',
  ]);
});

it('changes one byte of a body on demand, so that only the signature tells', async () => {
  const { simulator, shop } = await sandboxWithShop();
  const { paymentId } = await paidOrder(simulator);
  await simulator.controls.idle();
  const [captured] = simulator.controls.events({ event: 'payment.captured', about: paymentId });
  const before = simulator.controls.event(captured?.id ?? '').body;
  await simulator.controls.deliver(captured?.id ?? '', { mutate: true });
  const spoilt = shop.received.at(-1);
  expect(spoilt?.signedWith).toBeUndefined();
  expect(JSON.parse(spoilt?.body ?? '').payload.payment.entity).toMatchObject({ id: paymentId, amount: 229_900 });
  expect([...before].filter((character, index) => character !== spoilt?.body[index])).toHaveLength(1);
  expect(mutate('{"amount":900}')).toBe('{"amount":800}');
});

it('holds events and releases them in the order asked for', async () => {
  const { simulator, shop } = await sandboxWithShop();
  const { controls } = simulator;
  const releaseFive = async (...order: Parameters<typeof controls.release>) => {
    controls.hold();
    const ids = Array.from({ length: 5 }, () => controls.publish('order.paid').id);
    await inTheEnd(() => expect(controls.events({ state: 'held' })).toHaveLength(5));
    expect(shop.received).toEqual([]);
    if (Array.isArray(order[0])) order[0] = [ids[3] ?? '', ids[0] ?? ''];
    await controls.release(...order);
    return shop.received.splice(0).map(({ id }) => ids.indexOf(id));
  };
  expect(await releaseFive()).toEqual([0, 1, 2, 3, 4]);
  expect(await releaseFive('reversed')).toEqual([4, 3, 2, 1, 0]);
  expect(await releaseFive([])).toEqual([3, 0, 1, 2, 4]);
  const shuffled = await releaseFive('shuffled', 7);
  expect(shuffled).not.toEqual([0, 1, 2, 3, 4]);
  expect(shuffled.toSorted()).toEqual([0, 1, 2, 3, 4]);
  expect(await releaseFive('shuffled', 7)).toEqual(shuffled);
});

it('delays deliveries', async () => {
  const { simulator, shop } = await sandboxWithShop({ settings: { webhookDelayMs: 60_000 } });
  simulator.controls.publish('order.paid');
  expect(await simulator.controls.idle(50)).toBe(false);
  expect(shop.received).toEqual([]);
  simulator.controls.advance(60);
  expect(await simulator.controls.idle()).toBe(true);
  expect(shop.received).toHaveLength(1);
});

it('only records events while no url is set, and can send them later by hand', async () => {
  const simulator = await sandbox();
  await paidOrder(simulator);
  expect(simulator.controls.events({ state: 'unsent' })).toHaveLength(3);
  const [first] = simulator.controls.events();
  await expect(simulator.controls.deliver(first?.id ?? '')).rejects.toThrow('No webhook url');
  const { shop } = await sandboxWithShop();
  simulator.controls.changeWebhook({ url: shop.url, secret: webhookSecret });
  expect(await simulator.controls.deliver(first?.id ?? '')).toMatchObject([{ status: 200 }]);
});

it('starts with no webhook url that has no secret, or is not http', async () => {
  await expect(sandbox({ webhookUrl: 'http://127.0.0.1:1/' })).rejects.toThrow('secret');
  await expect(sandbox({ webhookUrl: 'file:///etc/passwd', webhookSecret })).rejects.toThrow('http');
});
