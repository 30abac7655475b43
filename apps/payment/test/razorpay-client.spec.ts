import Razorpay from 'razorpay';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { metrics } from '#libs/observability/metrics';
import { type PrivateSurface, RazorpayClient } from '../src/razorpay-client.ts';
import { RazorpayBusy, RazorpayRefused, RazorpayUnauthorised, RazorpayUnavailable, RazorpayUnknown } from '../src/razorpay-errors.ts';
import { newId, RazorpayStub } from './razorpay-stub.ts';

let stub: RazorpayStub;
let client: RazorpayClient;
const options = { keyId: 'rzp_test_0123456789abcd', keySecret: 'the key secret of a test' };
const fresh = (timeoutMs = 400): RazorpayClient => new RazorpayClient({ ...options, baseUrl: stub.url, timeoutMs });
const FAULTS = ['hang', 'html', 'unreadable', 'reset-before', 'reset-after', 'redirect', 'huge', 'dribble'] as const;
const order = { amount: 129_900, currency: 'INR', receipt: 'a-receipt' };
const thrownBy = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

beforeAll(async () => {
  stub = await RazorpayStub.start();
});
beforeEach(() => {
  stub.heal();
  client = fresh();
});
afterAll(() => stub.stop());

describe('the razorpay package', () => {
  it('still has the private surface that the wrapper changes', () => {
    const { rq } = new Razorpay({ key_id: 'a', key_secret: 'b' }).api as unknown as PrivateSurface;
    expect(rq.defaults).toMatchObject({ baseURL: 'https://api.razorpay.com' });
    expect(rq.post).toBeTypeOf('function');
    expect(Razorpay.VERSION).toBe('2.9.8');
  });

  it('sends orders to the host we chose, with basic authentication, whole paise and automatic capture', async () => {
    const created = await client.createOrder(order);
    expect(created).toMatchObject({ amount: 129_900, currency: 'INR', receipt: 'a-receipt', status: 'created' });
    const sent = stub.requests.at(-1);
    expect(sent?.route).toBe('POST /v1/orders');
    expect(sent?.body).toEqual({ ...order, payment_capture: true });
    expect(sent?.headers.authorization).toBe(`Basic ${Buffer.from(`${options.keyId}:${options.keySecret}`).toString('base64')}`);
  });

  it('is asked on connections that are kept', async () => {
    await client.createOrder(order);
    const before = stub.connections;
    for (let times = 0; times < 10; times += 1) await client.createOrder(order);
    const payment = stub.pay((await client.createOrder(order)).id, 'captured');
    expect(await client.payment(String(payment.id))).toMatchObject({ status: 'captured', amount: 129_900 });
    expect(stub.connections).toBe(before);
  });

  it('finds an order by its receipt, and nothing for a receipt that no order has', async () => {
    const created = await client.createOrder({ ...order, receipt: 'another-receipt' });
    expect(await client.orderByReceipt('another-receipt')).toEqual(created);
    expect(await client.orderByReceipt('no-such-receipt')).toBeUndefined();
  });

  it('sends the idempotency key of a refund, which the package itself drops', async () => {
    const payment = stub.pay((await client.createOrder(order)).id, 'captured');
    const first = await client.refund(String(payment.id), { amount: 129_900, receipt: 'r' }, 'refund-key-0001');
    expect(stub.requests.at(-1)?.headers['x-refund-idempotency']).toBe('refund-key-0001');
    expect(await client.refund(String(payment.id), { amount: 129_900, receipt: 'r' }, 'refund-key-0001')).toEqual(first);
  });
});

