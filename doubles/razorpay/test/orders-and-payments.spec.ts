import { expect, it } from 'vitest';
import type { Collection, Order, Payment } from '../entities.ts';
import type { ErrorBody } from '../razorpay-error.ts';
import { call, newOrder, paidOrder, paymentOf, sandbox, violationKinds } from './sandbox.ts';

const day = 24 * 60 * 60;

it('creates an order in the shape that Razorpay documents, empty notes as a list', async () => {
  const order = await newOrder(await sandbox(), { receipt: 'receipt#1' });
  expect(order).toEqual({
    id: expect.stringMatching(/^order_[A-Za-z0-9]{14}$/),
    entity: 'order',
    amount: 129_900,
    amount_paid: 0,
    amount_due: 129_900,
    currency: 'INR',
    receipt: 'receipt#1',
    offer_id: null,
    status: 'created',
    attempts: 0,
    notes: [],
    created_at: expect.any(Number),
  });
});

it('refuses credentials that are not the account’s with 401', async () => {
  const simulator = await sandbox();
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
  for (const headers of [
    basic('rzp_test_sandbox:other'),
    basic('other:key-secret'),
    { authorization: 'Bearer x' },
    { authorization: '' },
  ]) {
    const { status, body } = await call<ErrorBody>(simulator, 'GET', '/v1/orders', undefined, headers);
    expect(status).toBe(401);
    expect(body.error).toMatchObject({ code: 'BAD_REQUEST_ERROR', description: 'Authentication failed' });
  }
});

it.each([
  [{ currency: 'INR' }, 'amount'],
  [{ amount: 99, currency: 'INR' }, 'amount'],
  [{ amount: 100.5, currency: 'INR' }, 'amount'],
  [{ amount: '5000', currency: 'INR' }, 'amount'],
  [{ amount: 5000 }, 'currency'],
  [{ amount: 5000, currency: 'RUPEES' }, 'currency'],
  [{ amount: 5000, currency: 'INR', receipt: 'x'.repeat(41) }, 'receipt'],
  [{ amount: 5000, currency: 'INR', notes: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`n${index}`, ''])) }, 'notes'],
  [{ amount: 5000, currency: 'INR', notes: { long: 'x'.repeat(257) } }, 'notes'],
  [{ amount: 5000, currency: 'INR', partial_payment: true }, 'partial_payment'],
  [{ amount: 5000, currency: 'INR', colour: 'red' }, null],
  ['{"amount":', null],
  ['[]', null],
])('refuses the order %j, naming the field', async (body, field) => {
  const simulator = await sandbox();
  const answer = await call<ErrorBody>(simulator, 'POST', '/v1/orders', body);
  expect(answer.status).toBe(400);
  expect(Object.keys(answer.body.error).sort()).toEqual(['code', 'description', 'field', 'metadata', 'reason', 'source', 'step']);
  expect(answer.body.error).toMatchObject({ code: 'BAD_REQUEST_ERROR', field });
  expect(simulator.ledger().orders).toEqual([]);
});

it('takes notes of 15 pairs of 256 characters and a receipt of 40', async () => {
  const notes = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`note${index}`, 'x'.repeat(256)]));
  expect(await newOrder(await sandbox(), { notes, receipt: 'r'.repeat(40), amount: 100 })).toMatchObject({ notes, amount: 100 });
});

it('reads forms as PHP clients send them', async () => {
  const { status, body } = await call<Order>(await sandbox(), 'POST', '/v1/orders', 'amount=5000&currency=INR&receipt=12&notes[a]=b', {
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ amount: 5000, receipt: '12', notes: { a: 'b' } });
});

