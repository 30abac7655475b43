import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { ADDRESS, type Customer, type Order, type Shop } from './shop.ts';

interface Paid {
  readonly paymentId: string;
  readonly signature: string;
}

export function purchaseSuite(open: () => Shop): void {
  const verify = (customer: Customer, order: Order, razorpayOrderId: string, { paymentId, signature }: Paid): Promise<Response> =>
    open().send(customer, 'POST', '/api/payments/verify', {
      orderId: order.id,
      razorpayOrderId,
      razorpayPaymentId: paymentId,
      razorpaySignature: signature,
    });

  const pay = (providerOrderId: string, options: object = {}): Promise<Paid> =>
    open().razorpay<Paid>('POST', '/payments', { orderId: providerOrderId, mode: 'auto', ...options });

  describe('a purchase', () => {
    it('goes from the cart to a confirmed order; stock, cart and ledger agree', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(7);
      const added = await shop.send(customer, 'POST', '/api/cart/me/items', { variantId: variant.variantId, quantity: 2 });
      expect(added.status).toBe(201);
      const cart = (await added.json()) as { total: number };
      const placed = await shop.send(customer, 'POST', '/api/orders', {
        paymentMethod: 'razorpay',
        shippingAddress: ADDRESS,
        expectedTotal: cart.total,
      });
      expect(placed.status).toBe(201);
      const order = (await placed.json()) as Order;
      expect([order.status, order.paymentStatus, order.total]).toEqual(['pending_payment', 'unpaid', cart.total]);
      expect(await shop.stockOf(variant)).toEqual({ onHand: 7, reserved: 2, available: 5 });

      const { razorpayOrderId, amount } = await shop.razorpayOrder(customer, order.id);
      expect(amount).toBe(order.total);
      const answer = await verify(customer, order, razorpayOrderId, await pay(razorpayOrderId));
      expect(answer.status).toBe(200);
      const verified = (await answer.json()) as { status: string; order: Order };
      expect([verified.status, verified.order.status, verified.order.paymentStatus]).toEqual(['captured', 'confirmed', 'paid']);

      await shop.stockBecomes(variant, { onHand: 5, reserved: 0, available: 5 });
      await eventually(async () => {
        const { data } = await customer.api.GET('/api/cart/{userId}', { params: { path: { userId: 'me' } } });
        return data?.items.length === 0;
      });
      const { data: payments } = await customer.api.GET('/api/payments/order/{orderId}', { params: { path: { orderId: order.id } } });
      expect([payments?.captured, payments?.refunded]).toEqual([order.total, 0]);
    });

    it('is confirmed by the webhook alone, with the browser closed', async () => {
      const shop = open();
      const customer = await shop.register();
      const order = await shop.placed(customer, await shop.stocked(1));
      const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
      await pay(razorpayOrderId);
      await shop.orderBecomes(customer, order.id, 'confirmed');
    });

    it('is confirmed once when webhook and verify come at the same time', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(3);
      const order = await shop.placed(customer, variant);
      const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
      const paid = await pay(razorpayOrderId);
      const answers = await Promise.all(Array.from({ length: 5 }, () => verify(customer, order, razorpayOrderId, paid)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const confirmed = await shop.orderBecomes(customer, order.id, 'confirmed');
      expect(confirmed.timeline.map(({ status }) => status)).toEqual(['pending_payment', 'confirmed']);
      await shop.stockBecomes(variant, { onHand: 2, reserved: 0, available: 2 });
    });

    it('answers a repeated order request with the same order', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(10);
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 10 }, () => shop.order(customer, variant, 1, key)));
      const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
      expect(ids.size).toBe(1);
      expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
      expect((await shop.stockOf(variant)).reserved).toBe(1);
    });

    it('gives one order for one cart, from two devices at once', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(10);
      await shop.send(customer, 'POST', '/api/cart/me/items', { variantId: variant.variantId, quantity: 1 });
      const place = (): Promise<Response> =>
        shop.send(customer, 'POST', '/api/orders', { paymentMethod: 'razorpay', shippingAddress: ADDRESS });
      const statuses = (await Promise.all([place(), place(), place()])).map(({ status }) => status).sort();
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect((await shop.stockOf(variant)).reserved).toBe(1);
    });
  });

  describe('money that does not fit', () => {
    it('refuses a forged signature, and one of another order', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(5);
      const [one, two] = [await shop.placed(customer, variant), await shop.placed(customer, variant)];
      const [first, second] = [await shop.razorpayOrder(customer, one.id), await shop.razorpayOrder(customer, two.id)];
      const paid = await pay(second.razorpayOrderId);
      const forged = await verify(customer, one, first.razorpayOrderId, { ...paid, signature: 'f'.repeat(64) });
      expect([forged.status, ((await forged.json()) as { code: string }).code]).toEqual([400, 'payment.bad_signature']);
      const foreign = await verify(customer, one, first.razorpayOrderId, paid);
      expect(foreign.status).toBe(400);
      const { data } = await customer.api.GET('/api/orders/{id}', { params: { path: { id: one.id } } });
      expect(data?.status).toBe('pending_payment');
    });

    it('does not let a customer see or pay another one’s order', async () => {
      const shop = open();
      const [owner, other] = [await shop.register(), await shop.register()];
      const order = await shop.placed(owner, await shop.stocked(1));
      const answers = await Promise.all([
        shop.send(other, 'GET', `/api/orders/${order.id}`),
        shop.send(other, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'mine now' }),
        shop.send(other, 'POST', '/api/payments/create-order', { orderId: order.id }),
        shop.send(other, 'GET', `/api/payments/order/${order.id}`),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    });

    it('sends a capture of a wrong amount back, and leaves the order unpaid', async () => {
      const shop = open();
      const customer = await shop.register();
      const order = await shop.placed(customer, await shop.stocked(1));
      const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
      await pay(razorpayOrderId, { amount: order.total - 100 });
      await eventually(async () => {
        const { data } = await customer.api.GET('/api/payments/order/{orderId}', { params: { path: { orderId: order.id } } });
        return data?.refunds.some((refund) => refund.amount === order.total - 100) === true;
      }, 30_000);
      const { data } = await customer.api.GET('/api/orders/{id}', { params: { path: { id: order.id } } });
      expect([data?.status, data?.paymentStatus]).toEqual(['pending_payment', 'unpaid']);
    });

    it('gives back what is paid for a cancelled order', async () => {
      const shop = open();
      const customer = await shop.register();
      const variant = await shop.stocked(1);
      const order = await shop.placed(customer, variant);
      const { razorpayOrderId } = await shop.razorpayOrder(customer, order.id);
      const cancelled = await shop.send(customer, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'changed my mind' });
      expect([cancelled.status, ((await cancelled.json()) as Order).status]).toEqual([200, 'cancelled']);
      expect(await shop.stockOf(variant)).toEqual({ onHand: 1, reserved: 0, available: 1 });
      await pay(razorpayOrderId);
      await eventually(async () => {
        const { data } = await customer.api.GET('/api/payments/order/{orderId}', { params: { path: { orderId: order.id } } });
        return data?.refunds.some((refund) => refund.amount === order.total) === true;
      }, 30_000);
      const repeated = await shop.send(customer, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'again' });
      expect(repeated.status).toBe(200);
    });
  });

  describe('a race', () => {
    it('sells the last 5 units to exactly 5 of 50 buyers', async () => {
      const shop = open();
      const variant = await shop.stocked(5);
      const buyers = await shop.registered(10);
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => shop.order(buyers[index % buyers.length] as Customer, variant)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
      const refused = answers.filter(({ status }) => status !== 201);
      expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(['409 order.out_of_stock']));
      expect(await shop.stockOf(variant)).toEqual({ onHand: 5, reserved: 5, available: 0 });
    }, 60_000);

    it('counts 100 parallel adds to one cart exactly', async () => {
      const shop = open();
      const customer = await shop.register();
      const variants = await Promise.all(Array.from({ length: 5 }, () => shop.stocked(100)));
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          shop.send(customer, 'POST', '/api/cart/me/items', { variantId: variants[index % 5]?.variantId, quantity: 1 }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      const { data } = await customer.api.GET('/api/cart/{userId}', { params: { path: { userId: 'me' } } });
      expect(data?.items.map(({ quantity }) => quantity)).toEqual([20, 20, 20, 20, 20]);
    });
  });
}
