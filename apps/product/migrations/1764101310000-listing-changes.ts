import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTable } from '#libs/persistence/migration-steps';

/** Notes which transaction has changed what lists know of a product, so that whoever keeps a copy reads only what is new. */
export class ListingChanges1764101310000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'listing_changes', STATEMENTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['made', 'changed', 'removed']) await runner.query(`DROP TRIGGER listing_${name} ON products`);
    await runner.query('DROP FUNCTION note_listing_made(), note_listing_changed()');
    await runner.query('DROP TABLE listing_changes');
  }
}

/** As the table's owner: a version of the service from before has no rights on it. */
const AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = 'public', 'pg_temp'";
const NOTE = 'ON CONFLICT (product_id) DO UPDATE SET changed = excluded.changed WHERE listing_changes.changed <> excluded.changed;';

const STATEMENTS = [
  `CREATE TABLE listing_changes (
    -- Of a product that is gone too.
    product_id uuid PRIMARY KEY,
    changed xid8 NOT NULL
  ) WITH (fillfactor = 70)`,
  'CREATE INDEX listing_changes_changed ON listing_changes (changed)',
  `CREATE FUNCTION note_listing_made() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      INSERT INTO listing_changes (product_id, changed) SELECT id, pg_current_xact_id() FROM made ${NOTE}
      RETURN NULL;
    END $$`,
  `CREATE FUNCTION note_listing_changed() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      INSERT INTO listing_changes (product_id, changed) VALUES (OLD.id, pg_current_xact_id()) ${NOTE}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER listing_made AFTER INSERT ON products
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION note_listing_made()`,
  // Whoever changes a variant or what is in stock of it brings the product's own row up to date, which writes these columns.
  `CREATE TRIGGER listing_changed AFTER UPDATE OF listed, category_id, brand, terms, price, highest_price, in_stock, rating_average ON products
    FOR EACH ROW EXECUTE FUNCTION note_listing_changed()`,
  'CREATE TRIGGER listing_removed AFTER DELETE ON products FOR EACH ROW EXECUTE FUNCTION note_listing_changed()',
];
