import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import type { TakeItem } from '#libs/contracts/cart/messages';
import type { Cart } from '#libs/contracts/cart/views';
import { refuse } from '#libs/contracts/errors';
import { productApi } from '#libs/contracts/product/api';
import type { Card, CardRef } from '#libs/contracts/product/messages';
import type { AddedItem, Collection } from '#libs/contracts/wishlist/views';
import { Database } from '#libs/persistence/database';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { aCallBy } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/wishlist.migrations.ts';
import { AlertHandlers } from '../src/alert.handlers.ts';
import { CartMoveHandlers } from '../src/cart-move.handlers.ts';
import { CollectionHandlers } from '../src/collection.handlers.ts';
import { EntryHandlers } from '../src/entry.handlers.ts';
import { WishlistModule } from '../src/wishlist.module.ts';
import { WishlistReactions } from '../src/wishlist.reactions.ts';

/** What product knows, by `productId variantId`. */
class Shelf {
  private readonly cards = new Map<string, Card>();
  isAway = false;

  /** A product with one variant; both have cards. */
  product(fields: Partial<Card> = {}): { productId: string; variantId: string } {
    const [productId, variantId] = [uuidv7(), uuidv7()];
    const card = { name: 'Indigo kurta', slug: `kurta-${productId}`, image: '/kurta.webp', price: 99_900, mrp: 149_900, priceVersion: 0 };
    this.put({ productId, ...card, availability: 'in_stock', ...fields });
    this.put({ productId, variantId, ...card, size: 'M', color: 'Indigo', availability: 'in_stock', ...fields });
    return { productId, variantId };
  }

  put(card: Card): void {
    this.cards.set(keyOf(card), card);
  }

  /** A change of both cards. */
  change({ productId, variantId }: CardRef, fields: Partial<Card>): void {
    for (const ref of [{ productId }, { productId, variantId: variantId as string }]) {
      const card = this.cards.get(keyOf(ref));
      if (card !== undefined) this.put({ ...card, ...fields });
    }
  }

  withdraw({ productId, variantId }: CardRef): void {
    if (variantId === undefined) for (const key of this.cards.keys()) if (key.startsWith(productId)) this.cards.delete(key);
    this.cards.delete(keyOf({ productId, ...(variantId === undefined ? {} : { variantId }) }));
  }

  async answer(refs: readonly CardRef[]): Promise<{ items: Card[] }> {
    if (this.isAway) throw refuse('unavailable');
    return { items: refs.flatMap((ref) => this.cards.get(keyOf(ref)) ?? []) };
  }
}

const keyOf = ({ productId, variantId = '' }: CardRef): string => `${productId} ${variantId}`;

/** A cart that takes each id once. */
class Carts {
  /** By `takeId`. */
  readonly taken = new Map<string, TakeItem>();
  /** What it answers with instead; `lost`: it takes, and nobody hears of it. */
  failure: 'lost' | 'unavailable' | 'cart.line_limit' | 'cart.out_of_stock' | 'not_found' | undefined;
  /** Called before each take. */
  before: () => Promise<void> = async () => undefined;

  async take(item: TakeItem): Promise<Cart> {
    await this.before();
    const { failure } = this;
    if (!this.taken.has(item.takeId)) {
      if (failure === 'cart.line_limit' || failure === 'cart.out_of_stock') throw cartApi.refuse(failure, 'refused');
      if (failure === 'not_found') throw refuse('not_found');
      if (failure !== 'unavailable') this.taken.set(item.takeId, item);
    }
    if (failure === 'lost' || failure === 'unavailable') throw refuse('unavailable');
    const money = { subtotal: 0, discount: 0, shippingFee: 0, total: 0, currency: 'INR' };
    return { userId: item.userId, items: [], ...money, version: 'v', updatedAt: new Date().toISOString() };
  }
}

/** Two replicas of the wishlist service on a database of the suite's own; product and cart are doubles. */
export class WishlistFixture {
  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly replicas: readonly NestFastifyApplication[],
    readonly shelf: Shelf,
    readonly carts: Carts,
  ) {}

  static async start(): Promise<WishlistFixture> {
    const scratch = await scratchDatabase(migrations);
    const shelf = new Shelf();
    const carts = new Carts();
    const replicas = await Promise.all(
      Array.from({ length: 2 }, () =>
        startTestService({
          service: 'wishlist',
          module: WishlistModule,
          databaseUrl: scratch.url,
          redisUrl: process.env.TEST_REDIS_URL ?? '',
          peers: [
            fakePeer(productApi, { cards: ({ refs }) => shelf.answer(refs) }),
            fakePeer(cartApi, { take: (item) => carts.take(item) }),
          ],
        }),
      ),
    );
    return new WishlistFixture(scratch, replicas, shelf, carts);
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map((one) => one.close()));
    await this.scratch.drop();
  }

  replica(index = 0): NestFastifyApplication {
    return this.replicas[index % this.replicas.length] as NestFastifyApplication;
  }
  lists(index = 0): CollectionHandlers {
    return this.replica(index).get(CollectionHandlers);
  }
  entries(index = 0): EntryHandlers {
    return this.replica(index).get(EntryHandlers);
  }
  cartMoves(index = 0): CartMoveHandlers {
    return this.replica(index).get(CartMoveHandlers);
  }
  alerts(index = 0): AlertHandlers {
    return this.replica(index).get(AlertHandlers);
  }
  /** An event arrives. */
  react(work: (reactions: WishlistReactions, delivery: TransactionalDelivery) => Promise<void>, index = 0): Promise<void> {
    return this.replica(index)
      .get(Database)
      .transaction((transaction) =>
        work(this.replica(index).get(WishlistReactions), { transaction, eventId: uuidv7(), version: 1, requestId: 'test' }),
      );
  }
  get database(): Database {
    return this.replica().get(Database);
  }

  async user(): Promise<Person> {
    const userId = uuidv7();
    const { items } = await this.lists().collections({ userId }, aCallBy(userId));
    return { userId, default: items[0] as Collection };
  }

  list(user: Person, name: string, privacy: Collection['privacy'] = 'private'): Promise<Collection> {
    return this.lists().createCollection({ name, privacy }, aCallBy(user.userId));
  }

  /** A new wish in the user's default list. */
  async wish(user: Person, fields: Partial<Card> = {}): Promise<AddedItem> {
    return this.entries().add({ id: user.default.id, ...this.shelf.product(fields) }, by(user));
  }

  async itemsOf(user: Person, id: string) {
    return (await this.lists().collection({ id, limit: 100 }, by(user))).items;
  }
}

export interface Person {
  readonly userId: string;
  readonly default: Collection;
}

export const by = ({ userId }: { userId: string }, key?: string): Call => aCallBy(userId, key);
