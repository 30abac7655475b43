import pg from 'pg';
import { columnsOf, httpLoad, medianBy, medianLatency, medianTotal, type Sample, sampleOf } from '../load.ts';
import { type Goal, ms, type Scenario } from '../scenario.ts';
import { type Customer, type Shop, taken } from '../shop.ts';

const CONNECTIONS = 8;
const REQUESTS = { quick: 400, full: 1_200 };
const PAGE = 20;
const SIZES = [PAGE, 500] as const;
const LIMIT = 1.1;
const PROCESSES = ['gateway', 'wishlist', 'product', 'postgres', 'redis'];
const caseOf = (size: number): string => `${size} wishes`;

/** A page of a list of wishes, of a short list and of one that is full: with prices and stock as of now. */
export const wishes: Scenario = {
  name: 'wishes',
  topologies: ['separate'],
  stages: async (shop, setting) => {
    const customers = await shop.customers(SIZES.length);
    const lists = new Map<string, { id: string; token: string }>();
    for (const [index, size] of SIZES.entries()) {
      const customer = customers[index];
      if (customer === undefined) throw new Error('too few customers were registered');
      lists.set(caseOf(size), { id: await filled(shop, customer, size), token: customer.token });
    }
    const sample = async (name: string): Promise<Sample> => {
      const list = lists.get(name);
      return sampleOf(shop.pids, () =>
        httpLoad({
          url: shop.url,
          connections: CONNECTIONS,
          seconds: 0,
          requests: Array.from({ length: setting.quick ? REQUESTS.quick : REQUESTS.full }, () => ({
            path: `/api/collections/${list?.id}?limit=${PAGE}`,
          })),
          headers: { authorization: `Bearer ${list?.token}` },
        }),
      );
    };
    const cases = SIZES.map(caseOf);
    return [
      {
        rounds: 4,
        cases,
        warmUp: async () => {
          for (const name of cases) await sample(name);
        },
        sample,
        profile: { processes: ['gateway', 'wishlist', 'product'], work: () => sample(caseOf(500)) },
      },
    ];
  },
  report: (found) => ({
    tables: found.topologies.map((topology) => {
      const processes = columnsOf(found.of(topology, caseOf(500)), PROCESSES);
      return {
        title: `A page of ${PAGE} wishes, ${CONNECTIONS} connections, ${topology}: CPU a request`,
        columns: ['in the list', 'all', ...processes.map(({ title }) => title), 'p99'],
        rows: SIZES.map(caseOf).map((name) => {
          const all = found.of(topology, name);
          const by = medianBy(all);
          return [
            name,
            ms(medianTotal(all)),
            ...processes.map(({ name: process }) => ms(by[process] ?? 0)),
            `${medianLatency(all, 'p99').toFixed(0)} ms`,
          ];
        }),
      };
    }),
    goals: found.topologies.map((topology): Goal => {
      const [few, many] = SIZES.map((size) => medianTotal(found.of(topology, caseOf(size))));
      return {
        what: `a page of 500 wishes against one of ${PAGE}, ${topology}`,
        measured: (many ?? 0) / (few ?? 1),
        limit: LIMIT,
        unit: '×',
      };
    }),
    notes: ['Each page asks product for the cards of its wishes; nothing is cached. p99 is by the clock of a shared machine.'],
  }),
};

/** The id of the customer's default list, with so many variants of the shop on it. */
async function filled(shop: Shop, { api }: Customer, count: number): Promise<string> {
  const { items } = await taken(api.GET('/api/collections/user/{userId}', { params: { path: { userId: 'me' } } }));
  const list = items[0];
  if (list === undefined) throw new Error('the customer has no list');
  const [product, wishlist] = ['product', 'wishlist'].map((name) => new pg.Client(shop.stack.databaseUrl(name as 'product', 'owner'))) as [
    pg.Client,
    pg.Client,
  ];
  await Promise.all([product.connect(), wishlist.connect()]);
  try {
    const { rows } = await product.query<{ id: string; product_id: string }>(
      'SELECT id, product_id FROM variants WHERE withdrawn_at IS NULL ORDER BY id LIMIT $1',
      [count],
    );
    if (rows.length < count) throw new Error(`the shop has ${rows.length} variants only`);
    await wishlist.query(
      `INSERT INTO entries (id, collection_id, user_id, product_id, variant_id, added_price, name, slug)
       SELECT uuidv7(), $1, $2, product_id, variant_id, 99900, 'Kurta', 'kurta' FROM unnest($3::uuid[], $4::uuid[]) AS wish (product_id, variant_id)`,
      [list.id, list.userId, rows.map(({ product_id }) => product_id), rows.map(({ id }) => id)],
    );
    await wishlist.query('VACUUM ANALYZE entries');
  } finally {
    await Promise.all([product.end(), wishlist.end()]);
  }
  return list.id;
}
