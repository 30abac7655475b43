import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AnswerOf, AnyOperation, InputOf } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import { paymentApi } from '#libs/contracts/payment/api';
import { Relay } from '#libs/persistence/relay';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations as couponMigrations } from '../../apps/coupon/migrations/coupon.migrations.ts';
import { couponEnv } from '../../apps/coupon/src/coupon.env.ts';
import { CouponModule } from '../../apps/coupon/src/coupon.module.ts';
import { migrations as orderMigrations } from '../../apps/order/migrations/order.migrations.ts';
import { CheckoutSaga } from '../../apps/order/src/checkout/checkout.saga.ts';
import { orderEnv } from '../../apps/order/src/order.env.ts';
import { OrderModule } from '../../apps/order/src/order.module.ts';
import { migrations as paymentMigrations } from '../../apps/payment/migrations/payment.migrations.ts';
import { paymentEnv } from '../../apps/payment/src/payment.env.ts';
import { PaymentModule } from '../../apps/payment/src/payment.module.ts';
import { PaymentOrderReconciler } from '../../apps/payment/src/payment-order-reconciler.ts';
import { RazorpayClient } from '../../apps/payment/src/razorpay-client.ts';
import { RefundSender } from '../../apps/payment/src/refund-sender.ts';
import { WebhookHandlers } from '../../apps/payment/src/webhook.handlers.ts';
import { migrations as productMigrations } from '../../apps/product/migrations/product.migrations.ts';
import { ProductModule } from '../../apps/product/src/product.module.ts';
import { type Simulator, startSimulator } from '../../doubles/razorpay/simulator.ts';
import { Chance } from './chance.ts';
import { CALM, Network } from './network.ts';
import { Process, type Program } from './process.ts';

const KEYS = { keyId: 'rzp_test_simulation0001', keySecret: 'the key secret of the simulation', webhookSecret: 'the webhook secret of it' };
const MIGRATIONS = { product: productMigrations, coupon: couponMigrations, order: orderMigrations, payment: paymentMigrations };
type Simulated = keyof typeof MIGRATIONS;
export const SERVICES = Object.keys(MIGRATIONS) as readonly Simulated[];

/** Refunds of cash wait for a person. */
const CASH = `payment_id LIKE 'cash\\_%'`;
/** Checkouts that still have something to do: an unpaid order waits until it expires, and longer while Razorpay is silent. */
const UNFINISHED = `(step NOT IN ('done', 'await_payment')
  OR (step = 'await_payment' AND order_id IN (SELECT id FROM orders WHERE expires_at <= now())))`;
const CLOSE_MS = 10_000;
const IDLE_MS = 2_000;
const WEBHOOK_PAUSE_SECONDS = 20;
const START_TRIES = 5;
/** Rounds after which a system that is left alone must have come to rest. */
const MAX_ROUNDS = 60;

/** The services that money and stock pass through, in this process, on real Postgres, with Razorpay's double. */
export class World {
  /** Lives that have ended before their time. */
  deaths = 0;
  private readonly starting = new Set<Promise<Process>>();

  private constructor(
    readonly network: Network,
    readonly razorpay: Simulator,
    private readonly callback: Server,
    private readonly programs: ReadonlyMap<Simulated, Program>,
    private readonly scratches: ReadonlyMap<Simulated, ScratchDatabase>,
    private readonly databases: ReadonlyMap<Simulated, pg.Client>,
  ) {}

