import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { AnswerOf, AnyEvent, AnyOperation, InputOf } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import { paymentApi } from '#libs/contracts/payment/api';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations as couponMigrations } from '../../apps/coupon/migrations/coupon.migrations.ts';
import { couponEnv } from '../../apps/coupon/src/coupon.env.ts';
import { CouponModule } from '../../apps/coupon/src/coupon.module.ts';
import { migrations as notificationMigrations } from '../../apps/notification/migrations/notification.migrations.ts';
import { InboxCarrier, LIMITS_REDIS } from '../../apps/notification/src/delivery/inbox-carrier.ts';
import { notificationEnv } from '../../apps/notification/src/notification.env.ts';
import { NotificationModule } from '../../apps/notification/src/notification.module.ts';
import { migrations as orderMigrations } from '../../apps/order/migrations/order.migrations.ts';
import { orderEnv } from '../../apps/order/src/order.env.ts';
import { OrderModule } from '../../apps/order/src/order.module.ts';
import { migrations as paymentMigrations } from '../../apps/payment/migrations/payment.migrations.ts';
import { paymentEnv } from '../../apps/payment/src/payment.env.ts';
import { PaymentModule } from '../../apps/payment/src/payment.module.ts';
import { migrations as productMigrations } from '../../apps/product/migrations/product.migrations.ts';
import { ProductModule } from '../../apps/product/src/product.module.ts';
import { migrations as referralMigrations } from '../../apps/referral/migrations/referral.migrations.ts';
import { referralEnv } from '../../apps/referral/src/referral.env.ts';
import { ReferralModule } from '../../apps/referral/src/referral.module.ts';
import { migrations as reviewMigrations } from '../../apps/review/migrations/review.migrations.ts';
import { reviewEnv } from '../../apps/review/src/review.env.ts';
import { ReviewModule } from '../../apps/review/src/review.module.ts';
import { migrations as wishlistMigrations } from '../../apps/wishlist/migrations/wishlist.migrations.ts';
import { WishlistModule } from '../../apps/wishlist/src/wishlist.module.ts';
import { type Simulator, startSimulator } from '../../doubles/razorpay/simulator.ts';
import { Chance } from './chance.ts';
import { PROGRAMME } from './friends.ts';
import { Network } from './network.ts';
import { Process, type Program } from './process.ts';
import { authAnswers, Providers } from './told.ts';
import { Carts } from './wishing.ts';

const KEYS = { keyId: 'rzp_test_simulation0001', keySecret: 'the key secret of the simulation', webhookSecret: 'the webhook secret of it' };
const MIGRATIONS = {
  product: productMigrations,
  coupon: couponMigrations,
  order: orderMigrations,
  payment: paymentMigrations,
  notification: notificationMigrations,
  review: reviewMigrations,
  wishlist: wishlistMigrations,
  referral: referralMigrations,
};
export type Simulated = keyof typeof MIGRATIONS;
export const SERVICES = Object.keys(MIGRATIONS) as readonly Simulated[];

const CLOSE_MS = 10_000;
const START_TRIES = 5;

/** The services that money and stock pass through, those that tell and hear of it, in this process, on real Postgres, with Razorpay's double. */
export class World {
  /** Lives that have ended before their time. */
  deaths = 0;
  private readonly starting = new Set<Promise<Process>>();

  private constructor(
    readonly network: Network,
    readonly razorpay: Simulator,
    readonly providers: Providers,
    readonly carts: Carts,
    private readonly callback: Server,
    private readonly programs: ReadonlyMap<Simulated, Program>,
    private readonly scratches: ReadonlyMap<Simulated, ScratchDatabase>,
    private readonly databases: ReadonlyMap<Simulated, pg.Client>,
  ) {}

  static async create(): Promise<World> {
    const carts = new Carts();
    const network = new Network(new Chance(0), { auth: authAnswers, cart: carts.answers });
    const providers = new Providers();
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
      ['wishlist', { service: 'wishlist', module: WishlistModule, databaseUrl: url('wishlist') }],
      [
        'referral',
        {
          ...{ service: 'referral', module: ReferralModule, databaseUrl: url('referral') },
          environment: { declared: referralEnv, values: { DEVICE_KEY: 'd'.repeat(48), ...PROGRAMME } },
        },
      ],
      ['review', { service: 'review', module: ReviewModule, databaseUrl: url('review'), environment: { declared: reviewEnv, values: {} } }],
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
              INSTRUMENT_KEY: 'i'.repeat(48),
              RAZORPAY_BASE_URL: razorpay.url,
            },
          },
        },
      ],
      [
        'notification',
        {
          ...{ service: 'notification', module: NotificationModule, databaseUrl: url('notification') },
          environment: { declared: notificationEnv, values: {} },
          replaced: [
            [InboxCarrier, providers],
            [LIMITS_REDIS, { disconnect: () => undefined }],
          ],
        },
      ],
    ]);
    const world = new World(network, razorpay, providers, carts, callback, programs, scratches, databases);
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

  /** An event of a service that is not simulated: again until it is taken, as a relay does. */
  async tell<Data extends object>(event: AnyEvent & { readonly data: new () => Data }, subscriber: string, data: Data): Promise<void> {
    const about = { event: { id: uuidv7(), version: event.version } };
    const to = { service: subscriber, pattern: `event ${event.key}`, repeatable: true };
    for (;;) {
      try {
        await this.network.send(undefined, to, Buffer.from(JSON.stringify(data)), about);
        return;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        await sleep(10);
      }
    }
  }

  async rows<T extends object>(service: Simulated, text: string, values: readonly unknown[] = []): Promise<T[]> {
    const { rows } = await (this.databases.get(service) as pg.Client).query<T>(text, [...values]);
    return rows;
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

  app(service: Simulated): Process['app'] {
    return (this.network.processes.get(service) as Process).app;
  }
}

export const ADMIN = 'admin:018f0000-0000-7000-8000-00000000ad00';
