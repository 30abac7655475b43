import { randomUUID } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Call } from '#libs/contracts/call';
import { NewProduct, type NewVariant } from '#libs/contracts/product/api';
import type { ProductDetail } from '#libs/contracts/product/views';
import { BusServer } from '#libs/messaging/bus-server';
import { Database } from '#libs/persistence/database';
import { migrate } from '#libs/persistence/migrations';
import { sql } from '#libs/persistence/sql';
import { RedisServer } from '#libs/testing/redis-server';
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

/** One replica of the product service; several may share a database. */
export class Replica {
  private constructor(readonly module: TestingModule) {}

  static async start(databaseUrl: string, cacheUrl: string): Promise<Replica> {
    const { TEST_REDIS_URL } = process.env;
    Object.assign(process.env, {
      LOG_LEVEL: 'silent',
      BUS_SECRET: 'a secret for tests that nobody else has',
      PRODUCT_DATABASE_URL: databaseUrl,
      REDIS_URL: TEST_REDIS_URL,
      REDIS_CACHE_URL: cacheUrl,
    });
    return new Replica(await Test.createTestingModule({ imports: [ProductModule] }).compile());
  }

  get shop(): ProductHandlers {
    return this.module.get(ProductHandlers);
  }
  get admin(): ProductAdminHandlers {
    return this.module.get(ProductAdminHandlers);
  }
  get categories(): CategoryHandlers {
    return this.module.get(CategoryHandlers);
  }
  get stock(): StockHandlers {
    return this.module.get(StockHandlers);
  }
  get reservations(): ReservationHandlers {
    return this.module.get(ReservationHandlers);
  }
  get database(): Database {
    return this.module.get(Database);
  }

  async stop(): Promise<void> {
    await this.module.close();
    await this.module.get(BusServer).close();
  }
}

/** A database and a cache of this suite alone (suites that run beside it would renew the generation under its feet), and one replica on them. */
export class ProductFixture {
  private readonly others: Replica[] = [];
  private made = 0;

  private constructor(
    private readonly superuser: string,
    private readonly name: string,
    readonly url: string,
    readonly cache: RedisServer,
    readonly replica: Replica,
    readonly categoryId: string,
  ) {}

  static async start(): Promise<ProductFixture> {
    const superuser = process.env.TEST_DATABASE_URL;
    if (superuser === undefined) throw new Error('TEST_DATABASE_URL is missing: run npm test');
    const name = `product_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
    await asSuperuser(superuser, `CREATE DATABASE ${name}`);
    const url = new URL(superuser);
    url.pathname = `/${name}`;
    const { migrations } = await import('../migrations/product.migrations.ts');
    const source = await new DataSource({ type: 'postgres', url: url.href, migrations }).initialize();
    await migrate(source);
    await source.destroy();
    const cache = await RedisServer.start();
    const replica = await Replica.start(url.href, cache.url);
    const category = await replica.categories.createCategory({ name: 'Kurtas' }, adminCall());
    return new ProductFixture(superuser, name, url.href, cache, replica, category.id);
  }

  async another(cacheUrl = this.cache.url): Promise<Replica> {
    const replica = await Replica.start(this.url, cacheUrl);
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

  async stockOf(variantId: string): Promise<{ onHand: number; reserved: number }> {
    const row = await this.replica.database.row<{ onHand: number; reserved: number }>(
      sql`SELECT on_hand AS "onHand", reserved FROM stock WHERE variant_id = ${variantId}`,
    );
    return row as { onHand: number; reserved: number };
  }

  async stop(): Promise<void> {
    for (const replica of [this.replica, ...this.others]) await replica.stop();
    await this.cache.kill();
    await asSuperuser(this.superuser, `DROP DATABASE ${this.name} WITH (FORCE)`);
  }
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
