import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { Refusal, refuse } from '#libs/contracts/errors';
import type { PlaceOrder } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { type Quote, type Reserved } from '#libs/contracts/product/messages';
import { Database } from '#libs/persistence/database';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { sql } from '#libs/persistence/sql';
import { aCallBy, anAddress, aQuote, codeOf, inTheEnd } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/order.migrations.ts';
import { LifecycleHandlers } from '../src/after-sales/lifecycle.handlers.ts';
import { CheckoutRepository } from '../src/checkout/checkout.repository.ts';
import { CheckoutSaga } from '../src/checkout/checkout.saga.ts';
import { PlaceOrderHandlers } from '../src/checkout/place-order.handlers.ts';
import { orderEnv } from '../src/order.env.ts';
import { OrderHandlers } from '../src/order.handlers.ts';
import { OrderModule } from '../src/order.module.ts';
import { OrderReactions } from '../src/order.reactions.ts';

/** The order service on a real Postgres; its peers are what each case says of them, and answer nothing else. */

const USER = uuidv7();
const VARIANT = uuidv7();
const SHIPPING = anAddress();

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let handlers: OrderHandlers;
let placing: PlaceOrderHandlers;
let lifecycle: LifecycleHandlers;
let reactions: OrderReactions;
let saga: CheckoutSaga;

/** What the peers did and will do. */
let stock: {
  available: number;
  held: Map<string, number>;
  sold: Map<string, number>;
  tombstones: Set<string>;
  /** Fail once, and for as long as they stand here. */
  fails: Set<string>;
  away: Set<string>;
  refusesOnce?: boolean;
};
let razorpay: string | 'silent';

const quote = (): Quote => aQuote({ variantId: VARIANT, available: stock.available });

function failing(step: string): void {
  if (stock.away.has(step) || stock.fails.delete(step)) throw refuse('unavailable');
}

/** Product's promises, kept in memory: all or nothing, once for an order, tombstones, taking again. */
const product = {
  quote: async () => ({ items: [quote()] }),
  reserve: async ({ orderId, lines }: { orderId: string; lines: { quantity: number }[] }): Promise<Reserved> => {
    failing('reserve');
    if (stock.refusesOnce === true) {
      stock.refusesOnce = false;
      return { held: false, shortages: [{ variantId: VARIANT, available: 0 }] };
    }
    const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
    if (stock.tombstones.has(orderId)) return { held: false, shortages: [] };
    if (!stock.held.has(orderId)) {
      if (stock.available < quantity) return { held: false, shortages: [{ variantId: VARIANT, available: stock.available }] };
      stock.available -= quantity;
      stock.held.set(orderId, quantity);
    }
    failing('reserve answer');
    return { held: true, shortages: [] };
  },
  commit: async ({ orderId }: { orderId: string }) => {
    failing('commit');
    const quantity = stock.held.get(orderId) ?? 1;
    if (stock.sold.has(orderId)) return { committed: true };
    if (!stock.held.has(orderId)) {
      if (stock.available < quantity) return { committed: false };
      stock.available -= quantity;
    }
    stock.held.delete(orderId);
    stock.sold.set(orderId, quantity);
    return { committed: true };
  },
  release: async ({ orderId }: { orderId: string }) => {
    failing('release');
    stock.tombstones.add(orderId);
    stock.available += stock.held.get(orderId) ?? 0;
    stock.held.delete(orderId);
  },
};

let cartVersion = 'version-1';
let isCartEmpty = false;
/** What the address book has. */
let stored = SHIPPING;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await startTestService({
    service: 'order',
    module: OrderModule,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
    environment: { declared: orderEnv, values: { ORDER_PAYMENT_TTL_SECONDS: '900' } },
    peers: [
      fakePeer(authApi, { addressOf: async () => stored, jwks: async () => ({ keys: [] }), revocations: async () => ({ items: [] }) }),
      fakePeer(cartApi, {
        snapshot: async () => ({ version: cartVersion, lines: isCartEmpty ? [] : [{ variantId: VARIANT, quantity: 2 }] }),
      }),
      fakePeer(productApi, product as never),
      fakePeer(couponApi, { promotions: async () => ({ anyAutomatic: false }) }),
      fakePeer(paymentApi, {
        settle: async () => {
          if (razorpay === 'silent') throw refuse('unavailable');
          return { state: razorpay };
        },
      }),
    ],
  });
  database = app.get(Database);
  // The outbox has nobody to deliver to here; the cases read it.
  database.onPublished = (published) => {
    for (const { settle } of published) settle(false);
  };
  handlers = app.get(OrderHandlers);
  placing = app.get(PlaceOrderHandlers);
  lifecycle = app.get(LifecycleHandlers);
  reactions = app.get(OrderReactions);
  saga = app.get(CheckoutSaga);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});
