import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Schemas } from '#libs/client/client';
import { services } from '#libs/runtime/topology';
import { eventually } from '#libs/testing/builders';
import { connectedTraces, TraceCollector } from '#libs/testing/trace-collector';
import { type Customer, type Order, PASSWORD, Shop } from './shop.ts';

/** What those who run the shop see of it, and do to it while it is open. */
let collector: TraceCollector;
let shop: Shop;
beforeAll(async () => {
  collector = await TraceCollector.start();
  shop = await Shop.open({ replicas: 2, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, RECONCILE_AFTER_SECONDS: '1' } });
}, 120_000);
afterAll(async () => {
  await shop?.close();
  await collector?.stop();
}, 60_000);

interface Paid {
  readonly paymentId: string;
  readonly signature: string;
}

describe('the spans of a purchase', () => {
  const pay = (orderId: string): Promise<Paid> => shop.razorpay('POST', '/payments', { orderId, mode: 'auto' });

  /** Expects these spans in one trace or in linked ones, once every process has sent its part. */
  async function hangTogether(...names: readonly string[]): Promise<void> {
    const groups = (): string[][] =>
      connectedTraces(collector.spans)
        .map((group) => names.filter((name) => group.has(name)))
        .filter((found) => found.length > 0);
    await eventually(async () => groups().length === 1 && groups()[0]?.length === names.length, 60_000).catch(() => undefined);
    expect(groups()).toEqual([names]);
  }

  it('hang together, from the order over Razorpay’s callback and the client’s report to the refund', async () => {
    const customer = await shop.register();
    const variant = await shop.stocked(1);
    collector.spans.length = 0;
    const order = await shop.placed(customer, variant);
    const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
    const { paymentId, signature } = await pay(razorpayOrderId);
    const report = { orderId: order.id, razorpayOrderId, razorpayPaymentId: paymentId, razorpaySignature: signature };
    expect((await shop.send(customer, 'POST', '/api/payments/verify', report)).status).toBe(200);
    await shop.orderBecomes(customer, order.id, 'confirmed');
    expect((await shop.send(customer, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'too big' })).status).toBe(200);
    await hangTogether(
      ...['order.place', 'product.reserve', 'payment.createOrder', 'payment.webhook', 'payment.verify', 'event payment.captured'],
      ...['event order.confirmed', 'order.cancel', 'payment.send_refund'],
    );
  }, 120_000);

  it('hang together when the order’s process dies and its payment is found by the reconciler', async () => {
    const customer = await shop.register();
    const variant = await shop.stocked(1);
    await Promise.all(shop.stack.replicasOf('order').map((one) => one.stop()));
    const dying = await shop.stack.addReplica('order', { ORDER_CRASH_AT: 'placed' });
    dying.autoRestart = false;
    const { pid } = dying;
    collector.spans.length = 0;
    const death = eventually(async () => dying.pid !== pid, 40_000);
    await Promise.race([shop.order(customer, variant), death]);
    await death;
    await shop.stack.removeReplica(dying.name);
    await Promise.all(shop.stack.replicasOf('order').map((one) => one.start()));
    let order: Order | undefined;
    await eventually(async () => {
      const { data } = await customer.api.GET('/api/orders/user/{userId}', { params: { path: { userId: 'me' } } });
      order = data?.items[0];
      return order !== undefined;
    }, 60_000);
    const { id } = order as Order;
    await shop.orderBecomes(customer, id, 'pending_payment');
    await shop.razorpay('POST', '/webhook/hold');
    try {
      await pay((await shop.razorpayOrder(customer, id)).razorpayOrderId);
      await shop.orderBecomes(customer, id, 'confirmed');
    } finally {
      await shop.razorpay('POST', '/webhook/release', { order: 'queued' });
    }
    await hangTogether('order.place', 'order.resume_checkout', 'payment.createOrder', 'payment.check_order', 'event payment.captured');
  }, 180_000);
});

describe('the metrics', () => {
  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

  it.skipIf(!hasPromtool)(
    `of every process pass promtool${hasPromtool ? '' : ' (SKIPPED: no promtool on the PATH; apt-get install prometheus)'}`,
    async () => {
      const faults: string[] = [];
      for (const { name } of services) {
        const text = await (await fetch(`${shop.stack.probeUrl(name)}/metrics`)).text();
        expect(text.length).toBeGreaterThan(1_000);
        const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
        if (status !== 0) faults.push(`${name}: ${stdout}${stderr}`);
      }
      expect(faults).toEqual([]);
    },
  );
});

describe('the key that signs tokens', () => {
  const newKey = (): string =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keyOf = ({ token }: Pick<Customer, 'token'>): unknown =>
    (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid?: unknown }).kid;

  it('is changed at one replica of auth after the other, and no request fails', async () => {
    const { stack } = shop;
    const customers = await shop.registered(3);
    const [first] = customers as [Customer, ...Customer[]];
    let running = true;
    const answered = new Map<string, number>();
    const failures: string[] = [];
    const loop = async (about: string, ask: () => Promise<Response>): Promise<void> => {
      while (running) {
        const answer = await ask();
        const text = await answer.text();
        answered.set(about, (answered.get(about) ?? 0) + 1);
        if (answer.status >= 300) failures.push(`${about}: ${answer.status} ${text}`);
      }
    };
    /** Each refresh is given what the one before it answered, whichever replica that was. */
    const refreshes = async (customer: Customer): Promise<void> => {
      const signIn = { email: customer.user.email, password: PASSWORD };
      let session = (await (await shop.send(undefined, 'POST', '/api/auth/login', signIn)).json()) as Schemas['SignedIn'];
      await loop('refresh', async () => {
        const answer = await shop.send(undefined, 'POST', '/api/auth/refresh', { refreshToken: session.refreshToken });
        if (answer.status === 200) session = (await answer.clone().json()) as Schemas['SignedIn'];
        const me = await shop.send({ ...customer, token: session.accessToken }, 'GET', '/api/auth/me');
        return me.status === 200 ? answer : me;
      });
    };
    const load = [
      ...customers.map(refreshes),
      loop('cart', () => shop.send(first, 'GET', '/api/cart/me')),
      loop('orders', () => shop.send(first, 'GET', '/api/orders/user/me')),
      loop('login', () => shop.send(undefined, 'POST', '/api/auth/login', { email: first.user.email, password: PASSWORD })),
    ];
    const keys = { JWT_PRIVATE_KEY: newKey(), JWT_PRIVATE_KEY_PREVIOUS: stack.secrets.JWT_PRIVATE_KEY };
    for (const old of stack.replicasOf('auth')) {
      await stack.addReplica('auth', keys);
      await stack.removeReplica(old.name);
    }
    // All of them have asked the new replicas alone.
    const seen = new Map(answered);
    const everybody = ['refresh', 'cart', 'orders', 'login'];
    await eventually(async () => everybody.every((about) => (answered.get(about) ?? 0) > (seen.get(about) ?? 0) + 3), 60_000);
    running = false;
    await Promise.all(load);
    expect(failures).toEqual([]);
    expect(keyOf(await shop.register())).not.toBe(keyOf(first));
    expect((await shop.send(first, 'GET', '/api/auth/me')).status).toBe(200);
  }, 180_000);
});
