import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTable, overAllRows } from '#libs/persistence/migration-steps';

/** Orders a statement. */
const BATCH = 1_000;
const MOVED = ['orders_by_part_of_number', 'orders_by_name', 'orders_by_phone', 'orders_by_payment_method'];

/**
 * What staff find an order by, and what no change of it touches, is in a table of its own: every change of an order had written anew all of
 * these indexes, two of them of trigrams. A trigger keeps the rows, so that also orders of the version before are found.
 */
export class SearchWords1764000900000 implements MigrationInterface {
  /** The table and its trigger are one short transaction, the rows of what is there come in batches; a run that was cut off goes on. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'order_search', STATEMENTS);
    // Beside a change that comes first, its row is newer and stays.
    await overAllRows(
      runner,
      BATCH,
      `WITH batch AS (SELECT id, number, shipping_address, payment_method FROM orders WHERE id > $1 ORDER BY id LIMIT $2 FOR KEY SHARE), made AS (
         INSERT INTO order_search (order_id, order_number, name, phone, method)
         SELECT id, number, lower(shipping_address ->> 'name'), shipping_address ->> 'phone', payment_method FROM batch ON CONFLICT DO NOTHING)
       SELECT (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last`,
    );
    await runner.query('ANALYZE order_search');
    for (const name of MOVED) await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX orders_by_part_of_number ON orders USING gin (number gin_trgm_ops)');
    await runner.query(`CREATE INDEX orders_by_name ON orders USING gin (lower(shipping_address ->> 'name') gin_trgm_ops)`);
    await runner.query(`CREATE INDEX orders_by_phone ON orders ((shipping_address ->> 'phone'), id DESC)`);
    await runner.query('CREATE INDEX orders_by_payment_method ON orders (payment_method, id DESC)');
    await runner.query('DROP TRIGGER orders_can_be_found ON orders');
    await runner.query('DROP FUNCTION note_search_words()');
    await runner.query('DROP TABLE order_search');
  }
}

const STATEMENTS = [
  `CREATE TABLE order_search (
    order_id uuid PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    order_number text NOT NULL,
    -- In lower case.
    name text,
    phone text,
    method text NOT NULL
  )`,
  'CREATE INDEX search_by_part_of_number ON order_search USING gin (order_number gin_trgm_ops)',
  'CREATE INDEX search_by_name ON order_search USING gin (name gin_trgm_ops)',
  'CREATE INDEX search_by_phone ON order_search (phone, order_id DESC)',
  'CREATE INDEX search_by_method ON order_search (method, order_id DESC)',
  // As the tables' owner: a version of the service from before has no rights on the table.
  `CREATE FUNCTION note_search_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = 'public', 'pg_temp' AS $$
    BEGIN
      INSERT INTO order_search (order_id, order_number, name, phone, method)
      VALUES (NEW.id, NEW.number, lower(NEW.shipping_address ->> 'name'), NEW.shipping_address ->> 'phone', NEW.payment_method)
      ON CONFLICT (order_id) DO UPDATE
        SET order_number = excluded.order_number, name = excluded.name, phone = excluded.phone, method = excluded.method;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER orders_can_be_found AFTER INSERT OR UPDATE OF number, shipping_address, payment_method ON orders
    FOR EACH ROW EXECUTE FUNCTION note_search_words()`,
];
