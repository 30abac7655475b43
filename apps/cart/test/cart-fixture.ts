import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { vi } from 'vitest';
import type { Call } from '#libs/contracts/call';
import type { Cart } from '#libs/contracts/cart/views';

import { couponApi } from '#libs/contracts/coupon/api';
import type { Basket, Discounts, Promotions } from '#libs/contracts/coupon/messages';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { type Quote } from '#libs/contracts/product/messages';
import { BusClient } from '#libs/messaging/bus-client';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { LOGGER } from '#libs/runtime/core.module';
import { aCall, aCallBy, aQuote } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService, TEST_BUS_SECRET } from '#libs/testing/test-service';
import { migrations } from '../migrations/cart.migrations.ts';
import { Abandonment } from '../src/abandonment.ts';
import { cartEnv } from '../src/cart.env.ts';
import { CartHandlers } from '../src/cart.handlers.ts';
import { CartModule } from '../src/cart.module.ts';
import { CartReactions } from '../src/cart.reactions.ts';
import { CartRepository } from '../src/cart.repository.ts';
import { ownerOf } from '../src/cart.ts';
import { CartStore } from '../src/cart-store.ts';
import { GuestHandlers } from '../src/guest.handlers.ts';
import { RecentQuotes } from '../src/recent-quotes.ts';
import { WriteBehind } from '../src/write-behind.ts';

export class CartReplica {
  readonly handlers: CartHandlers;
  readonly guests: GuestHandlers;
  readonly abandonment: Abandonment;
  readonly database: Database;
  readonly reactions: CartReactions;
  readonly store: CartStore;
  readonly repository: CartRepository;
  readonly writeBehind: WriteBehind;
  readonly quotes: RecentQuotes;

  constructor(readonly app: NestFastifyApplication) {
    this.handlers = app.get(CartHandlers);
    this.guests = app.get(GuestHandlers);
    this.abandonment = app.get(Abandonment);
    this.database = app.get(Database);
    this.reactions = app.get(CartReactions);
    this.store = app.get(CartStore);
    this.repository = app.get(CartRepository);
    this.writeBehind = app.get(WriteBehind);
    this.quotes = app.get(RecentQuotes);
  }

  get(userId: string): Promise<Cart> {
    return this.handlers.get({ userId });
  }

  add(userId: string, variantId: string, quantity = 1, guard: Partial<Call> = {}): Promise<Cart> {
    return this.handlers.addItem({ userId, variantId, quantity }, { ...aCallBy(userId), ...guard });
  }

  set(userId: string, itemId: string, quantity: number, guard: Partial<Call> = {}): Promise<Cart> {
    return this.handlers.setItem({ userId, itemId, quantity }, { ...aCallBy(userId), ...guard });
  }

  clear(userId: string, guard: Partial<Call> = {}): Promise<void> {
    return this.handlers.clear({ userId }, { ...aCallBy(userId), ...guard });
  }

  setCoupon(userId: string, code: string, guard: Partial<Call> = {}): Promise<Cart> {
    return this.handlers.setCoupon({ userId, code }, { ...aCallBy(userId), ...guard });
  }

  removeCoupon(userId: string, guard: Partial<Call> = {}): Promise<Cart> {
    return this.handlers.removeCoupon({ userId }, { ...aCallBy(userId), ...guard });
  }

  merge(userId: string, guestToken: string, guard: Partial<Call> = {}): Promise<Cart> {
    return this.guests.merge({ userId, guestToken }, { ...aCallBy(userId), ...guard });
  }

  async guest(): Promise<string> {
    return (await this.guests.createGuest()).token;
  }

  getGuest(token: string): Promise<Cart> {
    return this.guests.getGuest({ token });
  }

  addGuest(token: string, variantId: string, quantity = 1, guard: Partial<Call> = {}): Promise<Cart> {
    return this.guests.addGuestItem({ token, variantId, quantity }, { ...aCall(), ...guard });
  }

  setGuest(token: string, itemId: string, quantity: number, guard: Partial<Call> = {}): Promise<Cart> {
    return this.guests.setGuestItem({ token, itemId, quantity }, { ...aCall(), ...guard });
  }

  clearGuest(token: string, guard: Partial<Call> = {}): Promise<void> {
    return this.guests.clearGuest({ token }, { ...aCall(), ...guard });
  }
}

export const keyed = (key: string, bodyHash = 'body'): Partial<Call> => ({
  idempotency: { key, bodyHash, route: 'POST /api/cart/me/items' },
});

export const quantities = ({ items }: Pick<Cart, 'items'>): Record<string, number> =>
  Object.fromEntries(items.map(({ variantId, quantity }) => [variantId, quantity]));

/** Two replicas of the cart on a Redis and a database of the suite's own; product and coupon are doubles that know what the test gave them. */
export class CartFixture {
  readonly variants = new Map<string, Quote>();
  private isProductDown = false;
  private isStopped = false;
  /** By code as the service writes it; each says what it does to a basket. */
  readonly coupons = new Map<string, (basket: Basket) => Discounts>();
  /** What applies without a code, where there is such a promotion. */
  automatic: ((basket: Basket) => Discounts) | undefined;
  /** `hangs`: it takes a question and never answers. */
  couponIs: 'up' | 'down' | 'hangs' = 'up';
  /** Of what the coupon service was asked. */
  readonly baskets: Basket[] = [];

  private constructor(
    readonly redis: RedisServer,
    private readonly database: ScratchDatabase,
    readonly one: CartReplica,
    readonly other: CartReplica,
    private readonly order: BusClient,
  ) {}

