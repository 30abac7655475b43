import { expect, it } from 'vitest';
import type { Collection, Refund } from '../entities.ts';
import { call, inTheEnd, newOrder, paidOrder, paymentOf, refund, sandbox, violationKinds } from './sandbox.ts';

it('refunds in parts, never above the capture', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const first = await refund(simulator, paymentId, { amount: 29_900, speed: 'optimum', receipt: 'r1', notes: { why: 'size' } });
  expect(first).toMatchObject({
    status: 200,
    body: {
      id: expect.stringMatching(/^rfnd_[A-Za-z0-9]{14}$/),
      entity: 'refund',
      amount: 29_900,
      currency: 'INR',
      payment_id: paymentId,
      status: 'processed',
      receipt: 'r1',
      notes: { why: 'size' },
      speed_requested: 'optimum',
      speed_processed: 'instant',
      batch_id: null,
    },
  });
  expect(await paymentOf(simulator, paymentId)).toMatchObject({ status: 'captured', amount_refunded: 29_900, refund_status: 'partial' });
  expect((await refund(simulator, paymentId, { amount: 100_001 })).body.error.description).toMatch('greater than amount captured');
  // Without an amount: what is left.
  expect((await refund(simulator, paymentId)).body.amount).toBe(100_000);
  expect(await paymentOf(simulator, paymentId)).toMatchObject({ status: 'refunded', amount_refunded: 129_900, refund_status: 'full' });
  expect((await refund(simulator, paymentId, { amount: 100 })).body.error.description).toMatch('fully refunded already');
  expect(simulator.ledger().totals).toMatchObject({ captured: 129_900, refunded: 129_900, net: 0 });
});

it('lets ten refunds of the whole at once refund it once', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const answers = await Promise.all(Array.from({ length: 10 }, () => refund(simulator, paymentId, { amount: 129_900 })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(simulator.ledger().totals.refunded).toBe(129_900);
});

it('refuses fields that Razorpay does not know, wrong amounts, and payments that are not captured', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const { id } = await newOrder(simulator);
  const authorised = simulator.controls.pay({ orderId: id, mode: 'manual' });
  expect((await refund(simulator, paymentId, { amount: 100, reason: 'x' })).body.error.description).toMatch('reason is/are not required');
  for (const amount of [99, 100.5, '100', null]) expect((await refund(simulator, paymentId, { amount })).status).toBe(400);
  expect((await refund(simulator, paymentId, { speed: 'fast' })).status).toBe(400);
  expect((await refund(simulator, authorised.paymentId)).body.error.description).toMatch('should be captured');
  expect((await refund(simulator, 'pay_00000000000000')).body.error.description).toMatch('does not exist');
  expect(simulator.ledger().refunds).toEqual([]);
});

it('answers a repeat under the same key with the same refund, whatever became of it since', async () => {
  const simulator = await sandbox({ settings: { refundMode: 'pending' } });
  const { paymentId } = await paidOrder(simulator);
  const first = await refund(simulator, paymentId, { amount: 500 }, 'key-000001');
  simulator.controls.processRefund(first.body.id);
  const repeat = await refund(simulator, paymentId, { amount: 500 }, 'key-000001');
  expect(repeat).toEqual(first);
  expect(simulator.ledger().refunds).toHaveLength(1);
  expect(violationKinds(simulator)).toEqual([]);
});

it('refuses another body or payment under a used key, with the status that the settings name', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const other = await paidOrder(simulator);
  await refund(simulator, paymentId, { amount: 500 }, 'key-000001');
  expect((await refund(simulator, paymentId, { amount: 501 }, 'key-000001')).status).toBe(400);
  expect((await refund(simulator, other.paymentId, { amount: 500 }, 'key-000001')).status).toBe(400);
  simulator.controls.changeSettings({ refundKeyConflictStatus: 409 });
  const conflict = await refund(simulator, paymentId, { amount: 501 }, 'key-000001');
  expect(conflict).toMatchObject({ status: 409, body: { error: { description: expect.stringContaining('Different request') } } });
  expect(simulator.ledger().refunds).toHaveLength(1);
});

it('answers 409 while a request with the same key is still running, and leaves the key free if it comes to nothing', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const { controls } = simulator;
  controls.addFault({ endpoint: 'POST /v1/payments/:id/refund', kind: 'hang' });
  const stop = new AbortController();
  const path = `/v1/payments/${paymentId}/refund`;
  const key = { 'x-refund-idempotency': 'key-000001' };
  const running = call(simulator, 'POST', path, { amount: 500 }, key, stop.signal).catch((error: Error) => error.name);
  await inTheEnd(() => expect(controls.faults()).toEqual([]));
  const meanwhile = await refund(simulator, paymentId, { amount: 500 }, 'key-000001');
  expect(meanwhile).toMatchObject({ status: 409, body: { error: { description: expect.stringContaining('still in progress') } } });
  stop.abort();
  expect(await running).toBe('AbortError');
  await inTheEnd(async () => expect((await refund(simulator, paymentId, { amount: 500 }, 'key-000001')).status).toBe(200));
  expect(simulator.ledger().refunds).toHaveLength(1);
});

