import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  columnsOf,
  httpLoad,
  medianBy,
  medianLatency,
  medianRate,
  medianTotal,
  type PlainRequest,
  type Sample,
  sampleOf,
} from '../load.ts';
import { type Goal, ms, type Scenario, type Stage, whole } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const CONNECTIONS = 8;
const SEED_LIMIT_MS = 120_000;

const SIZES: readonly number[] = [1_000, 100_000];
const KINDS = ['list', 'list with new facets', 'list with new facets, all categories', 'detail', 'trending'] as const;
const LIMIT_MS = 1.2;
/** Of a list whose facets are counted anew, in the largest catalogue. */
const FACETS_LIMIT_MS = 150;
const MOST_GROWTH = 1.1;
const LEAST_A_SECOND = 1_800;
const PROCESSES = ['gateway', 'product', 'postgres', 'redis', 'redis-cache'];

const caseOf = (kind: (typeof KINDS)[number], products: number): string => `${kind}, ${whole(products)} products`;

/** Pages that no cache has, in a small and in a large catalogue. */
export const catalogue: Scenario = {
  name: 'catalogue',
  stages: async (shop, setting) => {
    let asked = 0;
    // Filling the large one takes minutes, and what Postgres does with it is the same in both topologies.
    const sizes = setting.quick || shop.topology === 'together' ? SIZES.slice(0, 1) : SIZES;
    return sizes.map((products): Stage => {
      const sample = async (name: string): Promise<Sample> => {
        await emptyCache(shop);
        const requests = await requestsOf(shop, name, setting.quick ? 400 : 900, asked);
        asked += requests.length;
        return sampleOf(shop.pids, () => httpLoad({ url: shop.url, connections: CONNECTIONS, seconds: 0, requests }));
      };
      const cases = KINDS.map((kind) => caseOf(kind, products));
      return {
        rounds: 3,
        cases,
        warmUp: async () => {
          await seed(shop, products);
          for (let pass = 0; pass < (setting.quick ? 2 : 3); pass += 1) for (const name of cases) await sample(name);
        },
        sample,
        profile: { processes: ['product', 'gateway'], work: () => sample(caseOf('list', products)) },
      };
    });
  },
  report: (found) => ({
    tables: found.topologies.map((topology) => {
      const cases = found.cases.filter((one) => one.topology === topology).map(({ name }) => name);
      const processes = columnsOf(found.of(topology, cases[0] ?? ''), PROCESSES);
      return {
        title: `Catalogue pages that no cache has, ${CONNECTIONS} connections, ${topology}: CPU a request`,
        columns: ['page', 'all', ...processes.map(({ title }) => title), 'requests/s', 'p50', 'p99'],
        rows: cases.map((name) => {
          const all = found.of(topology, name);
          const by = medianBy(all);
          return [
            name,
            ms(medianTotal(all)),
            ...processes.map(({ name: process }) => ms(by[process] ?? 0)),
            medianRate(all).toFixed(0),
            `${medianLatency(all, 'p50').toFixed(0)} ms`,
            `${medianLatency(all, 'p99').toFixed(0)} ms`,
          ];
        }),
      };
    }),
    goals: found.topologies.flatMap((topology) =>
      SIZES.flatMap((products): Goal[] => {
        const all = found.of(topology, caseOf('list', products));
        if (all.length === 0) return [];
        const said = `${whole(products)} products, ${topology}`;
        const counted = found.of(topology, caseOf('list with new facets, all categories', products));
        const small = found.of(topology, caseOf('list', SIZES[0] ?? products));
        const growth: Goal[] =
          small === all
            ? []
            : [
                {
                  what: `growth of a cold list to ${said}`,
                  measured: medianTotal(all) / medianTotal(small),
                  limit: MOST_GROWTH,
                  unit: '×',
                },
              ];
        return [
          ...growth,
          { what: `a list with new facets, ${said}`, measured: medianTotal(counted), limit: FACETS_LIMIT_MS, unit: 'ms' },
          { what: `a cold list, ${said}`, measured: medianTotal(all), limit: LIMIT_MS, unit: 'ms' },
          { what: `cold lists a second, ${said}`, measured: medianRate(all), limit: LEAST_A_SECOND, unit: '/s', atLeast: true },
        ];
      }),
    ),
    notes: [
      'List: 20 products, newest, each page from another place on, so that neither the gateway nor the service has it; the facets of its filters are counted once a round. With new facets: 20 products of one category with a lowest price that differs at every request, so that totals and facets are counted anew; all categories: the same without one. Detail: each product once. Trending: 20 products, of which people have looked at some thousands, with a limit that differs. The cache is emptied before each round. Requests/s, p50 and p99 are by the clock of a shared machine.',
    ],
  }),
};