it('lists orders newest first, by receipt, time, page and authorised payments', async () => {
  let now = Date.UTC(2026, 0, 1);
  const simulator = await sandbox({ now: () => now });
  const ids: string[] = [];
  for (const receipt of ['a', 'b', 'c', 'b']) {
    ids.push((await newOrder(simulator, { receipt })).id);
    now += 60_000;
  }
  const listed = async (query: string): Promise<number[]> => {
    const { body } = await call<Collection<Order>>(simulator, 'GET', `/v1/orders?${query}`);
    expect(body).toMatchObject({ entity: 'collection', count: body.items.length });
    return body.items.map(({ id }) => ids.indexOf(id));
  };
  const start = Date.UTC(2026, 0, 1) / 1000;
  expect(await listed('')).toEqual([3, 2, 1, 0]);
  expect(await listed('receipt=b')).toEqual([3, 1]);
  expect(await listed('receipt=none')).toEqual([]);
  expect(await listed('count=2&skip=1')).toEqual([2, 1]);
  expect(await listed(`from=${start + 60}&to=${start + 120}`)).toEqual([2, 1]);
  simulator.controls.pay({ orderId: ids[1] ?? '' });
  expect(await listed('authorized=1')).toEqual([1]);
  expect(await listed('authorized=0')).toEqual([3, 2, 0]);
  expect((await call(simulator, 'GET', '/v1/orders?count=101')).status).toBe(400);
  expect((await call(simulator, 'GET', '/v1/orders?skip=-1')).status).toBe(400);
});

it('answers 400 for unknown ids and URLs, as Razorpay does', async () => {
  const simulator = await sandbox();
  const describe = async (path: string) => (await call<ErrorBody>(simulator, 'GET', path)).body.error.description;
  expect(await describe('/v1/orders/order_00000000000000')).toBe('The id provided does not exist');
  expect(await describe('/v1/payments/pay_00000000000000')).toBe('The id provided does not exist');
  expect(await describe('/v1/refunds/rfnd_00000000000000')).toBe('The id provided does not exist');
  expect(await describe('/v1/payments/order_00000000000000')).toBe('order_00000000000000 is not a valid id');
  expect(await describe('/v1/nothing')).toBe('The requested URL was not found on the server.');
});

it('captures automatically and marks the order paid, whatever is refunded later', async () => {
  const simulator = await sandbox();
  const { order, paymentId } = await paidOrder(simulator);
  expect(await paymentOf(simulator, paymentId)).toMatchObject({ status: 'captured', captured: true, amount: 129_900, fee: 3066, tax: 468 });
  const read = async () => (await call<Order>(simulator, 'GET', `/v1/orders/${order.id}`)).body;
  expect(await read()).toMatchObject({ status: 'paid', amount_paid: 129_900, amount_due: 0, attempts: 1 });
  await call(simulator, 'POST', `/v1/payments/${paymentId}/refund`, {});
  expect(await paymentOf(simulator, paymentId)).toMatchObject({ status: 'refunded', amount_refunded: 129_900, refund_status: 'full' });
  expect(await read()).toMatchObject({ status: 'paid', amount_paid: 129_900 });
});

it('is paid by the UPI id or card that a test names, or by the test ones', async () => {
  const simulator = await sandbox();
  const paidBy = async (by: { method?: 'upi' | 'card'; vpa?: string; last4?: string }) => {
    const { id } = await newOrder(simulator);
    return paymentOf(simulator, simulator.controls.pay({ orderId: id, ...by }).paymentId);
  };
  expect(await paidBy({})).toMatchObject({ vpa: 'success@razorpay', card_id: null });
  expect(await paidBy({ vpa: 'asha@bank' })).toMatchObject({ vpa: 'asha@bank', upi: { vpa: 'asha@bank' } });
  expect(await paidBy({ method: 'card' })).toMatchObject({ vpa: null, card: { last4: '1111' } });
  expect(await paidBy({ method: 'card', last4: '4366' })).toMatchObject({ card: { last4: '4366' } });
});

