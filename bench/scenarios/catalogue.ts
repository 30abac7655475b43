import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { cloneRoot } from '#libs/runtime/project-root';
import { type Cost, costOf, httpLoad, median, medianBy, medianTotal } from '../load.ts';
import { profiled } from '../profiler.ts';
import { type Findings, ms, type Setting } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const CONNECTIONS = 8;
const SEED_LIMIT_MS = 120_000;

/** Pages that no cache has, in a small and in a large catalogue. */
export async function catalogue(setting: Setting, shop: Shop): Promise<Findings> {
  const rows: string[][] = [];
  const failed: string[] = [];
  let profiles: Findings['profiles'];
  for (const products of setting.quick ? [1_000] : [1_000, 100_000]) {
    const said = products.toLocaleString('en-IN');
    if (!(await seed(shop, products))) {
      failed.push(`${said} products: filling the catalogue took longer than ${SEED_LIMIT_MS / 1_000} s`);
      continue;
    }
    for (const kind of ['list', 'detail'] as const) rows.push(await measured(setting, shop, products, kind));
    if (setting.profile) {
      const paths = [...(await listPaths(shop, 600, 9_000)), ...(await detailPaths(shop, 600))];
      profiles = await profiled(
        [shop.stack.process('product')],
        async () => void (await httpLoad({ url: shop.url, connections: CONNECTIONS, seconds: 0, paths })),
      );
    }
  }
  return {
    tables: [
      {
        title: `Catalogue pages that no cache has, ${CONNECTIONS} connections, CPU a request`,
        columns: ['products', 'page', 'all', 'gateway', 'product', 'Postgres', 'Redis', 'p50', 'p99'],
        rows,
      },
    ],
    goals: [],
    notes: [
      'List: 20 products of one category, newest, with a lowest price that differs at every request, so that neither the gateway nor the service has the page and the totals are counted anew. Detail: each product once. The cache is emptied before each round. p50 and p99 are wall-clock times of a shared machine.',
    ],
    failed,
    ...(profiles === undefined ? {} : { profiles }),
  };
}

async function measured(setting: Setting, shop: Shop, products: number, kind: 'list' | 'detail'): Promise<string[]> {
  const requests = setting.quick ? 400 : 900;
  const costs: Cost[] = [];
  const latencies: { p50: number; p99: number }[] = [];
  // The first round warms up.
  for (let round = 0; round < 4; round += 1) {
    await emptyCache(shop);
    const paths = kind === 'list' ? await listPaths(shop, requests, round * requests) : await detailPaths(shop, requests);
    const cost = await costOf(shop.pids, async () => {
      const load = await httpLoad({ url: shop.url, connections: CONNECTIONS, seconds: 0, paths });
      latencies.push(load);
      return load.requests;
    });
    if (round > 0) costs.push(cost);
  }
  const by = medianBy(costs);
  const steady = latencies.slice(1);
  return [
    products.toLocaleString('en-IN'),
    kind,
    ms(medianTotal(costs)),
    ...['gateway', 'product', 'postgres'].map((name) => ms(by[name] ?? 0)),
    ms((by.redis ?? 0) + (by['redis-cache'] ?? 0)),
    `${median(steady.map(({ p50 }) => p50)).toFixed(0)} ms`,
    `${median(steady.map(({ p99 }) => p99)).toFixed(0)} ms`,
  ];
}

/** False when it took too long. */
async function seed(shop: Shop, products: number): Promise<boolean> {
  const file = join(cloneRoot(), 'dist', 'libs', 'runtime', 'seed.js');
  const seeding = promisify(execFile)(process.execPath, [file, 'product'], {
    timeout: SEED_LIMIT_MS,
    env: {
      PATH: process.env.PATH ?? '',
      APP: 'product',
      SEED_PRODUCTS: String(products),
      PRODUCT_DATABASE_URL: shop.stack.databaseUrl('product', 'owner'),
      BUS_SECRET: shop.stack.secrets.BUS_SECRET,
      REDIS_URL: shop.stack.redisUrls.bus,
    },
  });
  return seeding.then(
    () => true,
    (error: { killed?: boolean }) => {
      if (error.killed === true) return false;
      throw error;
    },
  );
}

async function rowsOf<T extends object>(shop: Shop, text: string, values: readonly unknown[]): Promise<T[]> {
  const client = new pg.Client(shop.stack.databaseUrl('product', 'owner'));
  await client.connect();
  try {
    return (await client.query<T>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** Filters that all differ; the prices are below those of almost all products, so that pages stay full. */
async function listPaths(shop: Shop, count: number, from: number): Promise<string[]> {
  const categories = await rowsOf<{ slug: string }>(
    shop,
    'SELECT c.slug FROM categories c JOIN products p ON p.category_id = c.id GROUP BY c.slug HAVING count(*) >= 20 ORDER BY count(*) DESC LIMIT 16',
    [],
  );
  return Array.from(
    { length: count },
    (_, index) => `/api/products?category=${categories[index % categories.length]?.slug}&minPrice=${100 + from + index}&limit=20`,
  );
}

async function detailPaths(shop: Shop, count: number): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(shop, 'SELECT id FROM products ORDER BY random() LIMIT $1', [count]);
  return rows.map(({ id }) => `/api/products/${id}`);
}

async function emptyCache(shop: Shop): Promise<void> {
  const redis = new Redis(shop.stack.redisUrls.cache);
  await redis.flushall();
  redis.disconnect();
  // The gateway keeps its copies for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
}
