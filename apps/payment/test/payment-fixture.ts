import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Call, Role } from '#libs/contracts/call';
import type { AnyEvent } from '#libs/contracts/contract';
import { invalid, notFound, refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { CaptureRejected, GiveBack, RefundDue } from '#libs/contracts/order/messages';
import type { Order, OrderStatus } from '#libs/contracts/order/views';
import type { PaymentCaptured, RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';
import type { PaymentOrder } from '#libs/contracts/payment/views';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { Database } from '#libs/persistence/database';
import { aCall, aUser, eventually } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService, TEST_BUS_SECRET } from '#libs/testing/test-service';
import { migrations } from '../migrations/payment.migrations.ts';
import { PayingHandlers } from '../src/paying.handlers.ts';
import { paymentEnv } from '../src/payment.env.ts';
import { PaymentHandlers } from '../src/payment.handlers.ts';
import { PaymentModule } from '../src/payment.module.ts';
import { RefundHandlers } from '../src/refund.handlers.ts';
import { WebhookHandlers } from '../src/webhook.handlers.ts';
import { hmac, newId, RazorpayStub } from './razorpay-stub.ts';

export const KEY_SECRET = 'the key secret of a test';
export const WEBHOOK_SECRET = 'the webhook secret of a test';
export const INSTRUMENT_KEY = 'the key of the hashes of a test, long enough';
export const OLD_WEBHOOK_SECRET = 'the webhook secret before it';

interface ShopOrder {
  readonly userId: string;
  readonly amount: number;
  payable: boolean;
  status: OrderStatus;
  /** What came in, how much of that was asked back, and where it goes. */
  received: number;
  requested: number;
  paymentId: string | null;
}

/** One replica, its handlers within reach. */
export interface Replica {
  readonly app: NestFastifyApplication;
  readonly paying: PayingHandlers;
  readonly payment: PaymentHandlers;
  readonly refunds: RefundHandlers;
  readonly webhooks: WebhookHandlers;
  readonly database: Database;
}

/** Payment on real stores, with a stub for Razorpay and a strict fake for the order service, which takes its events over the real bus. */
export class PaymentFixture {
  readonly shopOrders = new Map<string, ShopOrder>();
  readonly attached: { orderId: string; providerOrderId: string }[] = [];
  /** What the order service got, once for each event id. */
  readonly captured: PaymentCaptured[] = [];
  readonly refundChanges: RefundChanged[] = [];
  readonly refundsAtRazorpay: RefundedAtRazorpay[] = [];
  /** What the order service was asked to give back, and what it said. */
  readonly asked: GiveBack[] = [];
  readonly dues = new Map<string, RefundDue>();
  /** What the order service answers to a capture, where a case says so. */
  readonly answers = new Map<string, Order>();
  orderIsDown = false;
  /** The order service is of the release before, which does not know the shape of a capture. */
  orderIsOld = false;
  private readonly seen = new Set<string>();
  private readonly replicas: Replica[] = [];

  private constructor(
    readonly razorpay: RazorpayStub,
    private readonly redis: RedisServer,
    private readonly scratch: ScratchDatabase,
    private readonly bus: BusClient,
    private readonly orderServer: BusServer,
  ) {}

  static async start(): Promise<PaymentFixture> {
    const [razorpay, redis, scratch] = await Promise.all([RazorpayStub.start(), RedisServer.start(), scratchDatabase(migrations)]);
    const logger = pino({ level: 'silent' });
    const bus = new BusClient({ redisUrl: redis.url, secret: TEST_BUS_SECRET, service: 'order', logger });
    const server = new BusServer({
      bus,
      logger,
      routeFor: (_pattern, _extras, handle) => ({
        serve: async (header, body) => {
          const answer: unknown = await handle(JSON.parse(body.toString()), header.event?.id);
          return answer === undefined ? '' : JSON.stringify(answer);
        },
      }),
    });
    const fixture = new PaymentFixture(razorpay, redis, scratch, bus, server);
    server.addHandler('event payment.captured', async (data: PaymentCaptured, eventId: string) => {
      fixture.onCaptured(data, eventId);
      return fixture.answers.get(data.orderId);
    });
    server.addHandler('event payment.refundChanged', async (data: RefundChanged, eventId: string) => {
      if (!fixture.seen.has(eventId)) fixture.refundChanges.push(data);
      fixture.seen.add(eventId);
    });
    server.addHandler('event payment.refundedAtRazorpay', async (data: RefundedAtRazorpay, eventId: string) => {
      if (!fixture.seen.has(eventId)) fixture.refundsAtRazorpay.push(data);
      fixture.seen.add(eventId);
    });
    await server.listen(() => undefined);
    return fixture;
  }

  async replica(environment: Record<string, string> = {}): Promise<Replica> {
    const app = await startTestService({
      service: 'payment',
      module: PaymentModule,
      databaseUrl: this.scratch.url,
      redisUrl: this.redis.url,
      environment: {
        declared: paymentEnv,
        values: {
          RAZORPAY_KEY_ID: 'rzp_test_0123456789abcd',
          RAZORPAY_KEY_SECRET: KEY_SECRET,
          RAZORPAY_WEBHOOK_SECRET: WEBHOOK_SECRET,
          RAZORPAY_WEBHOOK_SECRET_PREVIOUS: OLD_WEBHOOK_SECRET,
          INSTRUMENT_KEY,
          RAZORPAY_BASE_URL: this.razorpay.url,
          RAZORPAY_CHECKOUT_URL: this.razorpay.url,
          ...environment,
        },
      },
      peers: [
        fakePeer(orderApi, {
          payable: async ({ orderId, userId }) => {
            const { amount, payable } = this.ownOrder(orderId, userId);
            return { orderId, userId, number: 'O-1', amount, currency: 'INR', payable };
          },
          view: async ({ orderId, userId }) => {
            const { status, amount } = this.ownOrder(orderId, userId);
            return { id: orderId, status, total: amount } as Order;
          },
          giveBack: async (input) => this.giveBack(input),
          attachPayment: async (input) => {
            if (this.orderIsDown) throw refuse('unavailable');
            this.attached.push(input);
          },
        }),
      ],
    });
    const replica = {
      app,
      paying: app.get(PayingHandlers),
      payment: app.get(PaymentHandlers),
      refunds: app.get(RefundHandlers),
      webhooks: app.get(WebhookHandlers),
      database: app.get(Database),
    };
    this.replicas.push(replica);
    return replica;
  }

  async stop(): Promise<void> {
    for (const { app } of this.replicas) await app.close();
    await this.orderServer.close();
    await this.bus.close();
    await Promise.all([this.razorpay.stop(), this.redis.kill(), this.scratch.drop()]);
  }

  shopOrder(amount = 129_900): { orderId: string; userId: string } {
    const [orderId, userId] = [uuidv7(), uuidv7()];
    this.shopOrders.set(orderId, { userId, amount, payable: true, status: 'pending_payment', received: 0, requested: 0, paymentId: null });
    return { orderId, userId };
  }

  /** A shop order with its Razorpay order. */
  async opened(replica: Replica, amount?: number): Promise<{ orderId: string; userId: string; opened: PaymentOrder }> {
    const shop = this.shopOrder(amount);
    return { ...shop, opened: await replica.paying.createOrder({ orderId: shop.orderId }, callOf(shop.userId)) };
  }

  /** An order that Razorpay has captured the money of, and that is confirmed. */
  async paid(replica: Replica, amount?: number) {
    const { orderId, userId, opened } = await this.opened(replica, amount);
    const payment = this.razorpay.pay(opened.razorpayOrderId, 'captured');
    await replica.webhooks.webhook(webhookOf('payment.captured', { payment }));
    await eventually(() => this.capturesOf(orderId).length === 1);
    return { orderId, userId, payment, paymentId: String(payment.id) };
  }

  changesOf(orderId: string): string[] {
    return this.refundChanges.filter((change) => change.orderId === orderId).map(({ status, attempt }) => `${attempt} ${status}`);
  }

  /** The order service's answer to money that it does not take, as its outbox would deliver it. */
  reject(data: CaptureRejected, eventId?: string): Promise<unknown> {
    return this.tell(orderApi.events.captureRejected, data, eventId);
  }

  /** An event of the order service. */
  tell(event: AnyEvent, data: object, eventId: string = uuidv7()): Promise<unknown> {
    return this.bus.deliver(event, 'payment', JSON.stringify(data), { id: eventId, version: 1, requestId: 'test' });
  }

  /** As the order service does it: once for each refund id, never above what came in. A unit is worth 10,000 paise. */
  private giveBack(input: GiveBack): RefundDue {
    const { refundId, orderId, userId, amount, items, limit, reason } = input;
    this.asked.push(input);
    const order = this.ownOrder(orderId, userId);
    const known = this.dues.get(refundId);
    if (known !== undefined) return known;
    const left = order.received - order.requested;
    const worth = amount ?? items?.reduce((sum, { quantity }) => sum + quantity * 10_000, 0) ?? left;
    if (left === 0 || worth > left) throw orderApi.refuse('order.nothing_to_refund', 'nothing is left');
    if (limit !== undefined && worth > limit) throw orderApi.refuse('order.refund_above_limit', 'above the limit');
    order.requested += worth;
    const due = { refundId, orderId, userId: order.userId, paymentId: order.paymentId, amount: worth, reason };
    this.dues.set(refundId, due);
    return due;
  }

  capturesOf(orderId: string): PaymentCaptured[] {
    return this.captured.filter((capture) => capture.orderId === orderId);
  }

  private onCaptured(data: PaymentCaptured, eventId: string): void {
    if (this.orderIsDown) throw refuse('unavailable');
    if (this.orderIsOld) throw invalid([{ path: 'newer', message: 'is not a field of this request' }]);
    if (this.seen.has(eventId)) return;
    this.seen.add(eventId);
    this.captured.push(data);
    const order = this.shopOrders.get(data.orderId);
    if (order?.status !== 'pending_payment') return;
    Object.assign(order, { status: 'confirmed', payable: false, received: data.amount, paymentId: data.paymentId });
  }

  private ownOrder(orderId: string, userId: string | null): ShopOrder {
    const order = this.shopOrders.get(orderId);
    if (order === undefined || (userId !== null && order.userId !== userId)) throw notFound();
    return order;
  }
}

export const callOf = (userId: string, roles: Role[] = ['customer'], waitMs = 10_000): Call =>
  aCall({ actor: aUser(userId, ...roles), deadline: Date.now() + waitMs });

/** A webhook's input; `id` is the event's. */
export function webhookOf(
  event: string,
  entities: Record<string, unknown>,
  { id = newId('evt'), secret = WEBHOOK_SECRET }: { id?: string; secret?: string } = {},
): { bytes: Buffer; headers: Record<string, string> } {
  const payload = Object.fromEntries(Object.entries(entities).map(([kind, entity]) => [kind, { entity }]));
  const bytes = Buffer.from(
    JSON.stringify({ entity: 'event', account_id: 'acc_test', event, contains: Object.keys(payload), payload, created_at: 1_700_000_000 }),
  );
  return { bytes, headers: { 'x-razorpay-signature': hmac(secret, bytes), 'x-razorpay-event-id': id } };
}

export const signatureOf = (razorpayOrderId: string, paymentId: unknown): string =>
  hmac(KEY_SECRET, `${razorpayOrderId}|${String(paymentId)}`);