describe('an answer that is none', () => {
  it.each(FAULTS)('counts as an unknown outcome: %s', async (kind) => {
    stub.fail('POST', /orders$/, kind);
    expect(await thrownBy(client.createOrder(order))).toBeInstanceOf(RazorpayUnknown);
    stub.fail('GET', /payments/, kind);
    expect(await thrownBy(client.payment('pay_00000000000001'))).toBeInstanceOf(RazorpayUnknown);
    // The package's way for the rest.
    stub.fail('GET', /orders/, kind);
    expect(await thrownBy(client.orderByReceipt('a-receipt'))).toBeInstanceOf(RazorpayUnknown);
  });

  it('counts as an unknown outcome when nobody listens', async () => {
    const nobody = new RazorpayClient({ ...options, baseUrl: 'http://127.0.0.1:1' });
    expect(await thrownBy(nobody.createOrder(order))).toBeInstanceOf(RazorpayUnknown);
  });

  it('ends a call that hangs after the timeout', async () => {
    stub.fail('GET', /payments/, 'hang');
    expect(await thrownBy(client.payment('pay_00000000000001'))).toBeInstanceOf(RazorpayUnknown);
  });

  it('counts as busy when Razorpay throttles us', async () => {
    stub.fail('POST', /orders$/, 'busy');
    expect(await thrownBy(client.createOrder(order))).toBeInstanceOf(RazorpayBusy);
  });

  it('of a refund is told apart in the same way', async () => {
    for (const kind of ['html', 'busy', 'reset-after'] as const) stub.fail('POST', /refund$/, kind);
    const refund = () => thrownBy(client.refund('pay_00000000000001', { amount: 100, receipt: 'r' }, 'refund-key-0002'));
    expect(await refund()).toBeInstanceOf(RazorpayUnknown);
    expect(await refund()).toBeInstanceOf(RazorpayBusy);
    expect(await refund()).toBeInstanceOf(RazorpayUnknown);
    expect(await refund()).toBeInstanceOf(RazorpayRefused);
  });
});

describe('an answer about something else', () => {
  it('counts as an unknown outcome: another payment, another amount of a refund', async () => {
    const [one, two] = [await client.createOrder(order), await client.createOrder({ ...order, receipt: 'another' })];
    const [mine, other] = [stub.pay(one.id, 'captured'), stub.pay(two.id, 'captured')].map(({ id }) => String(id)) as [string, string];
    expect((await client.payment(mine)).id).toBe(mine);
    const refund = await client.refund(mine, { amount: 500, receipt: 'r' }, 'refund-key-0002');
    stub.payments.set(mine, { ...stub.payments.get(other) });
    stub.refunds.set(refund.id, { ...stub.refunds.get(refund.id), amount: 5 });
    expect(await thrownBy(client.payment(mine))).toBeInstanceOf(RazorpayUnknown);
    expect(await thrownBy(client.refund(mine, { amount: 500, receipt: 'r' }, 'refund-key-0002'))).toBeInstanceOf(RazorpayUnknown);
    expect((await client.payment(other)).id).toBe(other);
  });
});

describe('a refusal', () => {
  it('carries the status, code and description of Razorpay', async () => {
    expect(await thrownBy(client.payment('pay_00000000000001'))).toMatchObject({
      name: 'RazorpayRefused',
      status: 400,
      code: 'BAD_REQUEST_ERROR',
      description: 'The id provided does not exist',
    });
  });

  it.each(['../orders/order_1', 'pay_1?x=1', newId('order'), ''])('is all that %j gets as a payment id: nothing is sent', async (id) => {
    const before = stub.requests.length;
    expect(await thrownBy(client.payment(id))).toBeInstanceOf(RazorpayRefused);
    expect(await thrownBy(client.capture(id, 100, 'INR'))).toBeInstanceOf(RazorpayRefused);
    expect(await thrownBy(client.refund(id, { amount: 100, receipt: 'r' }, 'refund-key-0003'))).toBeInstanceOf(RazorpayRefused);
    expect(stub.requests.length).toBe(before);
  });

  it('never opens the breaker', async () => {
    for (let times = 0; times < 20; times += 1) await thrownBy(client.payment('pay_00000000000001'));
    expect(client.isOpen).toBe(false);
  });
});

