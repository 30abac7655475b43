import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import type { Basket } from '#libs/contracts/coupon/messages';
import { refuse } from '#libs/contracts/errors';
import type { OrderStatusChange } from '#libs/contracts/order/messages';
import type { Order, OrderStatus, PaymentMethod } from '#libs/contracts/order/views';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import type { Quote } from '#libs/contracts/product/messages';
import { Signals } from '#libs/messaging/signals';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { LOGGER } from '#libs/runtime/core.module';
import { aCall, aCallBy, anAddress, aQuote, aUser } from '#libs/testing/builders';
import { scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/order.migrations.ts';
import { LifecycleHandlers } from '../src/after-sales/lifecycle.handlers.ts';
import { RefundOutcomes } from '../src/after-sales/refund-outcomes.ts';
import { ReturnsHandlers } from '../src/after-sales/returns.handlers.ts';
import { PlaceOrderHandlers } from '../src/checkout/place-order.handlers.ts';
import { InvoiceHandlers } from '../src/invoice/invoice.handlers.ts';
import { orderEnv } from '../src/order.env.ts';
import { OrderHandlers } from '../src/order.handlers.ts';
import { OrderModule } from '../src/order.module.ts';
import { OrderReactions } from '../src/order.reactions.ts';
import { OrderSearchHandlers } from '../src/order-search.handlers.ts';
import { Retention } from '../src/retention.ts';

/** The order service on a real Postgres with three variants for sale; what it publishes stays in its outbox, where the cases read it. */

export const USER = uuidv7();
export const VARIANTS = [uuidv7(), uuidv7(), uuidv7()] as const;
/** Paise; the first two are a basket without free shipping. */
export const PRICES = [33_300, 14_951, 129_900] as const;
export const SHIPPING_FEE = 4_900;
export const COD_FEE = 3_000;
const SHIPPING = anAddress();

const quoteOf = (variantId: string): Quote => {
  const index = VARIANTS.indexOf(variantId as (typeof VARIANTS)[number]);
  return aQuote({ variantId, sku: `SKU-${index}`, price: PRICES[index] ?? 0, available: 100 });
};

export interface Wish {
  readonly method?: PaymentMethod;
  /** Units of each variant. */
  readonly quantities?: readonly number[];
  /** Paise that a coupon takes off each line. */
  readonly discount?: number;
  readonly freeShipping?: boolean;
  readonly user?: string;
  readonly phone?: string;
}

export interface Published {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export interface LifecycleFixture {
  readonly database: Database;
  readonly orders: OrderHandlers;
  readonly lifecycle: LifecycleHandlers;
  readonly returns: ReturnsHandlers;
  readonly retention: Retention;
  readonly sweeper: Sweeper;
  readonly searching: OrderSearchHandlers;
  readonly invoices: InvoiceHandlers;
  readonly refundOutcomes: RefundOutcomes;
  readonly signals: OrderStatusChange[];
  /** Log lines of level info: the event's name and its fields. */
  readonly logged: { readonly event: string; readonly fields: Record<string, unknown> }[];
  close(): Promise<void>;
  /** Placed and not paid. */
  placed(wish?: Wish): Promise<Order>;
  /** Confirmed, with an empty outbox. */
  bought(wish?: Wish): Promise<Order>;
  /** Staff moves the order on, one status after the other. */
  moved(order: Order, ...statuses: OrderStatus[]): Promise<Order>;
  read(id: string): Promise<Order>;
  /** What was published about an order, in this order, beside its changes. */
  published(id: string): Promise<Published[]>;
  /** What `order.changed` has told of an order. */
  changes(id: string): Promise<Record<string, unknown>[]>;
  clear(): Promise<void>;
}

export async function startLifecycleFixture(emails: Readonly<Record<string, string>> = {}): Promise<LifecycleFixture> {
  const scratch = await scratchDatabase(migrations);
  let discount = 0;
  let freeShipping = false;
  const app: NestFastifyApplication = await startTestService({
    service: 'order',
    module: OrderModule,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
    environment: { declared: orderEnv, values: { COD_FEE: String(COD_FEE), SHIPPING_FEE: String(SHIPPING_FEE), RETURN_WINDOW_DAYS: '7' } },
    peers: [
      fakePeer(authApi, {
        jwks: async () => ({ keys: [] }),
        revocations: async () => ({ items: [] }),
        findByEmail: async ({ email }) => {
          const userId = emails[email.toLowerCase()];
          if (userId === undefined) throw refuse('not_found');
          return { userId };
        },
      }),
      fakePeer(cartApi, {}),
      fakePeer(productApi, {
        quote: async ({ variantIds }) => ({ items: variantIds.map(quoteOf) }),
        reserve: async () => ({ held: true, shortages: [] }),
        commit: async () => ({ committed: true }),
        release: async () => undefined,
      }),
      fakePeer(couponApi, {
        promotions: async () => ({ anyAutomatic: false }),
        evaluate: (async ({ lines, code }: Basket) => ({
          lines: lines.map(({ variantId }) => ({ variantId, discount })),
          freeShipping,
          code: 'applied',
          couponCode: code,
          uses: true,
        })) as never,
        hold: async () => ({ held: true, codeApplies: true }),
        commit: async () => ({ redeemed: true }),
        release: async () => undefined,
      }),
      fakePeer(paymentApi, { settle: async () => ({ state: 'none' }) }),
    ],
  });
  const database = app.get(Database);
  database.onPublished = (published) => {
    for (const { settle } of published) settle(false);
  };
  const signals: OrderStatusChange[] = [];
  const logged: LifecycleFixture['logged'] = [];
  app.get<Logger>(LOGGER).info = (fields: unknown, event?: unknown) =>
    void logged.push({ event: String(event), fields: fields as Record<string, unknown> });
  app.get(Signals).send = (_definition, data) => void signals.push(data as never);
  const orders = app.get(OrderHandlers);
  const lifecycle = app.get(LifecycleHandlers);
  const clear = async (): Promise<void> => {
    await database.execute(sql`DELETE FROM outbox`);
    signals.length = 0;
    logged.length = 0;
  };
  const read = (id: string): Promise<Order> => orders.get({ id }, staff());
  const fixture: LifecycleFixture = {
    database,
    orders,
    lifecycle,
    returns: app.get(ReturnsHandlers),
    retention: app.get(Retention),
    sweeper: app.get(Sweeper),
    searching: app.get(OrderSearchHandlers),
    invoices: app.get(InvoiceHandlers),
    refundOutcomes: app.get(RefundOutcomes),
    signals,
    logged,
    read,
    clear,
    close: async () => {
      await app.close();
      await scratch.drop();
    },
    async placed({
      method = 'razorpay',
      quantities = [1],
      discount: off = 0,
      freeShipping: free = false,
      user = USER,
      phone = SHIPPING.phone,
    } = {}) {
      discount = off;
      freeShipping = free;
      return app.get(PlaceOrderHandlers).place(
        {
          paymentMethod: method,
          shippingAddress: { ...SHIPPING, phone },
          items: quantities.flatMap((quantity, index) => (quantity === 0 ? [] : [{ variantId: VARIANTS[index] ?? '', quantity }])),
          ...(off === 0 ? {} : { couponCode: 'LESS' }),
        },
        customer(user),
      );
    },
    async bought(wish = {}) {
      const order = await fixture.placed(wish);
      if (order.status === 'pending_payment') {
        const paid = { orderId: order.id, paymentId: paymentOf(order), amount: order.total, currency: 'INR' };
        await database.transaction((transaction) =>
          app.get(OrderReactions).onPaymentCaptured(paid, { eventId: uuidv7(), version: 1, requestId: 'test', transaction }),
        );
      }
      await clear();
      return read(order.id);
    },
    async moved(order, ...statuses) {
      for (const status of statuses) await lifecycle.setStatus({ id: order.id, status }, staff());
      return read(order.id);
    },
    async published(id) {
      return (await outbox(id)).filter(({ event }) => event !== 'order.changed');
    },
    async changes(id) {
      return eventsOf(await outbox(id), 'changed');
    },
  };
  return fixture;

  async function outbox(id: string): Promise<Published[]> {
    // Several subscribe to changes; each is told the same.
    const rows = await database.rows<{ event: string; payload: string }>(sql`
      SELECT event, payload FROM outbox WHERE event <> 'order.changed' OR subscriber = 'notification' ORDER BY created_at, id`);
    return rows
      .map(({ event, payload }) => ({ event, data: JSON.parse(payload) as Record<string, unknown> }))
      .filter(({ data }) => data.orderId === id);
  }
}

export const paymentOf = (order: Order): string => `pay_${order.id.slice(-14).replaceAll('-', '0')}`;

export const customer = (userId = USER, key?: string, bodyHash?: string): Call => aCallBy(userId, key, bodyHash);
export const staff = (): Call => aCall({ actor: aUser(uuidv7(), 'support') });
export const payment = (): Call => aCall({ actor: { kind: 'service', name: 'payment' } });

export const itemOf = (order: Order, index: number): string => order.items[index]?.id ?? '';
export const eventsOf = (published: readonly Published[], event: string): Record<string, unknown>[] =>
  published.filter((one) => one.event === `order.${event}`).map(({ data }) => data);
export const sumOf = (rows: readonly Record<string, unknown>[], field: string): number =>
  rows.reduce((sum, row) => sum + Number(row[field]), 0);