  static async start(): Promise<CartFixture> {
    const redis = await RedisServer.start();
    const database = await scratchDatabase(migrations);
    const quote: { now?: (variantIds: readonly string[]) => Quote[] } = {};
    const product = fakePeer(productApi, { quote: async ({ variantIds }) => ({ items: quote.now?.(variantIds) ?? [] }) });
    const evaluate: { now?: (basket: Basket) => Promise<Discounts>; promotions?: () => Promise<Promotions> } = {};
    const coupon = fakePeer(couponApi, {
      promotions: async () => evaluate.promotions?.() ?? { anyAutomatic: false },
      evaluate: async (basket) => evaluate.now?.(basket) ?? Promise.reject(new Error('the double is not ready')),
    });
    const replica = async () =>
      new CartReplica(
        await startTestService({
          service: 'cart',
          module: CartModule,
          databaseUrl: database.url,
          redisUrl: redis.url,
          environment: { declared: cartEnv, values: {} },
          peers: [product, coupon],
        }),
      );
    const [one, other] = [await replica(), await replica()];
    const order = new BusClient({ redisUrl: redis.url, secret: TEST_BUS_SECRET, service: 'order', logger: one.app.get(LOGGER) });
    await order.connect();
    const fixture = new CartFixture(redis, database, one, other, order);
    quote.now = (variantIds) => fixture.quote(variantIds);
    evaluate.now = (basket) => fixture.evaluate(basket);
    evaluate.promotions = () => fixture.promotions();
    return fixture;
  }

  async stop(): Promise<void> {
    await this.stopReplicas();
    await this.database.drop();
    await this.redis.kill();
  }

  /** As a deployment ends them; Redis and Postgres go on. */
  async stopReplicas(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    await this.order.close();
    await Promise.all([this.one.app.close(), this.other.app.close()]);
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  variant(fields: Partial<Quote> = {}): string {
    const variantId = uuidv7();
    const name = `Kurta ${this.variants.size + 1}`;
    this.variants.set(variantId, aQuote({ variantId, sku: variantId, name, hsn: null, available: 1_000, ...fields }));
    return variantId;
  }

  withdraw(variantId: string): void {
    this.variants.delete(variantId);
    this.forgetQuotes();
  }

  /** The replicas know of it at once. */
  change(variantId: string, fields: Partial<Quote>): void {
    const known = this.variants.get(variantId);
    if (known === undefined) throw new Error('the test changes a variant that it has not made');
    this.variants.set(variantId, { ...known, ...fields });
    this.forgetQuotes();
  }

  /** As the order service's relay delivers it, over the bus, to any replica. */
  confirm(eventId: string, userId: string, cartVersion: string | null, lines: { variantId: string; quantity: number }[]): Promise<unknown> {
    const data = JSON.stringify({ orderId: uuidv7(), userId, cartVersion, lines });
    return this.order.deliver(orderApi.events.confirmed, 'cart', data, { id: eventId, version: 1, requestId: 'test' });
  }

  async flushRedis(): Promise<void> {
    await this.redis.withClient((client) => client.flushall());
  }

  /** From here on nothing changed is stored by itself; `resume` ends that. */
  holdWriteBehind(): { resume(): void } {
    const held = [this.one, this.other].map(({ store }) => vi.spyOn(store, 'claim').mockResolvedValue([]));
    return {
      resume: () => {
        for (const spy of held) spy.mockRestore();
      },
    };
  }

  /** Waits for the write-behind to have stored the cart as it is in Redis. */
  async stored(userId: string): Promise<void> {
    await this.storedOf(ownerOf(userId));
  }

  async storedOf(owner: string): Promise<void> {
    const { version } = await this.one.store.read(owner);
    for (;;) {
      if ((await this.one.repository.find(owner))?.version === version) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** As if the cart, as Postgres has it, was last written so many seconds before. */
  async backdate(owner: string, seconds: number): Promise<void> {
    await this.one.database.execute(sql`
      UPDATE carts SET updated_at = updated_at - age, watched_hour = watched_hour - age, guest_day = guest_day - age
      FROM make_interval(secs => ${seconds}::float8) AS age WHERE owner = ${owner}`);
  }

  get productIsDown(): boolean {
    return this.isProductDown;
  }

  /** What the replicas have kept of its prices is gone too, as it would be a second later. */
  set productIsDown(value: boolean) {
    this.isProductDown = value;
    this.forgetQuotes();
  }

  private forgetQuotes(): void {
    for (const { quotes } of [this.one, this.other]) quotes.drop();
  }

  private async promotions(): Promise<Promotions> {
    await this.couponAnswers();
    return { anyAutomatic: this.automatic !== undefined };
  }

  private async couponAnswers(): Promise<void> {
    if (this.couponIs === 'down') throw refuse('unavailable');
    if (this.couponIs === 'hangs') await new Promise(() => undefined);
  }

  private async evaluate(basket: Basket): Promise<Discounts> {
    this.baskets.push(basket);
    await this.couponAnswers();
    const rule = basket.code === undefined ? this.automatic : this.coupons.get(basket.code);
    return (
      rule?.(basket) ?? {
        lines: basket.lines.map(({ variantId }) => ({ variantId, discount: 0 })),
        freeShipping: false,
        uses: false,
        code: 'unknown',
      }
    );
  }

  private quote(variantIds: readonly string[]): Quote[] {
    if (this.productIsDown) throw refuse('unavailable');
    // What the contract allows; the real service refuses more.
    if (variantIds.length > 50) throw new Error('product.quote takes 50 variants');
    return variantIds.flatMap((id) => this.variants.get(id) ?? []);
  }
}