  static async create(): Promise<World> {
    const network = new Network(new Chance(0));
    const callback = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        const to = { service: 'payment', pattern: paymentApi.operations.webhook.key, repeatable: true };
        network.send(undefined, to, Buffer.concat(chunks), { headers }).then(
          () => response.writeHead(200).end(),
          () => response.writeHead(503).end(),
        );
      });
    });
    await new Promise<void>((resolve) => callback.listen(0, '127.0.0.1', resolve));
    const razorpay = await startSimulator({
      ...KEYS,
      webhookUrl: `http://127.0.0.1:${(callback.address() as AddressInfo).port}/`,
      settings: { lateAfterMs: null },
    });
    razorpay.controls.hold();
    const scratches = new Map<Simulated, ScratchDatabase>();
    const databases = new Map<Simulated, pg.Client>();
    for (const service of SERVICES) {
      const scratch = await scratchDatabase(MIGRATIONS[service]);
      scratches.set(service, scratch);
      const client = new pg.Client(scratch.url);
      client.on('error', () => undefined);
      await client.connect();
      databases.set(service, client);
    }
    const url = (service: Simulated): string => (scratches.get(service) as ScratchDatabase).url;
    const programs = new Map<Simulated, Program>([
      ['product', { service: 'product', module: ProductModule, databaseUrl: url('product') }],
      ['coupon', { service: 'coupon', module: CouponModule, databaseUrl: url('coupon'), environment: { declared: couponEnv, values: {} } }],
      ['order', { service: 'order', module: OrderModule, databaseUrl: url('order'), environment: { declared: orderEnv, values: {} } }],
      [
        'payment',
        {
          service: 'payment',
          module: PaymentModule,
          databaseUrl: url('payment'),
          environment: {
            declared: paymentEnv,
            values: {
              RAZORPAY_KEY_ID: KEYS.keyId,
              RAZORPAY_KEY_SECRET: KEYS.keySecret,
              RAZORPAY_WEBHOOK_SECRET: KEYS.webhookSecret,
              RAZORPAY_BASE_URL: razorpay.url,
            },
          },
        },
      ],
    ]);
    const world = new World(network, razorpay, callback, programs, scratches, databases);
    for (const service of SERVICES) await world.start(service);
    return world;
  }

  /** Begins a life, again when the machine is too busy for it, as a supervisor would. */
  async start(service: Simulated): Promise<Process> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await Process.start(this.programs.get(service) as Program, this.network);
      } catch (error) {
        if (tries === START_TRIES) throw error;
        await sleep(200 * tries);
      }
    }
  }

  /** Ends this service's present life after so many of its statements and messages, and begins its next one at once. */
  endAfter(service: Simulated, boundaries: number): void {
    const process = this.network.processes.get(service) as Process;
    process.endsIn = boundaries;
    process.onEnd = () => {
      this.deaths += 1;
      const begun = this.start(service);
      // `rebirths` hears of a failure; until then it is no unhandled one.
      begun.catch(() => undefined);
      this.starting.add(begun);
    };
  }

  /** Waits for the lives that have begun. */
  async rebirths(): Promise<void> {
    await Promise.all(this.starting);
    this.starting.clear();
  }

  /** One request of a client, as the gateway would bring it. */
  async request<O extends AnyOperation>(operation: O, input: InputOf<O>, caller: { token: string; key?: string }): Promise<AnswerOf<O>> {
    const { method, path } = operation;
    const { token, key } = caller;
    const body = JSON.stringify(input);
    const about = {
      token,
      client: { ip: '127.0.0.1', agent: 'simulation' },
      ...(key === undefined ? {} : { idempotency: { key, route: `${method} ${path}`, bodyHash: body } }),
    };
    const answer = await this.network.send(
      undefined,
      { service: operation.service, pattern: operation.key, repeatable: false },
      Buffer.from(body),
      about,
    );
    return (answer.length === 0 ? undefined : JSON.parse(answer.toString())) as AnswerOf<O>;
  }

  /** The same, repeated under its key until the outcome is known; a refusal that no repeat changes is answered as such. */
  async insist<O extends AnyOperation>(
    operation: O,
    input: InputOf<O>,
    caller: { token: string; key?: string },
  ): Promise<AnswerOf<O> | Refusal> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.request(operation, input, caller);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (!(error.retryable || error.code === 'timeout' || error.code === 'internal') || tries > 40) return error;
        await sleep(2 + Math.min(tries, 10) * 3);
      }
    }
  }

  async rows<T extends object>(service: Simulated, text: string, values: readonly unknown[] = []): Promise<T[]> {
    const { rows } = await (this.databases.get(service) as pg.Client).query<T>(text, [...values]);
    return rows;
  }

  /**
   * Fair weather, time that passes quickly, and every background round until nothing is left to do; unpaid orders expire at the end, or,
   * with `expiresFirst`, before the last word from Razorpay has come.
   */
  async settle(expiresFirst: boolean): Promise<void> {
    this.network.weather = CALM;
    for (const process of this.network.processes.values()) process.endsIn = undefined;
    this.razorpay.controls.clearFaults();
    if (expiresFirst) await this.expireUnpaid();
    await this.rest();
    if ((await this.expireUnpaid()) > 0) await this.rest();
    // For days the reconciler would ask about what was never paid, and every round of every run to come with it.
    await this.rows('payment', "UPDATE payment_orders SET next_check_at = NULL WHERE state <> 'paid'");
  }

  /** How many were waiting for their payment. */
  private async expireUnpaid(): Promise<number> {
    await this.rows('order', `UPDATE orders SET expires_at = now() - interval '1 second' WHERE status = 'pending_payment'`);
    const due = await this.rows('order', `UPDATE checkouts SET due_at = now() WHERE step = 'await_payment' RETURNING order_id`);
    await patiently(this.app('order').get(CheckoutSaga).resumeDue());
    return due.length;
  }

  private async rest(): Promise<void> {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      await this.razorpay.controls.release('queued');
      // What Razorpay would repeat in a while, it repeats now.
      this.razorpay.controls.advance(WEBHOOK_PAUSE_SECONDS);
      await this.razorpay.controls.idle(IDLE_MS);
      this.razorpay.controls.hold();
      await this.hurry();
      if (round > 1 && (await this.leftToDo()) === '') return;
    }
    throw new Error(`still busy after ${MAX_ROUNDS} rounds: ${await this.leftToDo()}`);
  }

  /** Transactions that waited for each other in a circle, of all services, since the world began. */
  async deadlocks(): Promise<number> {
    let sum = 0;
    for (const service of SERVICES) {
      const [row] = await this.rows<{ deadlocks: string }>(
        service,
        'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
      );
      sum += Number(row?.deadlocks);
    }
    return sum;
  }

  async close(): Promise<void> {
    // A life that does not end is cut off with its database.
    await Promise.all([...this.network.processes.values()].map((process) => Promise.race([process.stop(), sleep(CLOSE_MS)])));
    await this.razorpay.close();
    this.callback.closeAllConnections();
    await new Promise((resolve) => this.callback.close(resolve));
    for (const client of this.databases.values()) await client.end();
    for (const scratch of this.scratches.values()) await scratch.drop();
  }

  private async hurry(): Promise<void> {
    for (const service of SERVICES) {
      await this.rows(service, 'UPDATE outbox SET leased_until = now() WHERE dead_at IS NULL');
      await patiently(this.app(service).get(Relay).claimDue());
    }
    await this.rows('order', `UPDATE checkouts SET due_at = now() WHERE ${UNFINISHED}`);
    await patiently(this.app('order').get(CheckoutSaga).resumeDue());
    await this.rows('payment', 'UPDATE webhook_events SET next_try_at = now() WHERE processed_at IS NULL');
    await patiently(this.app('payment').get(WebhookHandlers).sweep());
    await this.app('payment').get(RazorpayClient).probe();
    await this.rows('payment', `UPDATE refunds SET next_try_at = now() WHERE state = 'pending' AND NOT ${CASH}`);
    await patiently(this.app('payment').get(RefundSender).sendDue());
    await this.rows('payment', "UPDATE payment_orders SET next_check_at = now() WHERE next_check_at IS NOT NULL AND state <> 'paid'");
    await patiently(this.app('payment').get(PaymentOrderReconciler).checkOrders());
    await sleep(10);
  }

  /** Each thing that is not done, with what it waits for. */
  private async leftToDo(): Promise<string> {
    const left: string[] = [];
    const list = async (service: Simulated, text: string): Promise<void> => {
      left.push(...(await this.rows<{ what: string }>(service, text)).map(({ what }) => `${service}: ${what}`));
    };
    for (const service of SERVICES)
      await list(
        service,
        `SELECT concat('event ', event, ' for ', subscriber, ', ', attempts, ' + ', silent_tries, ' tries, ', error) AS what
         FROM outbox WHERE dead_at IS NULL`,
      );
    await list(
      'order',
      `SELECT concat('checkout ', order_id, ' at ', step, ', due ', due_at) AS what FROM checkouts
       WHERE ${UNFINISHED}`,
    );
    await list('payment', `SELECT concat('webhook ', event, ', ', tries, ' tries') AS what FROM webhook_events WHERE processed_at IS NULL`);
    await list(
      'payment',
      `SELECT concat('refund ', id, ', ', tries, ' tries, due ', next_try_at, ', ', error) AS what
       FROM refunds WHERE state = 'pending' AND NOT ${CASH}`,
    );
    if (left.length > 0 && this.app('payment').get(RazorpayClient).isOpen) left.push('payment: Razorpay is left alone');
    return left.join('; ');
  }

  private app(service: Simulated): Process['app'] {
    return (this.network.processes.get(service) as Process).app;
  }
}

export const ADMIN = 'admin:018f0000-0000-7000-8000-00000000ad00';

/** A round that found no connection on a busy machine is made up for by the next, as in production. */
const patiently = (round: Promise<void>): Promise<void> => round.catch(() => undefined);
