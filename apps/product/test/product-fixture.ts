import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { expect } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderIds } from '#libs/contracts/order/messages';
import type { Nothing } from '#libs/contracts/page';
import { NewProduct, type NewVariant } from '#libs/contracts/product/admin';
import type { ProductRef } from '#libs/contracts/product/catalogue';
import { NewCategory } from '#libs/contracts/product/categories';
import type { ProductFilter } from '#libs/contracts/product/listing';
import type { CardList, CardRef, QuoteList, Variants } from '#libs/contracts/product/messages';
import { CategoryTree, ProductDetail, ProductPage } from '#libs/contracts/product/views';
import type { ReadyJson } from '#libs/contracts/ready-json';
import type { Class } from '#libs/contracts/schema';
import { readInput, writeOutput } from '#libs/contracts/shape';
import { storageApi } from '#libs/contracts/storage/api';
import type { CheckedFiles, CheckFiles } from '#libs/contracts/storage/messages';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Source } from '#libs/runtime/environment';
import { RedisServer } from '#libs/testing/redis-server';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/product.migrations.ts';
import { CategoryHandlers } from '../src/category.handlers.ts';
import { ProductHandlers } from '../src/product.handlers.ts';
import { ProductModule } from '../src/product.module.ts';
import { ProductAdminHandlers } from '../src/product-admin.handlers.ts';
import { ReservationHandlers } from '../src/reservation.handlers.ts';
import { StockHandlers } from '../src/stock.handlers.ts';

/** An admin's request; `key`: with that idempotency key. */
export function adminCall(key?: string, bodyHash = 'body'): Call {
  return {
    actor: { kind: 'user', userId: '01980000-0000-7000-8000-000000000001', sessionId: randomUUID(), roles: ['admin'] },
    requestId: 'test-request',
    deadline: Number.MAX_SAFE_INTEGER,
    receivedAt: 0,
    ...(key === undefined ? {} : { idempotency: { key, bodyHash, route: 'PUT /stock' } }),
  };
}

/** What everyone may read, as clients get it: JSON that fits its contract, and nothing beside it. */
class Shop {
  constructor(private readonly handlers: ProductHandlers) {}

  async list(filter: ProductFilter): Promise<ProductPage> {
    return read(ProductPage, await this.handlers.list(filter));
  }
  async detail(ref: ProductRef): Promise<ProductDetail> {
    return read(ProductDetail, await this.handlers.detail(ref));
  }
  async categories(nothing: Nothing): Promise<CategoryTree> {
    return read(CategoryTree, await this.handlers.categories(nothing));
  }
  quote(variants: Variants): Promise<QuoteList> {
    return this.handlers.quote(variants);
  }
}

/** What a handler answers as a text, as clients read it. */
export function read<T extends object>(type: Class<T>, { text }: ReadyJson): T {
  const value: T = JSON.parse(text);
  expect(JSON.parse(writeOutput(type, readInput(type, value)))).toEqual(value);
  return value;
}

/** Files of the admin's own, as storage knows them. */
export const ownFiles = new Set<string>();
const checked = async ({ fileIds }: CheckFiles): Promise<CheckedFiles> => ({
  files: [],
  unusable: fileIds.filter((id) => !ownFiles.has(id)),
});

/** One replica of the product service; several may share a database. */
export class Replica {
  private constructor(readonly app: NestFastifyApplication) {}

  static async start(databaseUrl: string, redisUrl: string, settings: Source, needing: ReadonlySet<string> = new Set()): Promise<Replica> {
    const needingStock = async ({ orderIds }: OrderIds): Promise<OrderIds> => ({ orderIds: orderIds.filter((id) => needing.has(id)) });
    const peers = [fakePeer(orderApi, { needingStock }), fakePeer(storageApi, { check: checked })];
    return new Replica(await startTestService({ service: 'product', module: ProductModule, databaseUrl, redisUrl, settings, peers }));
  }

  get shop(): Shop {
    return new Shop(this.app.get(ProductHandlers));
  }
  get admin(): ProductAdminHandlers {
    return this.app.get(ProductAdminHandlers);
  }
  get categories(): CategoryHandlers {
    return this.app.get(CategoryHandlers);
  }
  get stock(): StockHandlers {
    return this.app.get(StockHandlers);
  }
  get reservations(): ReservationHandlers {
    return this.app.get(ReservationHandlers);
  }
  get database(): Database {
    return this.app.get(Database);
  }
}

/** A database and a Redis of this suite alone, because others would renew the cache's generation, and one replica on them. */
export class ProductFixture {
  private readonly others: Replica[] = [];
  private made = 0;
  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly redis: RedisServer,
    readonly replica: Replica,
    readonly categoryId: string,
    /** Orders of which the order service says that they need their stock. */
    readonly needing: Set<string>,
  ) {}

  static async start(): Promise<ProductFixture> {
    const [database, redis] = await Promise.all([scratchDatabase(migrations), RedisServer.start()]);
    const needing = new Set<string>();
    const replica = await Replica.start(database.url, redis.url, { REDIS_CACHE_URL: cacheOn(redis) }, needing);
    const category = await replica.categories.createCategory(Object.assign(new NewCategory(), { name: 'Kurtas' }), adminCall());
    return new ProductFixture(database, redis, replica, category.id, needing);
  }

  get url(): string {
    return this.scratch.url;
  }

  get cacheUrl(): string {
    return cacheOn(this.redis);
  }

  async another(cacheUrl = this.cacheUrl, further: Source = {}): Promise<Replica> {
    const replica = await Replica.start(this.url, this.redis.url, { REDIS_CACHE_URL: cacheUrl, ...further });
    this.others.push(replica);
    return replica;
  }

  /** A product with these variants, each `onHand` times in stock. */
  async product(
    variants: readonly (Partial<NewVariant> & { onHand?: number })[],
    fields: Partial<NewProduct> = {},
  ): Promise<ProductDetail> {
    this.made += 1;
    const input = Object.assign(new NewProduct(), {
      name: `Product ${this.made}`,
      brand: 'Aaranya',
      categoryId: this.categoryId,
      ...fields,
      variants: variants.map(({ onHand: _, ...variant }, index) => ({
        size: `S${index}`,
        color: 'Indigo',
        price: 99_900,
        mrp: 149_900,
        ...variant,
      })),
    });
    const made = await this.replica.admin.create(input, adminCall());
    for (const [index, { onHand = 0 }] of variants.entries()) {
      const variantId = made.variants[index]?.id as string;
      if (onHand > 0) await this.replica.stock.setStock({ id: made.id, variantId, onHand }, adminCall());
    }
    return made;
  }

  cards(refs: readonly CardRef[]): Promise<CardList> {
    return this.replica.app.get(ProductHandlers).cards({ refs: [...refs] });
  }

  async stockOf(variantId: string): Promise<{ onHand: number; reserved: number }> {
    const row = await this.replica.database.row<{ onHand: number; reserved: number }>(
      sql`SELECT on_hand AS "onHand", reserved FROM stock WHERE variant_id = ${variantId}`,
    );
    return row as { onHand: number; reserved: number };
  }

  async stop(): Promise<void> {
    for (const { app } of [this.replica, ...this.others]) await app.close();
    await this.redis.kill();
    await this.scratch.drop();
  }
}

/** Beside the bus, with keys of its own. */
const cacheOn = ({ url }: RedisServer): string => `${url}/1`;
