import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { CRASH_POINTS, type CrashPoint } from '../apps/order/src/order.env.ts';
import { type Customer, type Order, type Shop, type Topology } from './shop.ts';

/** These are left to the clock, so that it is proven too. */
const UNHURRIED: ReadonlySet<CrashPoint> = new Set(['placed', 'captured']);

/** Real processes, really killed: what `kill -9`, `FLUSHALL` and a stopped service may not break. */
export function faultSuite(open: () => Shop, topology: Topology = 'apart'): void {
  const pay = (providerOrderId: string): Promise<{ paymentId: string; signature: string }> =>
    open().razorpay('POST', '/payments', { orderId: providerOrderId, mode: 'auto' });

  /** The only replica ends itself at `point`, with all that runs in its process; afterwards it is there again without a fault, and finds what it left. */
  async function withCrash(point: CrashPoint, work: (death: Promise<undefined>) => Promise<void>): Promise<void> {
    const { stack } = open();
    await Promise.all(stack.replicasOf('order').map((one) => one.stop()));
    const hurries = point === 'expired' || point === 'released';
    const crashing = stack.process('order');
    stack.setEnvironment(crashing.name, { ORDER_CRASH_AT: point, ORDER_PAYMENT_TTL_SECONDS: hurries ? '2' : '900' });
    crashing.autoRestart = false;
    await crashing.start();
    const { pid } = crashing;
    const death = eventually(async () => crashing.pid !== pid, 40_000).then(() => undefined);
    try {
      await work(death);
      await death;
    } finally {
      stack.setEnvironment(crashing.name, {});
      crashing.autoRestart = true;
      await crashing.restart();
    }
    if (!UNHURRIED.has(point)) await hurry();
  }

  /** What the dead process had on lease is due now; otherwise each case would wait for its eight seconds. */
  async function hurry(): Promise<void> {
    const order = new pg.Client({ connectionString: open().stack.databaseUrl('order') });
    await order.connect();
    await order.query(`UPDATE checkouts SET due_at = now() WHERE step NOT IN ('await_payment', 'done')`);
    await order.end();
  }

  describe('kill -9 of the order service', () => {
    afterAll(
      () =>
        Promise.all(
          open()
            .stack.replicasOf('order')
            .map((one) => one.start()),
        ),
      60_000,
    );

    it.each(CRASH_POINTS)(
      'after the step "%s" ends in a confirmed order or in everything released',
      async (point) => {
        const shop = open();
        const customer = await shop.register();
        const variant = await shop.stocked(1);
        const coupon = await shop.coupon({ usageLimit: 1 });
        let order: Order | undefined;
        await withCrash(point, async (death) => {
          // Nobody answers for the dead; the gateway would say so at the deadline.
          const placing = shop.order(customer, variant, 1, undefined, { couponCode: coupon.code });
          // The gateway may have died with it.
          const placed = await Promise.race([placing.catch(() => undefined), death]);
          if (placed?.status !== 201) return;
          order = placed.body;
          if (point === 'expired') return;
          if (point === 'released') {
            await shop.send(customer, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'no longer needed' }).catch(() => undefined);
            return;
          }
          const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
          await pay(razorpayOrderId);
        });
        const mine = await theOnlyOrder(customer);
        if (['placed', 'reserved', 'coupons_held', 'opened'].includes(point)) {
          await shop.orderBecomes(customer, mine.id, 'pending_payment');
          expect(await shop.usageOf(coupon)).toMatchObject({ used: 0, held: 1, spent: 10_000 });
          expect(await shop.stockOf(variant)).toEqual({ onHand: 1, reserved: 1, available: 0 });
        } else if (point === 'expired' || point === 'released') {
          await shop.orderBecomes(customer, mine.id, ['expired', 'cancelled']);
          await eventually(async () => (await shop.stockOf(variant)).available === 1, 60_000);
          expect(await shop.usageOf(coupon)).toMatchObject({ used: 0, held: 0, spent: 0 });
        } else {
          const confirmed = await shop.orderBecomes(customer, mine.id, 'confirmed');
          expect(confirmed.paymentStatus).toBe('paid');
          expect(await shop.usageOf(coupon)).toMatchObject({ used: 1, held: 0, spent: 10_000 });
          expect(await shop.stockOf(variant)).toEqual({ onHand: 0, reserved: 0, available: 0 });
        }
      },
      120_000,
    );
  });

  describe('kill -9 of the order service, with an order without coupons', () => {
    afterAll(
      () =>
        Promise.all(
          open()
            .stack.replicasOf('order')
            .map((one) => one.start()),
        ),
      60_000,
    );

    it('between the confirmation and the event that tells of it loses nothing: the stock is held, and sold once', async () => {
      const shop = open();
      const [customer, variant] = [await shop.register(), await shop.stocked(2)];
      let order: Order | undefined;
      await withCrash('confirmed', async () => {
        order = await shop.placed(customer, variant, 2);
        const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
        await pay(razorpayOrderId);
      });
      const confirmed = await shop.orderBecomes(customer, (order as Order).id, 'confirmed');
      expect(confirmed).toMatchObject({ paymentStatus: 'paid', invoice: { number: expect.any(String) } });
      // The rows that the dead process had on lease are anybody's after fifteen seconds; nobody can buy the units before or after.
      const { onHand, reserved } = await shop.stockOf(variant);
      expect(onHand - reserved).toBe(0);
      await shop.stockBecomes(variant, { onHand: 0, reserved: 0, available: 0 });
      expect((await shop.order(await shop.register(), variant)).status).toBe(409);
    }, 120_000);

    // Those that run together are down together: nobody could confirm the order meanwhile.
    it.skipIf(topology === 'together')(
      'and of product, before it hears of the sale, loses nothing either',
      async () => {
        const shop = open();
        const [customer, variant] = [await shop.register(), await shop.stocked(3)];
        const order = await shop.placed(customer, variant, 2);
        const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
        const products = shop.stack.replicasOf('product');
        for (const one of products) one.autoRestart = false;
        await Promise.all(products.map((one) => one.kill('SIGKILL')));
        await pay(razorpayOrderId);
        // Nobody needs product for it: the stock was held before.
        await shop.orderBecomes(customer, order.id, 'confirmed');
        await Promise.all(products.map((one) => one.start()));
        for (const one of products) one.autoRestart = true;
        await shop.stockBecomes(variant, { onHand: 1, reserved: 0, available: 1 });
      },
      120_000,
    );
  });

  describe('Redis', () => {
    it('may be flushed in the middle of everything: no order, stock or payment fact is lost', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(20);
      await shop.send(customer, 'POST', '/api/cart/me/items', { variantId: variant.variantId, quantity: 3 });
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const order = await shop.placed(customer, variant, 2);
      const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
      await shop.flushRedis();
      const { data: cart } = await customer.api.GET('/api/cart/{userId}', { params: { path: { userId: 'me' } } });
      expect(cart?.items.map(({ quantity }) => quantity)).toEqual([3]);
      await pay(razorpayOrderId);
      await shop.flushRedis();
      await shop.orderBecomes(customer, order.id, 'confirmed');
      await shop.stockBecomes(variant, { onHand: 18, reserved: 0, available: 18 });
    }, 60_000);
  });

  describe('a poison event', () => {
    it('goes dead, is listed with its error, replayed and dropped by an admin, and by nobody else', async () => {
      const shop = open();
      const [admin, customer, id] = [await shop.admin(), await shop.register(), uuidv7()];
      const payment = new pg.Client({ connectionString: shop.stack.databaseUrl('payment') });
      await payment.connect();
      // What a publisher with a bug would leave: data that no release of the subscriber has read for an hour, at its last try.
      await payment.query(
        `INSERT INTO outbox (id, event, version, subscriber, payload, request_id, attempts, created_at)
         VALUES ($1, 'payment.captured', 1, 'order', '{"orderId":"nonsense"}', 'e2e-poison', 7, now() - interval '2 hours')`,
        [id],
      );
      await payment.end();
      const listed = async (): Promise<{ error: string | null } | undefined> => {
        const { data } = await admin.api.GET('/api/admin/dead-letters', { params: { query: { limit: 100 } } as never });
        return data?.items.find((letter) => letter.id === id);
      };
      await eventually(async () => (await listed()) !== undefined, 30_000);
      expect(await listed()).toMatchObject({
        service: 'payment',
        subscriber: 'order',
        event: 'payment.captured',
        attempts: 8,
        error: expect.stringContaining('validation_failed'),
      });
      expect((await shop.send(customer, 'POST', `/api/admin/dead-letters/${id}/replay`, {})).status).toBe(403);
      expect((await shop.send(admin, 'POST', `/api/admin/dead-letters/${id}/replay`, {})).status).toBe(204);
      expect(await listed()).toBeUndefined();
      expect((await shop.send(admin, 'DELETE', `/api/admin/dead-letters/${uuidv7()}`)).status).toBe(404);
    }, 60_000);
  });

  describe('a price edit', () => {
    it('shows on every public read and in carts within two seconds', async () => {
      const shop = open();
      const [admin, customer, variant] = [await shop.admin(), await shop.register(), await shop.stocked(5)];
      await shop.send(customer, 'POST', '/api/cart/me/items', { variantId: variant.variantId, quantity: 1 });
      const read = async (): Promise<number | undefined> =>
        (await shop.anonymous.GET('/api/products/{id}', { params: { path: { id: variant.productId } } })).data?.price;
      expect(await read()).toBe(variant.price);
      const edited = await shop.send(admin, 'PATCH', `/api/products/${variant.productId}/variants/${variant.variantId}`, {
        price: variant.price - 10_000,
      });
      expect(edited.status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(await read()).toBe(variant.price - 10_000);
      const { data: cart } = await customer.api.GET('/api/cart/{userId}', { params: { path: { userId: 'me' } } });
      expect(cart?.items.map(({ unitPrice, changes }) => ({ unitPrice, changes }))).toEqual([
        { unitPrice: variant.price - 10_000, changes: ['price'] },
      ]);
    });
  });

  // Those that run together are down together.
  describe.skipIf(topology === 'together')('a service that is down', () => {
    it('is a 503 that says so, while everything else goes on; and serves again without a restart of the others', async () => {
      const shop = open();
      const customer = await shop.register();
      const carts = shop.stack.replicasOf('cart');
      for (const one of carts) one.autoRestart = false;
      await Promise.all(carts.map((one) => one.kill('SIGKILL')));
      const answer = await shop.send(customer, 'GET', '/api/cart/me');
      expect([answer.status, answer.headers.get('retry-after') !== null]).toEqual([503, true]);
      expect(await answer.json()).toMatchObject({ code: 'unavailable', retryable: true });
      expect((await shop.send(customer, 'GET', '/api/products?limit=1')).status).toBe(200);
      await eventually(async () => {
        const { data } = await shop.anonymous.GET('/api/status');
        return data?.services.cart === 'down' && data.status === 'degraded';
      });
      await Promise.all(carts.map((one) => one.start()));
      for (const one of carts) one.autoRestart = true;
      await eventually(async () => (await shop.send(customer, 'GET', '/api/cart/me')).status === 200);
    }, 60_000);

    it('loses no request when each service is restarted in turn under load', async () => {
      const shop = open();
      const customer = await shop.register();
      let running = true;
      const failures: string[] = [];
      let answered = 0;
      const load = Array.from({ length: 6 }, async (_, index) => {
        const path = ['/api/cart/me', '/api/auth/me', `/api/orders/user/me?limit=${index + 1}`][index % 3] as string;
        while (running) {
          const { status } = await shop.send(customer, 'GET', path);
          answered += 1;
          if (status !== 200) failures.push(`${path} ${status}`);
        }
      });
      for (const service of ['auth', 'cart', 'order'] as const) {
        for (const one of shop.stack.replicasOf(service)) await one.restart();
      }
      running = false;
      await Promise.all(load);
      expect(answered).toBeGreaterThan(50);
      expect(failures).toEqual([]);
    }, 90_000);

    it('opens every Razorpay order while the replicas of payment are restarted in turn, twice', async () => {
      const shop = open();
      const buyers = await shop.registered(3);
      const variant = await shop.stocked(1_000);
      const orders = await Promise.all(
        buyers.flatMap((buyer) => [1, 2, 3].map(async () => ({ buyer, ...(await shop.placed(buyer, variant)) }))),
      );
      let running = true;
      let opened = 0;
      const failures: string[] = [];
      const load = orders.map(async ({ buyer, id }) => {
        while (running) {
          const answer = await shop.send(buyer, 'POST', '/api/payments/create-order', { orderId: id });
          const text = await answer.text();
          opened += 1;
          if (answer.status !== 201) failures.push(`${answer.status} ${text}`);
        }
      });
      for (let round = 0; round < 2; round += 1) for (const one of shop.stack.replicasOf('payment')) await one.restart();
      running = false;
      await Promise.all(load);
      expect(failures).toEqual([]);
      expect(opened).toBeGreaterThan(orders.length);
    }, 180_000);

    it('opens the Razorpay orders that a replica of payment was asked for when it was killed, within the wait of those who ask again', async () => {
      const shop = open();
      const [buyer, variant] = [await shop.register(), await shop.stocked(100)];
      const orders = await Promise.all(Array.from({ length: 8 }, () => shop.placed(buyer, variant)));
      const opening = (orderId: string): Promise<{ status: number; body: { razorpayOrderId?: string } }> =>
        shop
          .send(buyer, 'POST', '/api/payments/create-order', { orderId })
          .then(async (answer) => ({ status: answer.status, body: (await answer.json()) as { razorpayOrderId?: string } }));
      // Razorpay takes its time for each first request, and creates the order also for the one who has died meanwhile.
      await shop.razorpay('POST', '/faults', { endpoint: 'POST /v1/orders', kind: 'delay', times: orders.length, delayMs: 3_500 });
      const firsts = orders.map(({ id }) => opening(id).catch(() => undefined));
      await eventually(async () => (await shop.razorpay<{ items: unknown[] }>('GET', '/faults')).items.length === 0);
      const [victim] = shop.stack.replicasOf('payment');
      if (victim === undefined) throw new Error('payment has no replica');
      victim.autoRestart = false;
      await victim.kill('SIGKILL');
      try {
        const seconds = await Promise.all(orders.map(({ id }) => opening(id)));
        expect(seconds.map(({ status }) => status)).toEqual(orders.map(() => 201));
        // The dead replica had some of them.
        expect((await Promise.all(firsts)).filter((first) => first?.status !== 201).length).toBeGreaterThan(0);
        // A second order at Razorpay is nobody's to pay: everybody is told of the same.
        const thirds = await Promise.all(orders.map(({ id }) => opening(id)));
        const idsOf = (answers: readonly { body: { razorpayOrderId?: string } }[]): unknown[] =>
          answers.map(({ body }) => body.razorpayOrderId);
        expect(idsOf(thirds)).toEqual(idsOf(seconds));
        await Promise.all(orders.map((order) => shop.paid(buyer, order)));
      } finally {
        await victim.start();
        victim.autoRestart = true;
      }
    }, 120_000);
  });

  describe('locks', () => {
    it('are taken in one order everywhere: up to here no two transactions waited for each other', async () => {
      // Before Postgres is killed, which forgets the counters then.
      const admin = new pg.Client({ connectionString: open().stack.adminDatabaseUrl });
      await admin.connect();
      try {
        const { rows } = await admin.query<{ datname: string; deadlocks: string }>(
          'SELECT datname, deadlocks FROM pg_stat_database WHERE deadlocks > 0',
        );
        expect(rows).toEqual([]);
      } finally {
        await admin.end();
      }
    });
  });

  describe('Postgres', () => {
    it('may be restarted: every service answers again without one', async () => {
      const shop = open();
      // Connections that are kept since a gateway died are found out here.
      await eventually(async () => (await shop.anonymous.GET('/api/status').catch(() => undefined))?.response.ok === true);
      const customer = await shop.register();
      await shop.stack.process('postgres').kill('SIGKILL');
      const during = await shop.send(customer, 'GET', '/api/orders/user/me');
      expect([200, 503]).toContain(during.status);
      await eventually(async () => (await shop.send(customer, 'GET', '/api/orders/user/me')).status === 200, 60_000);
      await eventually(async () => (await shop.send(customer, 'GET', '/api/auth/addresses')).status === 200, 60_000);
    }, 120_000);
  });
}

async function theOnlyOrder(customer: Customer): Promise<Order> {
  let found: Order[] = [];
  await eventually(async () => {
    const { data } = await customer.api.GET('/api/orders/user/{userId}', { params: { path: { userId: 'me' } } });
    found = data?.items ?? [];
    return found.length === 1;
  }, 60_000);
  return found[0] as Order;
}
