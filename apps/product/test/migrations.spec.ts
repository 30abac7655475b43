import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';
import { type Sql, sql } from '#libs/persistence/sql';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/product.migrations.ts';
import { ListingSummaryRepository } from '../src/listing-summary.repository.ts';

/** How many of the migrations the version before had. */
const BEFORE = 4;
const PRODUCTS = 1_200;

let scratch: ScratchDatabase;
let source: DataSource;
let database: Database;
beforeAll(async () => {
  scratch = await scratchDatabase(migrations.slice(0, BEFORE));
  source = await new DataSource(
    databaseOptions({ url: scratch.url, entities: [], migrations, applicationName: 'migrations', poolSize: 2, statementTimeoutMs: 0 }),
  ).initialize();
  database = new Database(source);
});
afterAll(async () => {
  await source?.destroy();
  await scratch?.drop();
});

/** As the version before inserts one. */
const insertProduct = (id: string, slug: string, listed = true): Sql => sql`
  INSERT INTO products (id, slug, name, description, brand, category_id, price, mrp, highest_price, in_stock, listed, withdrawn_at)
  SELECT ${id}::uuid, ${slug}::text, 'Kurta', '', 'Aaranya', categories.id, 500, 600, 900, true, ${listed}::bool, CASE WHEN ${listed}::bool THEN NULL ELSE now() END
  FROM categories ON CONFLICT (slug) DO NOTHING`;

describe('a catalogue of the version before', () => {
  it('gets its cards, the names of what is withdrawn are free, and no two SKUs differ in case alone', async () => {
    const categoryId = uuidv7();
    await database.execute(
      sql`INSERT INTO categories (id, name, slug, path) VALUES (${categoryId}, 'Kurtas', 'kurtas', ARRAY[${categoryId}::uuid])`,
    );
    await database.execute(sql`
      WITH made AS (
        INSERT INTO products (id, slug, name, description, brand, category_id, price, mrp, highest_price, in_stock, listed)
        SELECT gen_random_uuid(), 'kurta-' || n, 'Kurta', '', 'Aaranya', ${categoryId}::uuid, 500, 700, 900, true, true
        FROM generate_series(1, ${PRODUCTS}::int) AS n RETURNING id),
      variants_made AS (
        INSERT INTO variants (id, product_id, sku, size, color, price, mrp, images)
        SELECT gen_random_uuid(), id, id || '-' || n, 'S' || n, 'C' || n, CASE n WHEN 3 THEN 900 ELSE 500 END, 600 + n * 100,
          jsonb_build_array(jsonb_build_object('url', '/' || n || '.jpg', 'alt', ''))
        FROM made, generate_series(1, 3) AS n RETURNING id, size)
      INSERT INTO stock (variant_id, on_hand) SELECT id, CASE size WHEN 'S2' THEN 5 ELSE 0 END FROM variants_made`);
    const withdrawn = uuidv7();
    await database.execute(insertProduct(withdrawn, 'gone', false));
    await database.execute(
      sql`INSERT INTO variants (id, product_id, sku, size, color, price, mrp) VALUES (${uuidv7()}, ${withdrawn}, 'GONE-1', 'M', 'Red', 500, 600)`,
    );

    const [eldest, twin, third] = [uuidv7(), uuidv7(), uuidv7()];
    const live = uuidv7();
    await database.execute(insertProduct(live, 'twins'));
    for (const [id, sku] of [
      [eldest, 'Twin-1'],
      [twin, 'TWIN-1'],
      [third, 'twin-1'],
    ] as const)
      await database.execute(
        sql`INSERT INTO variants (id, product_id, sku, size, color, price, mrp) VALUES (${id}, ${live}, ${sku}, ${id}, 'Red', 500, 600)`,
      );

    await migrate(source);

    const cards = sql`SELECT p.id, p.variant_id, p.mrp, p.cover, v.size FROM products p JOIN variants v ON v.id = p.variant_id ORDER BY p.id`;
    const filled = await database.rows<{ id: string }>(cards);
    expect(filled).toHaveLength(PRODUCTS);
    for (const card of filled) expect(card).toMatchObject({ mrp: 800, cover: { url: '/2.jpg' }, size: 'S2' });
    await database.transaction((tx) =>
      new ListingSummaryRepository().refresh(
        tx,
        filled.map(({ id }) => id),
      ),
    );
    expect(await database.rows(cards)).toEqual(filled);

    const skus = await database.rows<{ id: string; sku: string }>(
      sql`SELECT id, sku FROM variants WHERE id = ANY(${[eldest, twin, third]}::uuid[]) ORDER BY id`,
    );
    expect(skus).toEqual([
      { id: eldest, sku: 'Twin-1' },
      { id: twin, sku: `TWIN-1-${twin.slice(-8)}` },
      { id: third, sku: `twin-1-${third.slice(-8)}` },
    ]);

    // The version before still runs beside this one for a while.
    const late = uuidv7();
    expect(await database.execute(insertProduct(late, 'gone'))).toBe(1);
    expect(await database.execute(insertProduct(uuidv7(), 'gone'))).toBe(0);
    await database.execute(sql`UPDATE products SET highest_price = 50000 WHERE id = ${late}`);
    await database.execute(sql`UPDATE products SET listed = false WHERE id = ${live}`);
    expect(
      await database.rows(sql`SELECT id FROM products WHERE product_card(products) IS DISTINCT FROM
      (SELECT card FROM product_cards WHERE product_id = id)`),
    ).toEqual([]);
    const counted = await database.rows(sql`
      SELECT step, cheapest, dearest FROM listed_counts WHERE cheapest <> 0 OR dearest <> 0 ORDER BY step`);
    expect(counted).toEqual([
      { step: 0, cheapest: PRODUCTS + 1, dearest: PRODUCTS },
      { step: 2, cheapest: 0, dearest: 1 },
    ]);
    expect(
      await database.rows(sql`SELECT 1 FROM variants WHERE sku = 'GONE-1' OR product_id = ${withdrawn} AND withdrawn_at IS NULL`),
    ).toEqual([]);
  });
});