async function requestsOf(shop: Shop, name: string, count: number, from: number): Promise<PlainRequest[]> {
  const kind = KINDS.toReversed().find((one) => name.startsWith(one));
  const paths = await pathsOf(kind, shop, count, from);
  return paths.map((path) => ({ path }));
}

function pathsOf(kind: (typeof KINDS)[number] | undefined, shop: Shop, count: number, from: number): string[] | Promise<string[]> {
  if (kind === 'detail') return detailPaths(shop, count);
  if (kind === 'trending') return trendingPaths(shop, count);
  if (kind === 'list') return pagePaths(shop, count);
  return listPaths(shop, count, from, kind === 'list with new facets, all categories');
}

/** Pages that begin behind each of the newest products. */
async function pagePaths(shop: Shop, count: number): Promise<string[]> {
  const paths: string[] = [];
  for (let cursor = ''; paths.length < count; ) {
    const answer = await fetch(`${shop.url}/api/products?limit=1${cursor}`);
    const { nextCursor } = (await answer.json()) as { nextCursor: string | null };
    if (nextCursor === null) break;
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
    paths.push(`/api/products?limit=20${cursor}`);
  }
  return paths;
}

/** Of what two thousand people have looked at. */
async function trendingPaths(shop: Shop, count: number): Promise<string[]> {
  await rowsOf(
    shop,
    `INSERT INTO interests (product_id, person, kind, hour)
     SELECT p.id, uuidv7(), 'view', date_trunc('hour', now()) FROM (SELECT id FROM products ORDER BY random() LIMIT 2000) AS p ON CONFLICT DO NOTHING`,
    [],
  );
  return Array.from(
    { length: count },
    (_, index) => `/api/products/trending?limit=${20 + (index % 2)}&window=${index % 4 < 2 ? '24h' : '7d'}`,
  );
}

/** @throws Error when it takes too long. */
export async function seed(shop: Shop, products: number): Promise<void> {
  const file = join(shop.code.root, 'dist', 'libs', 'runtime', 'seed.js');
  await promisify(execFile)(process.execPath, [file, 'product'], {
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
async function listPaths(shop: Shop, count: number, from: number, ofAllCategories: boolean): Promise<string[]> {
  const price = (index: number): number => 100 + from + index;
  if (ofAllCategories) return Array.from({ length: count }, (_, index) => `/api/products?minPrice=${price(index)}&limit=20`);
  const categories = await rowsOf<{ slug: string }>(
    shop,
    'SELECT c.slug FROM categories c JOIN products p ON p.category_id = c.id GROUP BY c.slug HAVING count(*) >= 20 ORDER BY count(*) DESC LIMIT 16',
    [],
  );
  return Array.from(
    { length: count },
    (_, index) => `/api/products?category=${categories[index % categories.length]?.slug}&minPrice=${price(index)}&limit=20`,
  );
}

async function detailPaths(shop: Shop, count: number): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(shop, 'SELECT id FROM products ORDER BY random() LIMIT $1', [count]);
  return rows.map(({ id }) => `/api/products/${id}`);
}

export async function emptyCache(shop: Shop): Promise<void> {
  const redis = new Redis(shop.stack.redisUrls.cache);
  await redis.flushall();
  redis.disconnect();
  // The gateway keeps its copies for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
}
