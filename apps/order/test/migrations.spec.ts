import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';
import { sql } from '#libs/persistence/sql';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { SearchWords1764000900000 } from '../migrations/1764000900000-search-words.ts';
import { migrations } from '../migrations/order.migrations.ts';

/** More than a batch. */
const ORDERS = 1_100;

let scratch: ScratchDatabase;
let source: DataSource;
let database: Database;
beforeAll(async () => {
  scratch = await scratchDatabase(migrations.slice(0, (migrations as (new () => object)[]).indexOf(SearchWords1764000900000)));
  source = await new DataSource(
    databaseOptions({ url: scratch.url, entities: [], migrations, applicationName: 'migrations', poolSize: 2, statementTimeoutMs: 0 }),
  ).initialize();
  database = new Database(source);
});
afterAll(async () => {
  await source?.destroy();
  await scratch?.drop();
});

/** As the version before places them. */
const place = (count: number, name: string): Promise<number> =>
  database.execute(sql`
    INSERT INTO orders (id, number, user_id, status, payment_status, payment_method, holds_cart, subtotal, discount, shipping_fee, cod_fee,
      cgst, sgst, igst, total, currency, shipping_address, timeline, expires_at)
    SELECT uuidv7(), 'OU-' || ${name}::text || '-' || n, ${uuidv7()}::uuid, 'confirmed', 'paid', 'razorpay', true, 100, 0, 0, 0, 0, 0, 0, 100, 'INR',
      jsonb_build_object('name', ${name}::text, 'phone', '+91900000' || n), '[]', now()
    FROM generate_series(1, ${count}::int) AS n`);

describe('orders of the version before', () => {
  it('can be found by number, name, phone and method, those placed beside this version too', async () => {
    await place(ORDERS, 'Meera');
    await migrate(source);
    await place(1, 'Arjun');
    const unfound = sql`
      SELECT id FROM orders o LEFT JOIN order_search s ON s.order_id = o.id
      WHERE (s.order_number, s.name, s.phone, s.method)
        IS DISTINCT FROM (o.number, lower(o.shipping_address ->> 'name'), o.shipping_address ->> 'phone', o.payment_method)`;
    expect(await database.rows(unfound)).toEqual([]);
    await database.execute(sql`DELETE FROM orders WHERE number = 'OU-Arjun-1'`);
    expect(await database.row(sql`SELECT count(*) FROM order_search`)).toEqual({ count: ORDERS });
  });
});