beforeEach(() => {
  stock = { available: 10, held: new Map(), sold: new Map(), tombstones: new Set(), fails: new Set(), away: new Set() };
  razorpay = 'none';
  cartVersion = `version-${uuidv7()}`;
  isCartEmpty = false;
});
afterEach(async () => {
  await database.execute(sql`UPDATE checkouts SET due_at = NULL`);
  await database.execute(sql`DELETE FROM outbox`);
});

const call = (key?: string, bodyHash?: string): Call => aCallBy(USER, key, bodyHash);
const request = (change: Partial<PlaceOrder> = {}): PlaceOrder => ({ paymentMethod: 'razorpay', shippingAddress: SHIPPING, ...change });
const items = (quantity = 1): Pick<PlaceOrder, 'items'> => ({ items: [{ variantId: VARIANT, quantity }] });
const read = (id: string): Promise<Order> => handlers.get({ id }, call());
/** Beside the order's changes, which have a suite of their own (`changed.spec.ts`). */
const outbox = (): Promise<{ event: string; subscriber: string; payload: string }[]> =>
  database.rows(sql`SELECT event, subscriber, payload FROM outbox WHERE event <> 'order.changed' ORDER BY id`);

async function capture(
  order: Order,
  { providerOrderId, ...change }: { paymentId?: string; amount?: number; currency?: string; providerOrderId?: string } = {},
): Promise<Order | undefined> {
  const data = {
    ...(providerOrderId === undefined ? {} : { providerOrderId }),
    orderId: order.id,
    paymentId: change.paymentId ?? `pay_${order.id.slice(-14)}`,
    amount: change.amount ?? order.total,
    currency: change.currency ?? 'INR',
  };
  return database.transaction((transaction) =>
    reactions.onPaymentCaptured(data, { eventId: uuidv7(), version: 1, requestId: 'test', transaction }),
  );
}

/** As product's outbox delivers it; every delivery but the first is dropped by the inbox, which is not taken for granted here. */
const saleFailed = (orderId: string): Promise<void> =>
  database.transaction((transaction) =>
    reactions.onProductSaleFailed({ orderId }, { eventId: uuidv7(), version: 1, requestId: 'test', transaction }),
  );

