import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Lifecycle1764000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE orders
        ADD COLUMN delivered_at timestamptz,
        ADD COLUMN tracking jsonb,
        ADD COLUMN cancelled_share bigint NOT NULL DEFAULT 0,
        ADD COLUMN refund_requested bigint NOT NULL DEFAULT 0,
        ADD COLUMN credited bigint NOT NULL DEFAULT 0,
        ADD COLUMN voided boolean NOT NULL DEFAULT false,
        ADD CONSTRAINT refunds_within_received CHECK (refund_requested <= received),
        ADD CONSTRAINT refunded_was_requested CHECK (refunded <= refund_requested),
        ADD CONSTRAINT cancelled_within_total CHECK (cancelled_share <= total),
        ADD CONSTRAINT credited_within_total CHECK (credited <= total)`);
    // What goes back to the customer: the intent; payment carries it out and tells what became of it.
    await runner.query(`
      CREATE TABLE order_refunds (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES orders (id),
        payment_id text,
        amount bigint NOT NULL CHECK (amount > 0),
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'processed', 'failed')),
        attempt int NOT NULL DEFAULT 1,
        reason text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('cancel', 'return', 'origin', 'goodwill')),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX refunds_of_order ON order_refunds (order_id)');
    await runner.query(`
      CREATE TABLE order_returns (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES orders (id),
        items jsonb NOT NULL,
        state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'refused', 'closed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
      )`);
    await runner.query(`CREATE UNIQUE INDEX one_open_return_per_order ON order_returns (order_id) WHERE state = 'open'`);
    // What staff searches by, each in the order of the list.
    await runner.query('CREATE INDEX orders_by_status ON orders (status, id DESC)');
    await runner.query('CREATE INDEX orders_by_payment_status ON orders (payment_status, id DESC)');
    await runner.query(`CREATE INDEX orders_by_phone ON orders ((shipping_address ->> 'phone'), id DESC)`);
    await runner.query('CREATE INDEX orders_by_payment_method ON orders (payment_method, id DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX orders_by_payment_method, orders_by_phone, orders_by_payment_status, orders_by_status');
    await runner.query('DROP TABLE order_returns, order_refunds');
    await runner.query(`
      ALTER TABLE orders DROP COLUMN delivered_at, DROP COLUMN tracking, DROP COLUMN cancelled_share, DROP COLUMN refund_requested,
        DROP COLUMN credited, DROP COLUMN voided`);
  }
}
