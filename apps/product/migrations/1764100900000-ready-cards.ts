import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, createTable, overAllRows } from '#libs/persistence/migration-steps';

/** Products a statement: none waits for another writer, and none is waited for. */
const BATCH = 1_000;
/** Paise that a step of the counts is wide. `listing-counts.repository.ts` counts in the same steps. */
const STEP = 20_000;

/**
 * What a card says is kept as JSON beside the product, and how many products are listed at which price is kept in steps. Both are kept by
 * triggers, so that they are right whichever version of the service writes.
 */
export class ReadyCards1764100900000 implements MigrationInterface {
  /** The tables and triggers are one short transaction, the cards of what is there come in batches; a run that was cut off goes on. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // Edits of the catalogue wait while the products are counted, some tenths of a second with 100,000; reads and sales go on.
    await createTable(runner, 'product_cards', STATEMENTS);
    // The rest of a step, where a lowest price lies within it.
    await buildIndex(runner, 'products_category_highest', 'products (category_id, highest_price) WHERE listed');
    // Where an edit comes first, its card is newer and stays.
    await overAllRows(
      runner,
      BATCH,
      `WITH batch AS (SELECT p.id FROM products p WHERE p.id > $1 ORDER BY p.id LIMIT $2), made AS (
         INSERT INTO product_cards (product_id, card)
         SELECT p.id, product_card(p) FROM products p WHERE p.id IN (SELECT id FROM batch) ON CONFLICT DO NOTHING)
       SELECT (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last`,
    );
    await runner.query('ANALYZE product_cards');
    await runner.query('ANALYZE listed_counts');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER products_keep_their_cards ON products');
    for (const name of ['inserted', 'updated', 'deleted']) await runner.query(`DROP TRIGGER products_count_${name} ON products`);
    await runner.query('DROP FUNCTION keep_card(), count_inserted(), count_changed(), product_card(products)');
    await runner.query('DROP INDEX products_category_highest');
    await runner.query('DROP TABLE product_cards, listed_counts');
  }
}

/** Its fields are those of `Product` in the contract. The card's own picture comes first; which colour a picture shows stays inside. */
const CARD = `
  CREATE FUNCTION product_card(p products) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '{"id":' || to_json(p.id)::text || ',"slug":' || to_json(p.slug)::text || ',"name":' || to_json(p.name)::text
      || ',"description":' || to_json(p.description)::text || ',"brand":' || to_json(p.brand)::text
      || ',"categoryId":' || coalesce(to_json(p.category_id)::text, 'null')
      || ',"images":' || coalesce((
        SELECT '[' || string_agg('{"url":' || (picture -> 'url')::text || ',"alt":' || coalesce((picture -> 'alt')::text, '""') || '}', ',' ORDER BY place) || ']'
        FROM (
          SELECT p.cover AS picture, 0 AS place WHERE jsonb_typeof(p.cover) = 'object'
          UNION ALL
          SELECT picture, place FROM jsonb_array_elements(p.images) WITH ORDINALITY AS pictures (picture, place)
          WHERE picture ->> 'url' IS DISTINCT FROM p.cover ->> 'url') AS shown), '[]')
      || ',"variantId":' || coalesce(to_json(p.variant_id)::text, 'null')
      || ',"price":' || p.price || ',"priceVaries":' || CASE WHEN p.highest_price > p.price THEN 'true' ELSE 'false' END
      || ',"mrp":' || p.mrp || ',"currency":"INR","rating":{"average":' || trim_scale(p.rating_average)
      || ',"count":' || p.rating_count || '},"inStock":' || CASE WHEN p.in_stock THEN 'true' ELSE 'false' END
      || ',"attributes":' || p.attributes::text || ',"hsn":' || coalesce(to_json(p.hsn)::text, 'null')
      || ',"countryOfOrigin":' || coalesce(to_json(p.country_of_origin)::text, 'null')
      || ',"createdAt":"' || to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}'
  $$`;

/** As the tables' owner: a version of the service from before has no rights on them. */
const AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = 'public', 'pg_temp'";

/** In the order of their keys, so that two edits at once do not wait for each other's row. */
const ADD = `
  INSERT INTO listed_counts AS counted (category_id, step, cheapest, dearest)
  SELECT category_id, step, sum(cheapest), sum(dearest) FROM changes GROUP BY category_id, step
  HAVING sum(cheapest) <> 0 OR sum(dearest) <> 0 ORDER BY category_id, step
  ON CONFLICT (category_id, step) DO UPDATE
    SET cheapest = counted.cheapest + excluded.cheapest, dearest = counted.dearest + excluded.dearest;`;

const changesOf = (rows: string, by: number): string => `
  SELECT category_id, price / ${STEP} AS step, ${by} AS cheapest, 0 AS dearest FROM ${rows} WHERE listed
  UNION ALL SELECT category_id, highest_price / ${STEP}, 0, ${by} FROM ${rows} WHERE listed`;

const STATEMENTS = [
  'LOCK TABLE products IN SHARE ROW EXCLUSIVE MODE',
  `CREATE TABLE product_cards (
    product_id uuid PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
    -- What lists show of the product, as it leaves.
    card text NOT NULL
  )`,
  // Compressed, or kept elsewhere, each of a page's twenty cards would cost more than all the rest of the list.
  'ALTER TABLE product_cards ALTER COLUMN card SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160)',
  CARD,
  `CREATE FUNCTION keep_card() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      INSERT INTO product_cards (product_id, card) VALUES (NEW.id, product_card(NEW))
      ON CONFLICT (product_id) DO UPDATE SET card = excluded.card;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER products_keep_their_cards
    AFTER INSERT OR UPDATE OF slug, name, description, brand, category_id, images, attributes, hsn, country_of_origin, variant_id, cover,
      price, mrp, highest_price, in_stock, rating_average, rating_count, created_at ON products
    FOR EACH ROW EXECUTE FUNCTION keep_card()`,
  `CREATE TABLE listed_counts (
    category_id uuid NOT NULL,
    -- Prices are counted in steps: step n begins at n times ${STEP} paise.
    step bigint NOT NULL,
    -- Listed products whose cheapest live variant costs that much, and whose dearest does.
    cheapest integer NOT NULL,
    dearest integer NOT NULL,
    PRIMARY KEY (category_id, step)
  ) WITH (fillfactor = 50)`,
  `WITH changes AS (${changesOf('products', 1)}) ${ADD}`,
  `CREATE FUNCTION count_inserted() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      WITH changes AS (${changesOf('made', 1)}) ${ADD}
      RETURN NULL;
    END $$`,
  `CREATE FUNCTION count_changed() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      WITH before AS (SELECT OLD.category_id, OLD.price, OLD.highest_price, OLD.listed),
      after AS (SELECT NEW.category_id, NEW.price, NEW.highest_price, NEW.listed WHERE TG_OP = 'UPDATE'),
      changes AS (${changesOf('before', -1)} UNION ALL ${changesOf('after', 1)}) ${ADD}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER products_count_inserted AFTER INSERT ON products
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION count_inserted()`,
  `CREATE TRIGGER products_count_updated AFTER UPDATE OF listed, category_id, price, highest_price ON products FOR EACH ROW
    WHEN ((OLD.listed, OLD.category_id, OLD.price, OLD.highest_price) IS DISTINCT FROM (NEW.listed, NEW.category_id, NEW.price, NEW.highest_price))
    EXECUTE FUNCTION count_changed()`,
  'CREATE TRIGGER products_count_deleted AFTER DELETE ON products FOR EACH ROW EXECUTE FUNCTION count_changed()',
];