it('takes several attempts on one order and none once it is paid', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const failed = simulator.controls.pay({ orderId: id, mode: 'failed', method: 'card' });
  expect(await paymentOf(simulator, failed.paymentId)).toMatchObject({ status: 'failed', error_code: 'BAD_REQUEST_ERROR', fee: null });
  expect(simulator.ledger().orders[0]).toMatchObject({ status: 'attempted', attempts: 1, amount_due: 129_900 });
  const paid = simulator.controls.pay({ orderId: id, method: 'netbanking' });
  expect(simulator.ledger().orders[0]).toMatchObject({ status: 'paid', attempts: 2 });
  expect(() => simulator.controls.pay({ orderId: id })).toThrow('the order is already paid');
  const { body } = await call<Collection<Payment>>(simulator, 'GET', `/v1/orders/${id}/payments`);
  expect(body.items.map((payment) => payment.id)).toEqual([paid.paymentId, failed.paymentId]);
});

it('captures an authorised payment by hand for exactly its amount, once, and only one of an order', async () => {
  const simulator = await sandbox();
  const order = await newOrder(simulator, { payment: { capture: 'manual', capture_options: { manual_expiry_period: 60 } } });
  const first = simulator.controls.pay({ orderId: order.id });
  const second = simulator.controls.pay({ orderId: order.id });
  expect(first.status).toBe('authorized');
  const capture = (id: string, body: unknown) => call<Payment & ErrorBody>(simulator, 'POST', `/v1/payments/${id}/capture`, body);
  expect((await capture(first.paymentId, { amount: 129_800, currency: 'INR' })).body.error.description).toMatch('equal to the amount');
  expect((await capture(first.paymentId, { amount: 129_900, currency: 'USD' })).status).toBe(400);
  expect((await capture(first.paymentId, { amount: 129_900, currency: 'INR' })).body.status).toBe('captured');
  expect((await capture(first.paymentId, { amount: 129_900, currency: 'INR' })).body.error.description).toMatch('already been captured');
  expect((await capture(second.paymentId, { amount: 129_900, currency: 'INR' })).body.error.description).toMatch('already paid');
  expect(simulator.ledger().totals.captured).toBe(129_900);
});

it('does not capture what has failed', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const { paymentId } = simulator.controls.pay({ orderId: id, mode: 'failed' });
  const answer = await call<ErrorBody>(simulator, 'POST', `/v1/payments/${paymentId}/capture`, { amount: 129_900, currency: 'INR' });
  expect(answer.body.error.description).toMatch('authorized and not yet captured');
});

it('authorises a failed payment late and captures it, if the order is not paid by another', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const late = simulator.controls.pay({ orderId: id, mode: 'late' });
  expect(late.status).toBe('failed');
  expect(simulator.controls.authoriseLate(late.paymentId).status).toBe('captured');
  expect(simulator.controls.authoriseLate(late.paymentId).status).toBe('captured');

  const other = await newOrder(simulator);
  const slow = simulator.controls.pay({ orderId: other.id, mode: 'late' });
  simulator.controls.pay({ orderId: other.id });
  expect(simulator.controls.authoriseLate(slow.paymentId).status).toBe('authorized');
  expect(simulator.ledger().totals.captured).toBe(2 * 129_900);
});

it('leaves a late payment authorised once the order’s time for automatic capture is over', async () => {
  const simulator = await sandbox();
  const order = await newOrder(simulator, { payment: { capture: 'automatic', capture_options: { automatic_expiry_period: 12 } } });
  const { paymentId } = simulator.controls.pay({ orderId: order.id, mode: 'late' });
  simulator.controls.advance(13 * 60);
  expect(simulator.controls.authoriseLate(paymentId).status).toBe('authorized');
});

it('authorises a late payment by itself when its time has come', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const { paymentId } = simulator.controls.pay({ orderId: id, mode: 'late', lateAfterMs: 60_000 });
  simulator.controls.advance(59);
  expect((await paymentOf(simulator, paymentId)).status).toBe('failed');
  simulator.controls.advance(2);
  expect((await paymentOf(simulator, paymentId)).status).toBe('captured');
});

