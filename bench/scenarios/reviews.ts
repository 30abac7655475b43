import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { columnsOf, httpLoad, medianBy, medianLatency, medianTotal, type Sample, sampleOf } from '../load.ts';
import { type Found, type Goal, ms, type Scenario, type Setting, type Stage, whole } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const CONNECTIONS = 8;
const LIMIT = 1.1;
const PROCESSES = ['gateway', 'review', 'postgres', 'redis'];

/** Reviews in all, and of the product that is read. */
const sizesOf = (setting: Setting): readonly { all: number; own: number }[] => [
  { all: 1_000, own: 1_000 },
  setting.quick ? { all: 50_000, own: 5_000 } : { all: 1_000_000, own: 50_000 },
];
const caseOf = ({ all, own }: { all: number; own: number }): string => `${whole(own)} of ${whole(all)}`;

const SORTS = ['helpful', 'newest', 'rating_high', 'rating_low'] as const;
/** Pages of 20 that a reader goes through in each sort; each is asked for with limits of its own, so that no answer is kept. */
const PAGES = 10;
const LIMITS = [...Array(30).keys()].map((index) => 10 + index);

/** Pages of a product's reviews with their summary, while there are few and many. */
export const reviews: Scenario = {
  name: 'reviews',
  topologies: ['separate'],
  shop: { only: ['gateway', 'review'] },
  stages: async (shop, setting) => {
    const productId = uuidv7();
    let stored = { all: 0, own: 0 };
    return sizesOf(setting).map((size): Stage => {
      let paths: string[] = [];
      const sample = async (): Promise<Sample> => {
        return sampleOf(shop.pids, () => {
          const requests = paths.map((path) => ({ path }));
          return httpLoad({ url: shop.url, connections: CONNECTIONS, seconds: 0, requests, headers: {} });
        });
      };
      return {
        rounds: 4,
        cases: [caseOf(size)],
        warmUp: async () => {
          await store(shop, productId, { own: size.own - stored.own, others: size.all - size.own - (stored.all - stored.own) });
          stored = size;
          paths = await pathsOf(shop, productId);
          await sample();
        },
        sample,
      };
    });
  },
  report: (found) => ({ tables: [tableOf(found)], goals: goalsOf(found), notes: NOTES }),
};

const NOTES = [
  'Each request asks for another page: four sorts, ten pages deep, 10 to 39 reviews. With it comes the summary of all reviews of the product.',
];

async function pathsOf({ url }: Shop, productId: string): Promise<string[]> {
  const base = `/api/reviews/product/${productId}`;
  const pages: string[] = [];
  for (const sort of SORTS) {
    let cursor = '';
    for (let page = 0; page < PAGES; page += 1) {
      pages.push(`${base}?sort=${sort}${cursor}`);
      const answer = await fetch(`${url}${base}?sort=${sort}&limit=20${cursor}`);
      const { nextCursor } = (await answer.json()) as { nextCursor: string };
      cursor = `&cursor=${nextCursor}`;
    }
  }
  return LIMITS.flatMap((limit) => pages.map((page) => `${page}&limit=${limit}`));
}

function tableOf(found: Found) {
  const cases = found.cases.map(({ name }) => name);
  const processes = columnsOf(found.of('separate', cases[0] ?? ''), PROCESSES);
  return {
    title: `A page of a product's reviews with the summary, ${CONNECTIONS} connections: CPU a request`,
    columns: ['of the product, of all', 'all', ...processes.map(({ title }) => title), 'p99'],
    rows: cases.map((name) => {
      const all = found.of('separate', name);
      const by = medianBy(all);
      return [
        name,
        ms(medianTotal(all)),
        ...processes.map(({ name: process }) => ms(by[process] ?? 0)),
        `${medianLatency(all, 'p99').toFixed(0)} ms`,
      ];
    }),
  };
}

function goalsOf(found: Found): Goal[] {
  const [few, many] = found.cases.map(({ name }) => name);
  if (few === undefined || many === undefined) return [];
  const measured = medianTotal(found.of('separate', many)) / medianTotal(found.of('separate', few));
  return [{ what: `a page of reviews at ${many} against ${few}`, measured, limit: LIMIT, unit: '×' }];
}

/** Reviews as the service would have written them; the sums are counted once, for a trigger would count each. */
async function store(shop: Shop, productId: string, { own, others }: { own: number; others: number }): Promise<void> {
  const database = new pg.Client(shop.stack.databaseUrl('review', 'owner'));
  await database.connect();
  try {
    await database.query('ALTER TABLE reviews DISABLE TRIGGER USER');
    await insert(database, `'${productId}'::uuid`, own);
    // Some twenty of each other product.
    await insert(database, `('01980000-0000-7000-8000-' || lpad(to_hex(n / 20), 12, '0'))::uuid`, others);
    await database.query('ALTER TABLE reviews ENABLE TRIGGER USER');
    await database.query(SUMS);
    await database.query('VACUUM ANALYZE reviews');
  } finally {
    await database.end();
  }
}

const BODY = 'Soft cotton, and the colour is the one of the picture. Washed twice and still as new. '.repeat(3);

async function insert(database: pg.Client, product: string, count: number): Promise<void> {
  await database.query(
    `INSERT INTO reviews (id, product_id, user_id, author, rating, body, fit, verified, size, status, helpful_votes, unhelpful_votes)
     SELECT uuidv7(), ${product}, gen_random_uuid(), 'Asha R.', 1 + n % 5, $1, (ARRAY['small', 'true', 'large'])[1 + n % 3], n % 2 = 0, 'M', 'approved',
       n % 40, n % 7
     FROM generate_series(1, $2::int) AS n`,
    [BODY, count],
  );
}

const SUMS = `
  INSERT INTO summaries (product_id, stars_1, stars_2, stars_3, stars_4, stars_5, fit_small, fit_true, fit_large)
  SELECT product_id, count(*) FILTER (WHERE rating = 1), count(*) FILTER (WHERE rating = 2), count(*) FILTER (WHERE rating = 3),
    count(*) FILTER (WHERE rating = 4), count(*) FILTER (WHERE rating = 5), count(*) FILTER (WHERE fit = 'small'),
    count(*) FILTER (WHERE fit = 'true'), count(*) FILTER (WHERE fit = 'large')
  FROM reviews GROUP BY product_id
  ON CONFLICT (product_id) DO UPDATE SET stars_1 = excluded.stars_1, stars_2 = excluded.stars_2, stars_3 = excluded.stars_3,
    stars_4 = excluded.stars_4, stars_5 = excluded.stars_5, fit_small = excluded.fit_small, fit_true = excluded.fit_true,
    fit_large = excluded.fit_large`;
