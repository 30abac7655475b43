import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { productApi } from '#libs/contracts/product/api';
import type { Card, CardRef } from '#libs/contracts/product/messages';
import type { Collection } from '#libs/contracts/wishlist/views';
import { Database } from '#libs/persistence/database';
import { aCallBy } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/wishlist.migrations.ts';
import { CollectionHandlers } from '../src/collection.handlers.ts';
import { EntryHandlers } from '../src/entry.handlers.ts';
import { WishlistModule } from '../src/wishlist.module.ts';

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

/** Two replicas of the wishlist service on a database of the suite's own; product is a double. */
export class WishlistFixture {
  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly replicas: readonly NestFastifyApplication[],
    readonly shelf: Shelf,
  ) {}

  static async start(): Promise<WishlistFixture> {
    const scratch = await scratchDatabase(migrations);
    const shelf = new Shelf();
    const replicas = await Promise.all(
      Array.from({ length: 2 }, () =>
        startTestService({
          service: 'wishlist',
          module: WishlistModule,
          databaseUrl: scratch.url,
          redisUrl: process.env.TEST_REDIS_URL ?? '',
          peers: [fakePeer(productApi, { cards: ({ refs }) => shelf.answer(refs) })],
        }),
      ),
    );
    return new WishlistFixture(scratch, replicas, shelf);
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

  async itemsOf(user: Person, id: string) {
    return (await this.lists().collection({ id, limit: 100 }, by(user))).items;
  }
}

export interface Person {
  readonly userId: string;
  readonly default: Collection;
}

export const by = ({ userId }: { userId: string }, key?: string): Call => aCallBy(userId, key);
