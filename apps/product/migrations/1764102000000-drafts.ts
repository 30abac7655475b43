import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, createTable } from '#libs/persistence/migration-steps';

/**
 * Products may be drafts, and prices that were have a history. What is there stays published: a default that is a constant rewrites no row.
 * Triggers keep both, so that the version before, which knows of neither, lists no draft and forgets no price.
 */
export class Drafts1764102000000 implements MigrationInterface {
  /** The table comes with its triggers in one short transaction, the indexes beside the writers. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'past_prices', STATEMENTS);
    // The staff's list, which has drafts and what has no variant too; and the product that a row of an import is about.
    await buildIndex(runner, 'products_by_age', 'products (created_at, id) WHERE withdrawn_at IS NULL');
    await buildIndex(runner, 'products_by_name', 'products (lower(name), lower(brand)) WHERE withdrawn_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX products_by_age, products_by_name');
    await runner.query('DROP TRIGGER products_drafts_are_unlisted ON products');
    await runner.query('DROP TRIGGER products_end_their_prices ON products');
    await runner.query('DROP TRIGGER variants_keep_past_prices ON variants');
    await runner.query('DROP FUNCTION leave_draft_unlisted(), end_prices(), keep_past_price()');
    await runner.query('DROP TABLE past_prices');
    await runner.query('ALTER TABLE products DROP COLUMN published');
    await runner.query('ALTER TABLE categories DROP COLUMN place');
  }
}

/** As the table's owner: a version of the service from before has no rights on it. */
const AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = 'public', 'pg_temp'";

const STATEMENTS = [
  'ALTER TABLE products ADD COLUMN published boolean NOT NULL DEFAULT true',
  // Among the categories of one parent; those without one follow by their names.
  'ALTER TABLE categories ADD COLUMN place integer',
  `CREATE FUNCTION leave_draft_unlisted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.listed := false;
      RETURN NEW;
    END $$`,
  // Not at a change of `published`: what counts listed products is told by the statement that writes `listed`, which follows it.
  `CREATE TRIGGER products_drafts_are_unlisted BEFORE INSERT OR UPDATE OF listed ON products
    FOR EACH ROW WHEN (NEW.listed AND NOT NEW.published) EXECUTE FUNCTION leave_draft_unlisted()`,
  `CREATE TABLE past_prices (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    variant_id uuid NOT NULL REFERENCES variants (id),
    -- What customers paid, and the MRP beside it, until then. The present price is the variant's own.
    price bigint NOT NULL,
    mrp bigint NOT NULL,
    until timestamptz(3) NOT NULL DEFAULT clock_timestamp()
  )`,
  'CREATE INDEX past_prices_variant ON past_prices (variant_id, until, id) INCLUDE (price)',
  'CREATE INDEX past_prices_until ON past_prices (until)',
  // The price of a draft was never a price to anybody.
  `CREATE FUNCTION keep_past_price() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      INSERT INTO past_prices (variant_id, price, mrp)
      SELECT OLD.id, OLD.price, OLD.mrp FROM products WHERE id = OLD.product_id AND published;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER variants_keep_past_prices AFTER UPDATE OF price, mrp ON variants
    FOR EACH ROW WHEN ((OLD.price, OLD.mrp) IS DISTINCT FROM (NEW.price, NEW.mrp) AND OLD.withdrawn_at IS NULL)
    EXECUTE FUNCTION keep_past_price()`,
  `CREATE FUNCTION end_prices() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      INSERT INTO past_prices (variant_id, price, mrp)
      SELECT id, price, mrp FROM variants WHERE product_id = NEW.id AND withdrawn_at IS NULL;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER products_end_their_prices AFTER UPDATE OF published ON products
    FOR EACH ROW WHEN (OLD.published AND NOT NEW.published) EXECUTE FUNCTION end_prices()`,
];