/** Until the poller has brought the order there; its round is a second. */
async function becomes(id: string, status: Order['status']): Promise<Order> {
  for (let tries = 0; tries < 200; tries += 1) {
    const order = await read(id).catch(() => undefined);
    if (order?.status === status) return order;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the order is not ${status}`);
}
/** The order whose stock is not known to be held. */
const waiting = async (): Promise<string> =>
  (await database.row<{ order_id: string }>(sql`SELECT order_id FROM checkouts WHERE step = 'reserve_stock'`))?.order_id ?? '';
const due = (id: string): Promise<number> => database.execute(sql`UPDATE checkouts SET due_at = now() WHERE order_id = ${id}`);

describe('placing an order', () => {
  it('holds stock and waits for the payment of exactly the priced total', async () => {
    const order = await placing.place(request(items(2)), call());
    expect([order.status, order.paymentStatus, order.total, order.amountDue]).toEqual(['pending_payment', 'unpaid', 259_800, 259_800]);
    expect(stock.held.get(order.id)).toBe(2);
  });

  it('is left to the process at work for as long as a step takes, and to others soon after that process is gone', async () => {
    const before = product.reserve;
    let answer = (): void => undefined;
    const answering = new Promise<void>((resolve) => {
      answer = resolve;
    });
    product.reserve = async (input) => {
      await answering;
      return before(input);
    };
    const dueAt = async () =>
      (
        await database.row<{ due: number }>(sql`
      SELECT extract(epoch FROM due_at - now())::float8 AS due FROM checkouts WHERE step = 'reserve_stock'`)
      )?.due;
    const renewals = vi.spyOn(CheckoutRepository.prototype, 'renew');
    try {
      const placed = placing.place(request(items(1)), call());
      await inTheEnd(() => expect(renewals.mock.calls.length).toBeGreaterThan(3));
      expect(await dueAt()).toBeLessThanOrEqual(2);
      answer();
      expect((await placed).status).toBe('pending_payment');
    } finally {
      product.reserve = before;
      renewals.mockRestore();
    }
  });

  it('refuses what is not there, leaves nothing held and nothing to be seen', async () => {
    stock.available = 5;
    const real = quote();
    const before = product.quote;
    product.quote = async () => ({ items: [{ ...real, available: 99 }] });
    const refusal = await placing.place(request(items(6)), call()).catch((error: unknown) => error);
    product.quote = before;
    expect(refusal).toMatchObject({ code: 'order.out_of_stock', fields: { lines: [{ variantId: VARIANT, available: 5 }] } });
    expect([stock.available, stock.held.size]).toEqual([5, 0]);
    expect((await handlers.history({ userId: USER, limit: 100 })).items.every(({ status }) => status !== ('refused' as never))).toBe(true);
  });

  it('says which total holds when it is not the expected one', async () => {
    await expect(placing.place(request({ ...items(), expectedTotal: 1 }), call())).rejects.toMatchObject({
      code: 'order.total_changed',
      fields: { total: 129_900 },
    });
  });

  it('makes one order of one cart version, and tells every other device which', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () =>
        placing.place(request(), call()).then(
          ({ id }) => ({ code: 'ok', id }),
          (error: Refusal) => ({ code: error.code, id: error.fields?.orderId }),
        ),
      ),
    );
    const placed = outcomes.filter(({ code }) => code === 'ok');
    expect(placed).toHaveLength(1);
    expect(outcomes.filter(({ code }) => code !== 'ok')).toEqual(
      Array.from({ length: 7 }, () => ({ code: 'order.cart_already_ordered', id: placed[0]?.id })),
    );
    expect(stock.held.size).toBe(1);
  });

  it('of a cart that another device could not order is tried in its turn', async () => {
    stock.available = 3;
    const before = product.quote;
    product.quote = async () => ({ items: [{ ...quote(), available: 99 }] });
    stock.refusesOnce = true;
    const codes = await Promise.all([codeOf(placing.place(request(), call())), codeOf(placing.place(request(), call()))]);
    product.quote = before;
    expect(codes.toSorted()).toEqual(['ok', 'order.out_of_stock']);
  });

  it('waits for another device no longer than its deadline', async () => {
    stock.away.add('reserve answer');
    expect(await codeOf(placing.place(request(), call()))).toBe('unavailable');
    expect(await codeOf(placing.place(request(), { ...call(), deadline: Date.now() + 700 }))).toBe('unavailable');
    stock.away.clear();
    const id = await waiting();
    await due(id);
    await becomes(id, 'pending_payment');
  });

  it('gives the cart version free when the order is cancelled', async () => {
    const first = await placing.place(request(), call());
    await lifecycle.cancel({ id: first.id, reason: 'second thoughts' }, call());
    expect(await codeOf(placing.place(request(), call()))).toBe('ok');
  });

  it('answers a repeated key with the same order, and refuses another body', async () => {
    const key = uuidv7();
    const orders = await Promise.all(
      Array.from({ length: 5 }, () => placing.place(request(items()), call(key)).catch((error: Refusal) => error.code)),
    );
    const ids = new Set(orders.map((order) => (typeof order === 'string' ? order : order.id)).filter((id) => id !== 'unavailable'));
    expect(ids.size).toBe(1);
    expect(stock.held.size).toBe(1);
    await expect(placing.place(request(items()), call(key, 'another hash'))).rejects.toThrow();
  });

  it('answers a repeat with its order whatever would refuse it by now: the cart is empty, the stock is gone, a peer is away', async () => {
    const key = uuidv7();
    const order = await placing.place(request(), call(key));
    isCartEmpty = true;
    expect((await placing.place(request(), call(key))).id).toBe(order.id);
    isCartEmpty = false;
    stock.available = 0;
    expect((await placing.place(request(), call(key))).id).toBe(order.id);
    const before = product.quote;
    product.quote = async () => {
      throw refuse('unavailable');
    };
    const codes = [(await placing.place(request(), call(key))).id, await codeOf(placing.place(request(), call(uuidv7())))];
    product.quote = before;
    expect(codes).toEqual([order.id, 'unavailable']);
    await expect(placing.place(request(), call(key, 'another hash'))).rejects.toThrow(IdempotencyKeyReused);
  });

  it('is 503 while it is not known how it ends, and the repeat gets the outcome', async () => {
    const key = uuidv7();
    stock.away.add('reserve answer');
    expect(await codeOf(placing.place(request(items()), call(key)))).toBe('unavailable');
    const id = await waiting();
    await expect(read(id)).rejects.toMatchObject({ code: 'not_found' });
    stock.away.clear();
    await due(id);
    await becomes(id, 'pending_payment');
    expect((await placing.place(request(items()), call(key))).id).toBe(id);
    expect(stock.held.get(id)).toBe(1);
  });
});

describe('an address', () => {
  afterEach(() => {
    stored = SHIPPING;
  });
  const byId = () => placing.place({ paymentMethod: 'razorpay', addressId: uuidv7(), ...items() }, call());

  it.each([
    ['names no state', { state: 'Karnatka' }],
    ['has a PIN code of another state', { pincode: '110001' }],
  ])('saved long ago that %s is asked for again, and not guessed', async (_name, change) => {
    stored = { ...SHIPPING, ...change };
    await expect(byId()).rejects.toMatchObject({ code: 'validation_failed', fields: { errors: [{ path: 'addressId' }] } });
  });

  it('saved with a former name of its state is kept with the official one', async () => {
    stored = { ...SHIPPING, state: 'Orissa', pincode: '751001' };
    const order = await byId();
    expect(order.shippingAddress.state).toBe('Odisha');
    expect([order.tax.cgst, order.tax.sgst]).toEqual([0, 0]);
    expect(order.tax.igst).toBeGreaterThan(0);
  });
});

describe('billing to a business', () => {
  const GSTIN = '29AAGCB7383J1Z4';
  const bill = (billing: PlaceOrder['billing']) =>
    placing.place(request({ ...items(), ...(billing === undefined ? {} : { billing }) }), call());

  it('is kept with the order, its GSTIN in capitals', async () => {
    const order = await bill({ name: 'Meera Textiles', gstin: GSTIN.toLowerCase() });
    expect((await read(order.id)).billing).toEqual({ name: 'Meera Textiles', gstin: GSTIN });
  });

  it('may be in another state, where its GSTIN is from; the goods decide the tax', async () => {
    const address = { ...SHIPPING, city: 'Pune', state: 'Maharashtra', pincode: '411001' };
    const order = await bill({ name: 'Meera Textiles', gstin: '27AAPFU0939F1ZV', address });
    expect(order.billing?.address).toEqual(address);
    expect([order.tax.cgst > 0, order.tax.igst]).toEqual([true, 0]);
  });

  it.each([
    ['of a wrong check character', '29AAGCB7383J1Z5'],
    ['of a state that is none', '99AAGCB7383J1Z4'],
    ['of another shape', '29AAGCB7383J1Y4'],
    ['of another state than the address', '27AAPFU0939F1ZV'],
  ])('with a GSTIN %s is refused', async (_name, gstin) => {
    await expect(bill({ name: 'Meera Textiles', gstin })).rejects.toMatchObject({
      code: 'validation_failed',
      fields: { errors: [{ path: 'billing.gstin' }] },
    });
  });
});

describe('a captured payment', () => {
  it('sells the order once, however often it is told of', async () => {
    const order = await placing.place(request(items(3)), call());
    await Promise.all(Array.from({ length: 5 }, () => capture(order)));
    expect(await read(order.id)).toMatchObject({ status: 'confirmed', paymentStatus: 'paid', amountDue: 0 });
    expect((await outbox()).map(({ event, subscriber }) => `${event} to ${subscriber}`)).toEqual([
      'order.confirmed to cart',
      'order.confirmed to coupon',
      'order.confirmed to product',
    ]);
  });

  it('in time confirms an order whose stock is held and waits for nobody; product hears of it and keeps the hold until then', async () => {
    const order = await placing.place(request(items(3)), call());
    stock.fails.add('commit');
    const answer = await capture(order, { providerOrderId: 'order_of_the_capture' });
    expect(answer).toEqual(await read(order.id));
    expect(answer).toMatchObject({ status: 'confirmed', payment: { providerOrderId: 'order_of_the_capture' } });
    expect(answer?.invoice?.number).toMatch(/^INV/);
    expect([stock.fails.has('commit'), stock.held.get(order.id)]).toEqual([true, 3]);
    const told = (await outbox()).find(({ subscriber }) => subscriber === 'product');
    expect(JSON.parse(told?.payload ?? '')).toMatchObject({ orderId: order.id, lines: [{ variantId: VARIANT, quantity: 3 }] });
    expect(await handlers.needingStock({ orderIds: [order.id, uuidv7()] })).toEqual({ orderIds: [order.id] });
  });

  it('and the end of the time to pay that meet leave the order confirmed, by its held stock or by stock that was taken again', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await placing.place(request(items()), call());
      await due(order.id);
      await Promise.all([capture(order, { paymentId: `pay_end${String(round).padStart(11, '0')}` }), saga.resumeDue()]);
      await becomes(order.id, 'confirmed');
      expect(stock.held.has(order.id) || stock.sold.has(order.id)).toBe(true);
    }
  });

  it('of an order whose stock turns out to be gone goes back with a cancelled order, once, and no units with it', async () => {
    const order = await placing.place(request(items(2)), call());
    await capture(order);
    await database.execute(sql`DELETE FROM outbox`);
    await Promise.all(Array.from({ length: 3 }, () => saleFailed(order.id)));
    const now = await read(order.id);
    expect(now).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded', amountDue: 0 });
    expect(now.timeline.at(-1)).toMatchObject({ status: 'cancelled', actor: 'order', note: 'out of stock; the payment goes back' });
    expect(now.creditNotes.map(({ amount }) => amount)).toEqual([order.total]);
    const told = await outbox();
    expect(told.map(({ event }) => event).toSorted()).toEqual(['order.refundDue', 'order.voided']);
    const refund = told.find(({ event }) => event === 'order.refundDue');
    expect(JSON.parse(refund?.payload ?? '')).toMatchObject({ amount: order.total, paymentId: `pay_${order.id.slice(-14)}` });
    expect(await handlers.needingStock({ orderIds: [order.id] })).toEqual({ orderIds: [] });
  });

  it('of an order of which the customer has cancelled a part gives back the rest, when its stock turns out to be gone', async () => {
    const order = await placing.place(request(items(3)), call());
    await capture(order);
    const item = order.items[0]?.id ?? '';
    await lifecycle.cancel({ id: order.id, reason: 'one too many', items: [{ itemId: item, quantity: 1 }] }, call());
    await saleFailed(order.id);
    expect(await read(order.id)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
    const amounts = (await outbox()).filter(({ event }) => event === 'order.refundDue').map(({ payload }) => JSON.parse(payload).amount);
    expect(amounts.reduce((sum: number, amount: number) => sum + amount, 0)).toBe(order.total);
  });

  it.each([
    ['of a wrong amount', { amount: 1 }, 'amount_mismatch'],
    ['of another currency', { currency: 'USD' }, 'amount_mismatch'],
  ])('%s goes back and leaves the order as it was', async (_name, change, reason) => {
    const order = await placing.place(request(items()), call());
    await capture(order, change);
    expect(await read(order.id)).toMatchObject({ status: 'pending_payment', paymentStatus: 'unpaid' });
    expect((await outbox()).map(({ payload }) => JSON.parse(payload).reason)).toEqual([reason]);
  });

  it('that is the second for an order goes back', async () => {
    const order = await placing.place(request(items()), call());
    await capture(order);
    await capture(order, { paymentId: 'pay_second00000001' });
    expect((await outbox()).filter(({ event }) => event === 'order.captureRejected').map(({ payload }) => JSON.parse(payload))).toEqual([
      { orderId: order.id, paymentId: 'pay_second00000001', reason: 'already_paid' },
    ]);
  });

  it('of an order nobody knows goes back', async () => {
    await capture({ id: uuidv7(), total: 100 } as Order);
    expect((await outbox()).map(({ payload }) => JSON.parse(payload).reason)).toEqual(['unknown_order']);
  });

  it('that comes late is not lost when selling fails for a while', async () => {
    const order = await placing.place(request(items()), call());
    await due(order.id);
    await becomes(order.id, 'expired');
    stock.fails.add('commit');
    await capture(order);
    expect((await read(order.id)).paymentStatus).toBe('paid');
    await due(order.id);
    await becomes(order.id, 'confirmed');
  });
});

describe('cancelling', () => {
  it('gives everything back once, and is safe to repeat', async () => {
    const order = await placing.place(request(items(4)), call());
    await Promise.all(Array.from({ length: 5 }, () => lifecycle.cancel({ id: order.id, reason: 'changed my mind' }, call())));
    expect((await read(order.id)).timeline.map(({ status }) => status)).toEqual(['pending_payment', 'cancelled']);
    expect([stock.available, stock.held.size]).toEqual([10, 0]);
  });

  it('loses to a payment or wins over it, but never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await placing.place(request(items()), call());
      await Promise.all([
        capture(order, { paymentId: `pay_race${String(round).padStart(10, '0')}` }),
        codeOf(lifecycle.cancel({ id: order.id, reason: 'race' }, call())),
      ]);
      const now = await read(order.id);
      const rejected = (await outbox()).some(
        ({ event, payload }) => event === 'order.captureRejected' && JSON.parse(payload).orderId === order.id,
      );
      expect(['confirmed paid false', 'cancelled unpaid true', 'cancelled refunded false']).toContain(
        `${now.status} ${now.paymentStatus} ${rejected}`,
      );
    }
  });

  it('with a key that came with another body is refused', async () => {
    const order = await placing.place(request(items()), call());
    const key = uuidv7();
    expect(await codeOf(lifecycle.cancel({ id: order.id, reason: 'one' }, call(key)))).toBe('ok');
    expect(await codeOf(lifecycle.cancel({ id: order.id, reason: 'one' }, call(key)))).toBe('ok');
    await expect(lifecycle.cancel({ id: order.id, reason: 'another' }, call(key, 'another hash'))).rejects.toThrow(IdempotencyKeyReused);
  });
});

describe('the time to pay', () => {
  it('runs out: the order expires and its stock comes back', async () => {
    const order = await placing.place(request(items(2)), call());
    await due(order.id);
    await becomes(order.id, 'expired');
    expect([stock.available, stock.held.size]).toEqual([10, 0]);
  });

  it.each(['captured', 'authorized', 'silent'])('does not end an order while Razorpay is %s', async (state) => {
    razorpay = state;
    const order = await placing.place(request(items()), call());
    await due(order.id);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await read(order.id)).status).toBe('pending_payment');
    expect(stock.held.get(order.id)).toBe(1);
  });

  it('does not keep money that comes late from its order, if the stock is still there', async () => {
    const order = await placing.place(request(items()), call());
    await due(order.id);
    await becomes(order.id, 'expired');
    await capture(order);
    expect(await read(order.id)).toMatchObject({ status: 'confirmed', paymentStatus: 'paid' });
    expect(stock.available).toBe(9);
  });

  it('sends money that comes late back, if the stock is gone', async () => {
    const order = await placing.place(request(items()), call());
    await due(order.id);
    await becomes(order.id, 'expired');
    stock.available = 0;
    await capture(order);
    expect(await read(order.id)).toMatchObject({ status: 'expired', paymentStatus: 'unpaid' });
    expect((await outbox()).map(({ payload }) => JSON.parse(payload).reason)).toEqual(['out_of_stock']);
  });

  it('sends money that comes late back, if a newer order has the cart', async () => {
    const order = await placing.place(request(), call());
    await due(order.id);
    await becomes(order.id, 'expired');
    await placing.place(request(), call());
    await capture(order);
    expect((await read(order.id)).status).toBe('expired');
    expect((await outbox()).map(({ payload }) => JSON.parse(payload).reason)).toEqual(['order_expired']);
  });
});

describe('what belongs to somebody else', () => {
  it('is not found', async () => {
    const order = await placing.place(request(items()), call());
    const stranger = aCallBy();
    expect(await codeOf(handlers.get({ id: order.id }, stranger))).toBe('not_found');
    expect(await codeOf(lifecycle.cancel({ id: order.id, reason: 'mine' }, stranger))).toBe('not_found');
    expect(await codeOf(handlers.payable({ orderId: order.id, userId: uuidv7() }))).toBe('not_found');
  });
});
