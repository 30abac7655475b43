import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders show their returns and their billing address; staff finds orders by a part of the number and by name. */
export class ReturnsAndBilling1764000600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE orders ADD COLUMN returns jsonb NOT NULL DEFAULT '[]', ADD COLUMN billing jsonb`);
    await runner.query('ALTER TABLE order_returns ADD COLUMN amount bigint NOT NULL DEFAULT 0, ADD COLUMN outcomes jsonb');
    await runner.query('CREATE INDEX returns_of_order ON order_returns (order_id)');
    // Paise of the returned units: of an open return after all units that went back, of a closed one as if it had been the first.
    await runner.query(`
      UPDATE order_returns SET amount = worth.amount FROM (
        SELECT returned.id, sum(
          (line.total * (before.units + wanted.quantity)) / line.quantity - (line.total * before.units) / line.quantity) AS amount
        FROM order_returns returned
        CROSS JOIN LATERAL (
          SELECT (item ->> 'itemId')::uuid AS item_id, sum((item ->> 'quantity')::int) AS quantity
          FROM jsonb_array_elements(returned.items) AS item GROUP BY 1) wanted
        JOIN order_items line ON line.id = wanted.item_id
        CROSS JOIN LATERAL (
          SELECT CASE WHEN returned.state = 'open' THEN line.cancelled_quantity + line.returned_quantity ELSE 0 END AS units) before
        GROUP BY returned.id) worth
      WHERE order_returns.id = worth.id AND state <> 'refused'`);
    // A copy for reading, as of invoices and credit notes.
    await runner.query(`
      UPDATE orders SET returns = copies.returns FROM (
        SELECT order_id, jsonb_agg(jsonb_build_object(
          'id', id, 'status', CASE state WHEN 'open' THEN 'requested' WHEN 'closed' THEN 'received' ELSE 'refused' END, 'items', items,
          'amount', amount, 'requestedAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        ) ORDER BY created_at, id) AS returns
        FROM order_returns GROUP BY order_id) copies
      WHERE orders.id = copies.order_id`);
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await runner.query('CREATE INDEX orders_by_part_of_number ON orders USING gin (number gin_trgm_ops)');
    await runner.query(`CREATE INDEX orders_by_name ON orders USING gin (lower(shipping_address ->> 'name') gin_trgm_ops)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX orders_by_name, orders_by_part_of_number, returns_of_order');
    await runner.query('ALTER TABLE order_returns DROP COLUMN amount, DROP COLUMN outcomes');
    await runner.query('ALTER TABLE orders DROP COLUMN returns, DROP COLUMN billing');
  }
}