describe('the breaker', () => {
  const PAYMENT = 'pay_00000000000001';
  const fail = async (one: RazorpayClient, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) expect(await thrownBy(one.payment(PAYMENT))).toBeInstanceOf(RazorpayUnknown);
  };

  it('opens after three calls in a row without an answer, however rare the calls are, and answers at once without asking', async () => {
    stub.fail('GET', /payments/, 'hang', 1_000);
    await fail(client, 3);
    expect(client.isOpen).toBe(true);
    const asked = stub.requests.length;
    const began = performance.now();
    expect(await thrownBy(client.payment(PAYMENT))).toBeInstanceOf(RazorpayUnavailable);
    expect(performance.now() - began).toBeLessThan(100);
    expect(stub.requests.length).toBe(asked);
  });

  it('stays closed while Razorpay answers one in three', async () => {
    for (let times = 0; times < 4; times += 1) {
      stub.fail('GET', /payments/, 'html', 2);
      await fail(client, 2);
      await thrownBy(client.payment(PAYMENT));
    }
    expect(client.isOpen).toBe(false);
  });

  it('is closed by its own probe alone, and stays open while the probe gets no answer', async () => {
    stub.fail('GET', /./, 'html', 1_000);
    await fail(client, 3);
    await client.probe();
    expect(client.isOpen).toBe(true);
    stub.heal();
    expect(await thrownBy(client.payment(PAYMENT))).toBeInstanceOf(RazorpayUnavailable);
    await client.probe();
    expect(client.isOpen).toBe(false);
    expect(await thrownBy(client.payment(PAYMENT))).toBeInstanceOf(RazorpayRefused);
  });

  it('asks nothing of its own while it is closed', async () => {
    const asked = stub.requests.length;
    await client.probe();
    expect(stub.requests.length).toBe(asked);
  });

  it('lets 32 calls through at a time', async () => {
    stub.fail('GET', /payments/, 'slow', 32);
    const answers = await Promise.all(Array.from({ length: 40 }, () => thrownBy(client.payment(PAYMENT))));
    expect(answers.filter((error) => error instanceof RazorpayUnavailable)).toHaveLength(8);
  });
});

describe('a key that Razorpay refuses', () => {
  it('is told once, opens no breaker, and is found accepted again by the probe', async () => {
    const told: boolean[] = [];
    const one = new RazorpayClient({ ...options, baseUrl: stub.url, timeoutMs: 400, onKey: (isAccepted) => told.push(isAccepted) });
    stub.fail('GET', /./, 'unauthorised', 1_000);
    for (let times = 0; times < 5; times += 1)
      expect(await thrownBy(one.payment('pay_00000000000001'))).toBeInstanceOf(RazorpayUnauthorised);
    expect({ told, state: one.state }).toEqual({ told: [false], state: 'key_refused' });
    await one.probe();
    expect(one.state).toBe('key_refused');
    stub.heal();
    await one.probe();
    expect({ told, state: one.state }).toEqual({ told: [false, true], state: 'up' });
  });
});

describe('calls', () => {
  it('are measured by operation and outcome, and failures are counted from the start', async () => {
    const count = async (name: string, labels: string): Promise<number> => {
      const line = (await metrics.getSingleMetricAsString(name)).split('\n').find((one) => one.includes(labels));
      return line === undefined ? Number.NaN : Number(line.split(' ').at(-1));
    };
    for (const kind of ['refused', 'unauthorised', 'busy', 'no_answer', 'not_asked'])
      expect(await count('only2u_payment_razorpay_errors_total', `kind="${kind}"`)).toBeGreaterThanOrEqual(0);
    const before = await count('only2u_payment_razorpay_errors_total', 'kind="no_answer"');
    stub.fail('POST', /orders$/, 'html');
    await thrownBy(client.createOrder(order));
    await client.createOrder(order);
    expect(await count('only2u_payment_razorpay_errors_total', 'kind="no_answer"')).toBe(before + 1);
    expect(await count('only2u_payment_razorpay_seconds', 'count{operation="createOrder",outcome="ok"}')).toBeGreaterThan(0);
  });
});