it('gives an authorised payment back to the customer when nobody captures it', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const { paymentId } = simulator.controls.pay({ orderId: id, mode: 'manual' });
  simulator.controls.advance(3 * day - 5);
  expect((await paymentOf(simulator, paymentId)).status).toBe('authorized');
  simulator.controls.advance(10);
  expect(await paymentOf(simulator, paymentId)).toMatchObject({ status: 'refunded', captured: false, amount_refunded: 129_900 });
  expect(simulator.ledger().totals).toMatchObject({ captured: 0, refunded: 0, net: 0 });
});

it('does not mark an order paid by another amount or currency, unless told to', async () => {
  const simulator = await sandbox();
  const [less, dollars, told] = [await newOrder(simulator), await newOrder(simulator), await newOrder(simulator)];
  simulator.controls.pay({ orderId: less.id, amount: 100 });
  simulator.controls.pay({ orderId: dollars.id, currency: 'USD' });
  simulator.controls.pay({ orderId: told.id, amount: 100, settlesOrder: true });
  expect(simulator.ledger().orders).toMatchObject([
    { status: 'attempted', amount_paid: 100, amount_due: 129_800 },
    { status: 'attempted', amount_paid: 0, amount_due: 129_900 },
    { status: 'paid', amount_paid: 100 },
  ]);
  expect(simulator.ledger().byCurrency).toMatchObject({ INR: { captured: 200 }, USD: { captured: 129_900 } });
});

it('reports a day of India as a settlement: captures less the fee, refunds paid out', async () => {
  // 31 December 2025, 23:30 in India.
  let now = Date.UTC(2025, 11, 31, 18, 0);
  const simulator = await sandbox({ now: () => now });
  const { order, paymentId } = await paidOrder(simulator, { receipt: 'old year' });
  await newOrder(simulator).then(({ id }) => simulator.controls.pay({ orderId: id, mode: 'failed' }));
  now += 60 * 60 * 1000;
  const { body: refund } = await call<{ id: string }>(simulator, 'POST', `/v1/payments/${paymentId}/refund`, { amount: 900 });
  const recon = async (query: string) =>
    (await call<Collection<Record<string, unknown>>>(simulator, 'GET', `/v1/settlements/recon/combined?${query}`)).body.items;
  expect(await recon('year=2025&month=12&day=31')).toEqual([
    expect.objectContaining({
      entity_id: paymentId,
      type: 'payment',
      amount: 129_900,
      fee: 3066,
      credit: 126_834,
      debit: 0,
      order_receipt: 'old year',
    }),
  ]);
  expect(await recon('year=2026&month=01&day=1')).toEqual([
    expect.objectContaining({
      entity_id: refund.id,
      type: 'refund',
      amount: 900,
      credit: 0,
      debit: 900,
      payment_id: paymentId,
      order_id: order.id,
    }),
  ]);
  expect(await recon('year=2025&month=12')).toHaveLength(1);
  expect(await recon('year=2026&month=2')).toEqual([]);
  expect((await call(simulator, 'GET', '/v1/settlements/recon/combined?year=2026&month=13')).status).toBe(400);
});

it('settles a payment on the day of its capture, not of its authorisation', async () => {
  let now = Date.UTC(2026, 4, 1, 6, 0);
  const simulator = await sandbox({ now: () => now });
  const { id } = await newOrder(simulator);
  const { paymentId } = simulator.controls.pay({ orderId: id, mode: 'manual' });
  now += day * 1000;
  await call(simulator, 'POST', `/v1/payments/${paymentId}/capture`, { amount: 129_900, currency: 'INR' });
  const count = async (of: number) =>
    (await call<{ count: number }>(simulator, 'GET', `/v1/settlements/recon/combined?year=2026&month=5&day=${of}`)).body.count;
  expect([await count(1), await count(2)]).toEqual([0, 1]);
});

it('lists payments, and a client that uses the API well violates nothing', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator, { receipt: '01890a5d-ac96-774b-bcce-b302099a8057', notes: { at: '1764000000000' } });
  const { body } = await call<Collection<Payment>>(simulator, 'GET', '/v1/payments?count=5');
  expect(body.items.map(({ id }) => id)).toEqual([paymentId]);
  expect(violationKinds(simulator)).toEqual([]);
});