it('leaves the key of a refused refund free', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  expect((await refund(simulator, paymentId, { amount: 99 }, 'key-000001')).status).toBe(400);
  expect((await refund(simulator, paymentId, { amount: 100 }, 'key-000001')).status).toBe(200);
});

it('takes keys of 10 characters and more of letters, digits, hyphens and underscores only', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  expect((await refund(simulator, paymentId, { amount: 100 }, 'short-key')).body.error.description).toMatch('at least 10 characters');
  expect((await refund(simulator, paymentId, { amount: 100 }, 'key with spaces')).body.error.description).toMatch('alphanumeric');
  expect((await refund(simulator, paymentId, { amount: 100 }, '550e8400-e29b-41d4-a716-446655440000')).status).toBe(200);
  expect(violationKinds(simulator)).toEqual(['malformed_idempotency_key', 'malformed_idempotency_key']);
});

it('keeps a refund pending until told, and gives a failed one’s amount back', async () => {
  const simulator = await sandbox({ settings: { refundMode: 'pending' } });
  const { paymentId } = await paidOrder(simulator);
  const { body } = await refund(simulator, paymentId);
  expect(body.status).toBe('pending');
  expect(simulator.ledger().totals).toMatchObject({ refunded: 129_900, refundPending: 129_900, net: 0 });
  expect(simulator.controls.failRefund(body.id).status).toBe('failed');
  expect(await paymentOf(simulator, paymentId)).toMatchObject({ status: 'captured', amount_refunded: 0, refund_status: null });
  expect(() => simulator.controls.processRefund(body.id)).toThrow('already failed');
  const again = await refund(simulator, paymentId);
  expect(simulator.controls.processRefund(again.body.id).status).toBe('processed');
  expect(simulator.ledger().totals).toMatchObject({ refunded: 129_900, refundPending: 0 });
});

it('fails a normal refund of a payment older than six months', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  simulator.controls.advance(190 * 24 * 60 * 60);
  expect((await refund(simulator, paymentId)).body.status).toBe('failed');
  expect((await refund(simulator, paymentId, { speed: 'optimum' })).body.status).toBe('processed');
});

it('does not refund while a dispute is open, and what a lost one took is not refunded again', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const { controls } = simulator;
  const first = controls.openDispute(paymentId, { amount: 50_000 });
  expect((await refund(simulator, paymentId)).body.error.description).toMatch('under dispute');
  expect(controls.moveDispute(first.id, 'under-review').status).toBe('under_review');
  expect(controls.moveDispute(first.id, 'win').status).toBe('won');
  expect(() => controls.moveDispute(first.id, 'lose')).toThrow('already won');
  expect((await refund(simulator, paymentId, { amount: 100 })).status).toBe(200);
  const second = controls.openDispute(paymentId, { amount: 50_000 });
  expect(controls.moveDispute(second.id, 'lose')).toMatchObject({ status: 'lost', amount_deducted: 50_000 });
  expect(simulator.ledger().totals.deducted).toBe(50_000);
  const left = 129_900 - 100 - 50_000;
  expect((await refund(simulator, paymentId, { amount: left + 1 })).status).toBe(400);
  expect((await refund(simulator, paymentId)).body.amount).toBe(left);
  expect((await refund(simulator, paymentId)).status).toBe(400);
});

it('finds refunds by id, by payment and in the list', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  const other = await paidOrder(simulator);
  const made = [await refund(simulator, paymentId, { amount: 100 }), await refund(simulator, paymentId, { amount: 200 })].map(
    ({ body }) => body.id,
  );
  const elsewhere = (await refund(simulator, other.paymentId, { amount: 300 })).body.id;
  const idsOf = async (path: string) => (await call<Collection<Refund>>(simulator, 'GET', path)).body.items.map(({ id }) => id);
  expect(await idsOf(`/v1/payments/${paymentId}/refunds`)).toEqual([...made].reverse());
  expect(await idsOf('/v1/refunds')).toEqual([elsewhere, ...[...made].reverse()]);
  expect(await idsOf('/v1/refunds?count=1&skip=1')).toEqual([made[1]]);
  expect((await call<Refund>(simulator, 'GET', `/v1/refunds/${made[0]}`)).body.amount).toBe(100);
  expect((await call<Refund>(simulator, 'GET', `/v1/payments/${paymentId}/refunds/${made[0]}`)).body.amount).toBe(100);
  expect((await call(simulator, 'GET', `/v1/payments/${paymentId}/refunds/${elsewhere}`)).status).toBe(400);
});
