import pg from 'pg';
import { columnsOf, httpLoad, medianBy, medianLatency, medianTotal, type Sample, sampleOf } from '../load.ts';
import { type Goal, ms, type Scenario, type Setting, type Stage, whole } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const CONNECTIONS = 8;
const REQUESTS = 1_200;
const PAGE = 20;
/** Orders of the customer who looks; the rest belongs to others. */
const OWN = 200;
const LIMIT = 1.1;

const PROCESSES = ['gateway', 'order', 'postgres', 'redis'];

const sizesOf = (setting: Setting): readonly number[] => (setting.quick ? [1_000, 50_000] : [1_000, 1_000_000]);
const caseOf = (orders: number): string => `${whole(orders)} orders`;

/** A customer's order history, while the shop has few and many orders. */
export const orderHistory: Scenario = {
  name: 'order-history',
  // What Postgres does is the same in both.
  topologies: ['separate'],
  stages: async (shop, setting) => {
    const [customer] = await shop.customers(1);
    if (customer === undefined) throw new Error('no customer could be registered');
    const { id: userId } = await customer.buyer.ask<{ id: string }>('GET', '/api/auth/me');
    let stored = 0;
    return sizesOf(setting).map((size): Stage => {
      const sample = async (): Promise<Sample> => {
        return sampleOf(shop.pids, () =>
          httpLoad({
            url: shop.url,
            connections: CONNECTIONS,
            seconds: 0,
            requests: Array.from({ length: REQUESTS }, () => ({ path: `/api/orders/user/me?limit=${PAGE}` })),
            headers: { authorization: `Bearer ${customer.token}` },
          }),
        );
      };
      return {
        rounds: 4,
        cases: [caseOf(size)],
        warmUp: async () => {
          await store(shop, userId, stored === 0 ? OWN : 0, size - stored);
          stored = size;
          await sample();
        },
        sample,
      };
    });
  },
  report: (found) => ({
    tables: found.topologies.map((topology) => {
      const cases = found.cases.filter((one) => one.topology === topology).map(({ name }) => name);
      const processes = columnsOf(found.of(topology, cases[0] ?? ''), PROCESSES);
      return {
        title: `A page of ${PAGE} orders of one customer, ${CONNECTIONS} connections, ${topology}: CPU a request`,
        columns: ['stored', 'all', ...processes.map(({ title }) => title), 'p99'],
        rows: cases.map((name) => {
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
    goals: found.topologies.flatMap((topology): Goal[] => {
      const [few, many] = found.cases.filter((one) => one.topology === topology).map(({ name }) => name);
      if (few === undefined || many === undefined) return [];
      const ratio = medianTotal(found.of(topology, many)) / medianTotal(found.of(topology, few));
      return [{ what: `order history at ${many} against ${few}, ${topology}`, measured: ratio, limit: LIMIT, unit: '×' }];
    }),
    notes: [
      `The customer has ${OWN} orders of two lines; all others belong to as many customers as there are orders. p99 is by the clock of a shared machine.`,
    ],
  }),
};

/** Orders as the service would have written them; the first `own` of them are this user's. */
async function store(shop: Shop, userId: string, own: number, count: number): Promise<void> {
  const database = new pg.Client(shop.stack.databaseUrl('order', 'owner'));
  await database.connect();
  try {
    await insertOrders(database, userId, own, count);
    await database.query('VACUUM ANALYZE orders, order_items');
  } finally {
    await database.end();
  }
}

async function insertOrders(database: pg.Client, userId: string, own: number, count: number): Promise<void> {
  await database.query(
    `WITH placed AS (
       INSERT INTO orders (id, number, user_id, status, payment_status, payment_method, cart_version, holds_cart, subtotal, discount, shipping_fee, cod_fee,
         cgst, sgst, igst, total, received, currency, shipping_address, timeline, expires_at)
       SELECT uuidv7(), 'BENCH-' || gen_random_uuid(), CASE WHEN n <= $2 THEN $1::uuid ELSE gen_random_uuid() END, 'confirmed', 'paid', 'razorpay', NULL, true, 259800, 0, 0, 0,
         6186, 6186, 0, 259800, 259800, 'INR', $3::jsonb, $4::jsonb, now()
       FROM generate_series(1, $5::int) AS n RETURNING id)
     INSERT INTO order_items (id, order_id, position, product_id, variant_id, name, sku, size, color, hsn, gst_rate, unit_price, quantity, discount, tax, total)
     SELECT uuidv7(), placed.id, line, gen_random_uuid(), gen_random_uuid(), 'Kurta', 'KURTA-M', 'M', 'Indigo', '6211', 5, 129900, 1, 0, 6186, 129900
     FROM placed, generate_series(0, 1) AS line`,
    [
      userId,
      own,
      JSON.stringify({
        name: 'Bench',
        phone: '+919876543210',
        line1: '14, 3rd Cross',
        city: 'Bengaluru',
        state: 'Karnataka',
        pincode: '560038',
        country: 'IN',
      }),
      JSON.stringify([{ status: 'confirmed', at: '2026-11-24T10:00:00.000Z', actor: 'payment' }]),
      count,
    ],
  );
}
