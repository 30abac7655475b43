import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import type { Basket, HoldCoupons } from '#libs/contracts/coupon/messages';
import { refuse } from '#libs/contracts/errors';
import type { PlaceOrder } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import type { Quote } from '#libs/contracts/product/messages';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { aCallBy, anAddress, aQuote } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/order.migrations.ts';
import { CheckoutSaga } from '../src/checkout/checkout.saga.ts';
import { PlaceOrderHandlers } from '../src/checkout/place-order.handlers.ts';
import { orderEnv } from '../src/order.env.ts';
import { OrderHandlers } from '../src/order.handlers.ts';
import { OrderModule } from '../src/order.module.ts';
import { OrderReactions } from '../src/order.reactions.ts';

/** Coupons and cash on delivery in the checkout, with peers that keep product's and coupon's promises in memory. */

const USER = uuidv7();
const VARIANT = uuidv7();
const PRICE = 129_900;
const SHIPPING = anAddress();

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;

/** What the coupon service thinks and has done. */
let coupons: {
  discount: number;
  freeShipping: boolean;
  valid: boolean;
  automatic: boolean;
  refuses: 'code' | 'promotion' | undefined;
  commits: boolean;
  held: HoldCoupons[];
  committed: string[];
  released: string[];
  fails: Set<string>;
};
let sells: boolean;
let released: string[];

const quote = (): Quote => aQuote({ variantId: VARIANT, price: PRICE });

const evaluate = async ({ lines, code }: Basket) => ({
  lines: lines.map(({ variantId }) => ({ variantId, discount: code === undefined && !coupons.automatic ? 0 : coupons.discount })),
  freeShipping: coupons.freeShipping,
  ...(code === undefined ? {} : coupons.valid ? { code: 'applied', couponCode: code.toUpperCase() } : { code: 'not_applicable' }),
  uses: coupons.valid && (code !== undefined || coupons.automatic),
});

const coupon = {
  promotions: async () => ({ anyAutomatic: coupons.automatic }),
  evaluate,
  hold: async (asked: HoldCoupons) => {
    if (coupons.fails.delete('hold')) throw refuse('unavailable');
    coupons.held.push(asked);
    if (coupons.refuses === undefined) return { held: true, codeApplies: true };
    if (coupons.refuses === 'code') return { held: false, codeApplies: false };
    return {
      held: false,
      codeApplies: true,
      now: { lines: [{ variantId: VARIANT, discount: 0 }], freeShipping: false, uses: false },
    };
  },
  commit: async ({ orderId }: { orderId: string }) => {
    coupons.committed.push(orderId);
    return { redeemed: coupons.commits };
  },
  release: async ({ orderId }: { orderId: string }) => {
    coupons.released.push(orderId);
  },
};

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await startTestService({
    service: 'order',
    module: OrderModule,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
    environment: { declared: orderEnv, values: { COD_FEE: '4000' } },
    peers: [
      fakePeer(authApi, { jwks: async () => ({ keys: [] }), revocations: async () => ({ items: [] }) }),
      fakePeer(cartApi, {}),
      fakePeer(productApi, {
        quote: async () => ({ items: [quote()] }),
        reserve: async () => ({ held: true, shortages: [] }),
        commit: async () => ({ committed: sells }),
        release: async ({ orderId }) => void released.push(orderId),
      }),
      fakePeer(couponApi, coupon as never),
      fakePeer(paymentApi, { settle: async () => ({ state: 'none' }) }),
    ],
  });
  database = app.get(Database);
  database.onPublished = (published) => {
    for (const { settle } of published) settle(false);
  };
});
afterAll(async () => {
  await app?.close();
  await scratch.drop();
});
beforeEach(() => {
  coupons = {
    discount: 10_000,
    freeShipping: false,
    valid: true,
    automatic: false,
    refuses: undefined,
    commits: true,
    held: [],
    committed: [],
    released: [],
    fails: new Set(),
  };
  sells = true;
  released = [];
});
afterEach(async () => {
  await database.execute(sql`UPDATE checkouts SET due_at = NULL`);
  // The order service believes for a second that no promotion is live.
  await new Promise((resolve) => setTimeout(resolve, coupons.automatic ? 1_050 : 0));
});

const call = (key?: string): Call => aCallBy(USER, key);
const place = (input: Partial<PlaceOrder> = {}, key?: string): Promise<Order> =>
  app
    .get(PlaceOrderHandlers)
    .place({ shippingAddress: SHIPPING, paymentMethod: 'razorpay', items: [{ variantId: VARIANT, quantity: 1 }], ...input }, call(key));
const capture = (order: Order, paymentId = `pay_${uuidv7()}`) =>
  database.transaction((transaction) =>
    app
      .get(OrderReactions)
      .onPaymentCaptured(
        { orderId: order.id, paymentId, amount: order.total, currency: 'INR' },
        { eventId: uuidv7(), version: 1, requestId: 'r', transaction },
      ),
  );
const read = (id: string): Promise<Order> => app.get(OrderHandlers).get({ id }, call());
const stored = async (): Promise<number> =>
  (await database.row<{ count: number }>(sql`SELECT count(*)::int AS count FROM orders`))?.count ?? 0;

