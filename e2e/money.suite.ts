import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ServiceName } from '#libs/runtime/topology';
import { eventually } from '#libs/testing/builders';
import { ADDRESS, type Customer, type Order, type Shop, type Topology } from './shop.ts';

interface Paid {
  readonly paymentId: string;
  readonly signature: string;
}

/** Coupons, refunds, cash on delivery and documents, on the running system. */
export function moneySuite(open: () => Shop, topology: Topology = 'apart'): void {
  const body = async <T = Order & { code?: string }>(answer: Promise<Response>): Promise<{ status: number; body: T }> => {
    const { status, ...rest } = await answer.then(async (given) => ({ status: given.status, json: (await given.json()) as T }));
    return { status, body: rest.json };
  };
  const cancel = (customer: Customer, order: Order, items?: { itemId: string; quantity: number }[]) =>
    body(open().send(customer, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'changed my mind', ...(items && { items }) }));
  const read = async (customer: Customer, order: Order): Promise<Order> =>
    (await customer.api.GET('/api/orders/{id}', { params: { path: { id: order.id } } })).data as Order;
  const invoice = (customer: Customer, order: Order, query = ''): Promise<Response> =>
    open().send(customer, 'GET', `/api/orders/${order.id}/invoice${query}`);

  it('a disputed payment is told to staff, and a coupon to whom it names', async () => {
    const shop = open();
    const [customer, admin] = [await shop.register(), await shop.admin()];
    const order = await shop.placed(customer, await shop.stocked(2));
    await shop.paid(customer, order);
    const [attempt] = (await shop.paymentsOf(customer, order)).attempts;
    await shop.razorpay('POST', '/disputes', { paymentId: attempt?.razorpayPaymentId });
    const { code } = await shop.coupon({ userIds: [customer.user.id] });
    const told = async (who: Customer) =>
      (await who.api.GET('/api/notifications/user/{userId}', { params: { path: { userId: 'me' } } })).data?.items ?? [];
    await eventually(async () =>
      (await told(admin)).some(
        ({ template, data, body: text }) => template === 'staff_alert' && data.orderId === order.id && text.includes('disputed'),
      ),
    );
    const issued = await eventually(async () => (await told(customer)).find(({ template }) => template === 'coupon_issued'));
    expect(issued.body).toContain(code);
  });

  describe('from a guest cart with a coupon to the refund of one line', () => {
    it('discount, shipping, charge, invoice, credit note and refund agree to the paisa', async () => {
      const shop = open();
      const [one, two, coupon] = [
        await shop.stocked(5, 60_000),
        await shop.stocked(5, 20_033),
        await shop.coupon({ kind: 'percent', value: 10 }),
      ];
      const guest = await body<{ token: string }>(shop.send(undefined, 'POST', '/api/cart/guest', {}));
      expect(guest.status).toBe(201);
      for (const { variantId } of [one, two]) {
        expect((await shop.send(undefined, 'POST', `/api/cart/guest/${guest.body.token}/items`, { variantId, quantity: 1 })).status).toBe(
          201,
        );
      }
      const customer = await shop.register();
      for (let times = 0; times < 2; times += 1) {
        const merged = await body<{ items: unknown[] }>(
          shop.send(customer, 'POST', '/api/cart/me/merge', { guestToken: guest.body.token }),
        );
        expect([merged.status, merged.body.items.length]).toEqual([200, 2]);
      }
      expect((await shop.send(await shop.register(), 'POST', '/api/cart/me/merge', { guestToken: guest.body.token })).status).toBe(404);
      const cart = await body<{ total: number; discount: number; shippingFee: number; subtotal: number }>(
        shop.send(customer, 'PUT', '/api/cart/me/coupon', { code: ` ${coupon.code.toLowerCase()} ` }),
      );
      expect(cart).toMatchObject({ status: 200, body: { subtotal: 80_033, discount: 8_003, shippingFee: 4_900, total: 76_930 } });

      const placed = await body(
        shop.send(customer, 'POST', '/api/orders', { paymentMethod: 'razorpay', shippingAddress: ADDRESS, expectedTotal: cart.body.total }),
      );
      expect(placed.status).toBe(201);
      const order = placed.body;
      expect(order).toMatchObject({ total: 76_930, discount: 8_003, shippingFee: 4_900, couponCode: coupon.code });
      expect((await invoice(customer, order)).status).toBe(409);
      const confirmed = await shop.paid(customer, order);
      expect(confirmed.invoice?.number).toMatch(/^INV\/\d\d-\d\d\/\d{6}$/);
      const paper = await invoice(customer, order);
      expect([paper.status, paper.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      expect(
        Buffer.from(await paper.arrayBuffer())
          .subarray(0, 5)
          .toString(),
      ).toBe('%PDF-');
      expect((await invoice(await shop.register(), order)).status).toBe(404);

      const item = order.items.find(({ variantId }) => variantId === two.variantId);
      if (item === undefined) throw new Error('the line is missing');
      const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(customer, order, [{ itemId: item.id, quantity: 1 }])));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await shop.stockOf(two)).toEqual({ onHand: 5, reserved: 0, available: 5 });
      await eventually(async () => (await read(customer, order)).refundedAmount === item.total, 30_000);
      const after = await read(customer, order);
      expect(after).toMatchObject({ status: 'confirmed', paymentStatus: 'partially_refunded', total: 76_930, amountDue: 0 });
      expect(after.creditNotes.map(({ amount }) => amount)).toEqual([item.total]);
      expect((await invoice(customer, order, `?creditNote=${encodeURIComponent(after.creditNotes[0]?.number ?? '')}`)).status).toBe(200);
      expect(await shop.paymentsOf(customer, order)).toMatchObject({
        captured: 76_930,
        refunded: item.total,
        refunds: [{ status: 'processed' }],
      });
      expect(await shop.usageOf(coupon)).toMatchObject({ used: 1, held: 0 });

      expect(await cancel(customer, order)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
      await eventually(async () => (await read(customer, order)).refundedAmount === 76_930, 30_000);
      expect(await read(customer, order)).toMatchObject({ paymentStatus: 'refunded' });
      await eventually(async () => (await shop.usageOf(coupon)).used === 0);
    }, 90_000);
  });

  describe('cash on delivery', () => {
    it('is confirmed at once, collected at the door, and one returned line is paid out by hand', async () => {
      const shop = open();
      const [customer, variant] = [await shop.register(), await shop.stocked(5)];
      const order = await shop.placed(customer, variant, 2, { paymentMethod: 'cod' });
      expect(order).toMatchObject({ status: 'confirmed', paymentStatus: 'cod_due', amountDue: order.total });
      expect((await shop.send(customer, 'POST', '/api/payments/create-order', { orderId: order.id })).status).toBe(409);
      const delivered = await shop.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
      expect(delivered).toMatchObject({ paymentStatus: 'paid', amountDue: 0 });
      await eventually(async () => (await shop.paymentsOf(customer, order)).captured === order.total);
      const items = [{ itemId: order.items[0]?.id, quantity: 1, reason: 'does not fit' }];
      expect((await shop.send(customer, 'POST', `/api/orders/${order.id}/return`, { items })).status).toBe(200);
      const returned = await shop.moved(order, 'returned');
      expect(returned).toMatchObject({ status: 'delivered', items: [{ returnedQuantity: 1 }] });
      expect(await shop.stockOf(variant)).toEqual({ onHand: 4, reserved: 0, available: 4 });
      let refund: { id: string; amount: number; status: string; razorpayRefundId: string | null } | undefined;
      await eventually(async () => {
        refund = (await shop.paymentsOf(customer, order)).refunds[0];
        return refund !== undefined;
      });
      expect(refund).toMatchObject({ amount: Math.floor((order.items[0]?.total ?? 0) / 2), status: 'pending', razorpayRefundId: null });
      const settle = (who: Customer): Promise<Response> => shop.send(who, 'POST', `/api/payments/refunds/${refund?.id}/settle`, {});
      expect((await settle(customer)).status).toBe(403);
      expect((await settle(await shop.admin())).status).toBe(200);
      await eventually(async () => (await read(customer, order)).refundedAmount === refund?.amount);
    }, 60_000);

    it('that comes back to the shop is restocked once and owed by nobody', async () => {
      const shop = open();
      const [customer, variant] = [await shop.register(), await shop.stocked(3)];
      const order = await shop.placed(customer, variant, 2, { paymentMethod: 'cod' });
      const back = await shop.moved(order, 'packed', 'shipped', 'out_for_delivery', 'returned_to_origin');
      expect(back).toMatchObject({ paymentStatus: 'unpaid', amountDue: 0 });
      expect(await shop.stockOf(variant)).toEqual({ onHand: 3, reserved: 0, available: 3 });
      await expect(shop.moved(order, 'returned_to_origin')).rejects.toThrow('409');
    }, 60_000);
  });

  describe('a limit', () => {
    it('of a coupon and its budget hold under 200 checkouts at once', async () => {
      const shop = open();
      const [variant, limited, budgeted] = [
        await shop.stocked(1_000),
        await shop.coupon({ usageLimit: 20 }),
        await shop.coupon({ budget: 155_000 }),
      ];
      const buyers = await shop.registered(10);
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          shop.orderedInTheEnd(buyers[index % buyers.length] as Customer, variant, {
            couponCode: (index % 2 === 0 ? limited : budgeted).code,
          }),
        ),
      );
      const placed = answers.filter(({ status }) => status === 201);
      const refused = answers.filter(({ status }) => status !== 201);
      expect(new Set(refused.map(({ status, body: { code } }) => `${status} ${code}`))).toEqual(new Set(['409 coupon.not_applicable']));
      expect(placed.filter(({ body: { couponCode } }) => couponCode === limited.code)).toHaveLength(20);
      expect(placed.filter(({ body: { couponCode } }) => couponCode === budgeted.code)).toHaveLength(15);
      expect(await shop.usageOf(limited)).toMatchObject({ held: 20, spent: 200_000 });
      expect(await shop.usageOf(budgeted)).toMatchObject({ held: 15, spent: 150_000 });
      expect((await shop.stockOf(variant)).reserved).toBe(35);
    }, 120_000);

    it('of one unit holds against 200 buyers', async () => {
      const shop = open();
      const variant = await shop.stocked(1);
      const buyers = await shop.registered(10);
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => shop.orderedInTheEnd(buyers[index % buyers.length] as Customer, variant)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(new Set(answers.map(({ status, body: { code } }) => `${status} ${code ?? ''}`))).toEqual(
        new Set(['201 ', '409 order.out_of_stock']),
      );
    }, 120_000);
  });

  describe('refunds', () => {
    it('that ten staff members grant at once never exceed the capture', async () => {
      const shop = open();
      const [customer, admin, variant] = [await shop.register(), await shop.admin(), await shop.stocked(2)];
      const order = await shop.paid(customer, await shop.placed(customer, variant));
      const amount = Math.floor(order.total / 4);
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          body(shop.send(admin, 'POST', '/api/payments/refund', { orderId: order.id, amount, reason: 'goodwill' })),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
      expect(new Set(answers.filter(({ status }) => status !== 201).map(({ status, body: { code } }) => `${status} ${code}`))).toEqual(
        new Set(['409 payment.refund_exceeds_capture']),
      );
      await eventually(async () => (await read(customer, order)).refundedAmount === 4 * amount, 30_000);
    }, 60_000);

    it('with one key are one, and a customer may not name the amount', async () => {
      const shop = open();
      const [customer, variant] = [await shop.register(), await shop.stocked(2)];
      const order = await shop.paid(customer, await shop.placed(customer, variant, 2));
      expect((await shop.send(customer, 'POST', '/api/payments/refund', { orderId: order.id, amount: 100, reason: 'please' })).status).toBe(
        403,
      );
      const input = { orderId: order.id, reason: 'too many', items: [{ itemId: order.items[0]?.id, quantity: 1 }] };
      const key = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          body<{ id: string }>(shop.send(customer, 'POST', '/api/payments/refund', input, { 'idempotency-key': key })),
        ),
      );
      const made = answers.filter(({ status }) => status === 201);
      expect(new Set(made.map(({ body: { id } }) => id)).size).toBe(1);
      expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
      expect((await shop.paymentsOf(customer, order)).refunds).toHaveLength(1);
      await shop.stockBecomes(variant, { onHand: 1, reserved: 0, available: 1 });
    }, 60_000);
  });

  describe('word of one payment', () => {
    const arrivals: readonly (readonly ('webhook' | 'order.paid' | 'verify')[])[] = [
      ['webhook', 'order.paid', 'verify'],
      ['webhook', 'verify', 'order.paid'],
      ['order.paid', 'webhook', 'verify'],
      ['order.paid', 'verify', 'webhook'],
      ['verify', 'webhook', 'order.paid'],
      ['verify', 'order.paid', 'webhook'],
    ];
    it.each(arrivals)('as %s, then %s, then %s, five times each, is one paid order', async (...arrival) => {
      const shop = open();
      const [customer, variant] = [await shop.register(), await shop.stocked(2)];
      const order = await shop.placed(customer, variant);
      const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
      await shop.razorpay('POST', '/webhook/hold');
      try {
        const { paymentId, signature } = await shop.razorpay<Paid>('POST', '/payments', { orderId: razorpayOrderId, mode: 'auto' });
        const { items } = await shop.razorpay<{ items: { id: string; event: string }[] }>('GET', `/events?about=${paymentId}`);
        const event = (name: string): string => items.find((one) => one.event === name)?.id ?? '';
        const words = {
          webhook: () => shop.razorpay('POST', `/events/${event('payment.captured')}/deliver`, { times: 5, parallel: true }),
          'order.paid': () => shop.razorpay('POST', `/events/${event('order.paid')}/deliver`, { times: 5, parallel: true }),
          verify: () =>
            Promise.all(
              Array.from({ length: 5 }, () =>
                shop.send(customer, 'POST', '/api/payments/verify', {
                  orderId: order.id,
                  razorpayOrderId,
                  razorpayPaymentId: paymentId,
                  razorpaySignature: signature,
                }),
              ),
            ),
        };
        for (const word of arrival) await words[word]();
      } finally {
        await shop.razorpay('POST', '/webhook/release');
      }
      const confirmed = await shop.orderBecomes(customer, order.id, 'confirmed');
      expect(confirmed.timeline.map(({ status }) => status)).toEqual(['pending_payment', 'confirmed']);
      await shop.stockBecomes(variant, { onHand: 1, reserved: 0, available: 1 });
      expect(await shop.paymentsOf(customer, order)).toMatchObject({ captured: order.total, refunded: 0, refunds: [] });
    });
  });

  describe('kill -9 in the middle of twenty checkouts', () => {
    const victims: readonly ServiceName[] = topology === 'together' ? ['gateway'] : ['product', 'coupon', 'payment', 'order', 'cart'];
    it.each(victims)(
      `of ${topology === 'together' ? 'the process of all services, and with it of' : 'a replica of'} %s leaves every sum exact`,
      async (service) => {
        const shop = open();
        const [variant, coupon] = [await shop.stocked(50), await shop.coupon({ usageLimit: 50 })];
        const buyers = await shop.registered(20);
        const victim = shop.stack.replicasOf(service)[0];
        const checkouts = buyers.map(async (customer) => {
          const key = randomUUID();
          let order: Order | undefined;
          await eventually(async () => {
            const placed = await shop.order(customer, variant, 1, key, { couponCode: coupon.code });
            if (placed.status === 201) order = placed.body;
            return placed.status === 201;
          }, 60_000);
          let razorpayOrderId = '';
          await eventually(async () => {
            ({ razorpayOrderId } = await shop.razorpayOrder(customer, (order as Order).id));
            return true;
          }, 60_000);
          await shop.razorpay('POST', '/payments', { orderId: razorpayOrderId, mode: 'auto' });
          return shop.orderBecomes(customer, (order as Order).id, 'confirmed', 90_000);
        });
        await new Promise((resolve) => setTimeout(resolve, 150));
        await victim?.kill('SIGKILL');
        const orders = await Promise.all(checkouts);
        expect(new Set(orders.map(({ id }) => id)).size).toBe(20);
        await eventually(async () => (await shop.usageOf(coupon)).used === 20, 30_000);
        expect(await shop.stockOf(variant)).toEqual({ onHand: 30, reserved: 0, available: 30 });
        expect(await shop.usageOf(coupon)).toMatchObject({ held: 0, spent: 200_000 });
      },
      180_000,
    );
  });
}
