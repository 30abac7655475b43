import pg from 'pg';
import { type Cost, costOf, httpLoad, median, medianBy, medianTotal } from '../load.ts';
import { type Findings, ms, type Setting } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const CONNECTIONS = 8;
const REQUESTS = 1_200;
const PAGE = 20;
/** Orders of the customer who looks; the rest belongs to others. */
const OWN = 200;
const LIMIT = 1.1;

/** A customer's order history, while the shop has few and many orders. */
export async function orderHistory(setting: Setting, shop: Shop): Promise<Findings> {
  const sizes = setting.quick ? [1_000, 50_000] : [1_000, 1_000_000];
  const [customer] = await shop.customers(1);
  if (customer === undefined) throw new Error('no customer could be registered');
  const { id: userId } = (await (
    await fetch(`${shop.url}/api/auth/me`, { headers: { authorization: `Bearer ${customer.token}` } })
  ).json()) as { id: string };
  const database = new pg.Client(shop.stack.databaseUrl('order', 'owner'));
  await database.connect();
  const rows: string[][] = [];
  const totals: number[] = [];
  try {
    let stored = 0;
    for (const size of sizes) {
      await store(database, userId, stored === 0 ? OWN : 0, size - stored);
      stored = size;
      const costs: Cost[] = [];
      const latencies: number[] = [];
      // The first round warms up.
      for (let round = 0; round < 5; round += 1) {
        const cost = await costOf(shop.pids, async () => {
          const load = await httpLoad({
            url: shop.url,
            connections: CONNECTIONS,
            seconds: 0,
            paths: Array.from({ length: REQUESTS }, () => `/api/orders/user/me?limit=${PAGE}`),
            headers: { authorization: `Bearer ${customer.token}` },
          });
          latencies.push(load.p99);
          return load.requests;
        });
        if (round > 0) costs.push(cost);
      }
      const by = medianBy(costs);
      totals.push(medianTotal(costs));
      rows.push([
        size.toLocaleString('en-IN'),
        ms(medianTotal(costs)),
        ...['gateway', 'order', 'postgres', 'redis'].map((name) => ms(by[name] ?? 0)),
        `${median(latencies.slice(1)).toFixed(0)} ms`,
      ]);
    }
  } finally {
    await database.end();
  }
  const [few = 0, many = 0] = totals;
  return {
    tables: [
      {
        title: `A page of ${PAGE} orders of one customer, ${CONNECTIONS} connections, CPU a request`,
        columns: ['orders stored', 'all', 'gateway', 'order', 'Postgres', 'Redis', 'p99'],
        rows,
      },
    ],
    goals: [
      {
        what: `order history at ${sizes[1]?.toLocaleString('en-IN')} orders against ${sizes[0]?.toLocaleString('en-IN')}`,
        measured: many / few,
        limit: LIMIT,
        unit: '×',
      },
    ],
    notes: [
      `The customer has ${OWN} orders of two lines; all others belong to as many customers as there are orders. p99 is wall-clock time of a shared machine.`,
    ],
  };
}

/** Orders as the service would have written them; the first `own` of them are this user's. */
async function store(database: pg.Client, userId: string, own: number, count: number): Promise<void> {
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
  await database.query('VACUUM ANALYZE orders, order_items');
}