describe('a coupon', () => {
  it('is held with what the order was priced with, redeemed by the payment, and shown with its discount', async () => {
    const order = await place({ couponCode: 'diwali' });
    expect(order).toMatchObject({ status: 'pending_payment', couponCode: 'DIWALI', discount: 10_000, total: 119_900 });
    expect(coupons.held).toMatchObject([
      { orderId: order.id, lines: [{ variantId: VARIANT, discount: 10_000 }], basket: { userId: USER, code: 'diwali' } },
    ]);
    expect(coupons.committed).toEqual([]);
    await capture(order);
    expect(coupons.committed).toEqual([order.id]);
    expect((await read(order.id)).status).toBe('confirmed');
  });

  it('that pays the shipping changes nothing else', async () => {
    coupons.freeShipping = true;
    coupons.discount = 40_000;
    expect(await place({ couponCode: 'FREESHIP' })).toMatchObject({
      subtotal: PRICE,
      discount: 40_000,
      shippingFee: 0,
      total: PRICE - 40_000,
    });
  });

  it('that does not apply refuses the order before anything is held', async () => {
    coupons.valid = false;
    const before = await stored();
    await expect(place({ couponCode: 'OTHER' })).rejects.toMatchObject({ code: 'coupon.not_applicable' });
    expect(await stored()).toBe(before);
    expect(coupons.held).toEqual([]);
  });

  it('whose last use another order took meanwhile refuses the order, and its stock goes back', async () => {
    coupons.refuses = 'code';
    const key = uuidv7();
    await expect(place({ couponCode: 'DIWALI' }, key)).rejects.toMatchObject({ code: 'coupon.not_applicable' });
    await expect(place({ couponCode: 'DIWALI' }, key)).rejects.toMatchObject({ code: 'coupon.not_applicable' });
    expect(released).toHaveLength(1);
    expect(coupons.released).toEqual(released);
  });

  it('is still held when its first answer was lost', async () => {
    coupons.fails.add('hold');
    const key = uuidv7();
    await expect(place({ couponCode: 'DIWALI' }, key)).rejects.toMatchObject({ code: 'unavailable' });
    await database.execute(sql`UPDATE checkouts SET due_at = now() WHERE step = 'hold_coupons'`);
    await app.get(CheckoutSaga).resumeDue();
    expect(await place({ couponCode: 'DIWALI' }, key)).toMatchObject({ status: 'pending_payment', discount: 10_000 });
  });

  it('goes back once when the order expires', async () => {
    const order = await place({ couponCode: 'DIWALI' });
    await database.execute(sql`UPDATE orders SET expires_at = now() WHERE id = ${order.id}`);
    await database.execute(sql`UPDATE checkouts SET due_at = now() WHERE order_id = ${order.id}`);
    await app.get(CheckoutSaga).resumeDue();
    expect((await read(order.id)).status).toBe('expired');
    expect(coupons.released).toEqual([order.id]);
  });

  it('that was given to another while the money was on its way sends the money back', async () => {
    const order = await place({ couponCode: 'DIWALI' });
    await database.execute(sql`UPDATE orders SET expires_at = now() WHERE id = ${order.id}`);
    await database.execute(sql`UPDATE checkouts SET due_at = now() WHERE order_id = ${order.id}`);
    await app.get(CheckoutSaga).resumeDue();
    coupons.commits = false;
    await capture(order);
    expect(await read(order.id)).toMatchObject({ status: 'expired', paymentStatus: 'unpaid' });
    const events = await database.rows<{ payload: string }>(sql`SELECT payload FROM outbox WHERE event = 'order.captureRejected'`);
    expect(events.map(({ payload }) => JSON.parse(payload)).filter(({ orderId }) => orderId === order.id)).toMatchObject([
      { reason: 'coupon_gone' },
    ]);
  });
});

describe('a promotion', () => {
  it('applies without a code, and one that ended meanwhile says which total holds now', async () => {
    coupons.automatic = true;
    coupons.refuses = 'promotion';
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await expect(place({ expectedTotal: PRICE - 10_000 })).rejects.toMatchObject({ code: 'order.total_changed', fields: { total: PRICE } });
  });
});

describe('cash on delivery', () => {
  it('is confirmed at once, with its fee, and due to the courier', async () => {
    const order = await place({ paymentMethod: 'cod' });
    expect(order).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'cod_due',
      codFee: 4_000,
      total: PRICE + 4_000,
      amountDue: PRICE + 4_000,
    });
    expect(order.timeline.map(({ status, actor }) => [status, actor])).toEqual([['confirmed', 'customer']]);
    expect(await app.get(OrderHandlers).payable({ orderId: order.id, userId: USER })).toMatchObject({ payable: false });
  });

  it('redeems the coupon on its way', async () => {
    const order = await place({ paymentMethod: 'cod', couponCode: 'DIWALI' });
    expect(order).toMatchObject({ status: 'confirmed', discount: 10_000 });
    expect(coupons.committed).toEqual([order.id]);
  });

  it('is refused, not half done, when what it held is gone before it is sold', async () => {
    sells = false;
    const key = uuidv7();
    await expect(place({ paymentMethod: 'cod' }, key)).rejects.toMatchObject({ code: 'order.out_of_stock' });
    expect(released).toHaveLength(1);
  });
});

describe('a total of 0', () => {
  it('is confirmed and paid at once', async () => {
    coupons.discount = PRICE;
    coupons.freeShipping = true;
    const order = await place({ couponCode: 'ALL' });
    expect(order).toMatchObject({ status: 'confirmed', paymentStatus: 'paid', total: 0, amountDue: 0 });
  });

  it('comes from a remainder below a rupee, which becomes discount', async () => {
    coupons.discount = PRICE - 60;
    coupons.freeShipping = true;
    expect(await place({ couponCode: 'NEARLY' })).toMatchObject({ total: 0, discount: PRICE, paymentStatus: 'paid' });
  });
});
