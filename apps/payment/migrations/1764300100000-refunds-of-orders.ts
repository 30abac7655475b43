import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Refunds that the order service asks for, in parts, and cash, which has no Razorpay order. `given_back`: the sum of a payment's refunds that
 * have not failed. Beside the version before: that one only adds refunds of captures that were rejected, and nobody else refunds those.
 */
export class RefundsOfOrders1764300100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey, ADD COLUMN given_back bigint NOT NULL DEFAULT 0');
    await runner.query(`
      ALTER TABLE refunds
        DROP CONSTRAINT refunds_order_id_fkey,
        ADD COLUMN origin text NOT NULL DEFAULT 'rejection' CHECK (origin IN ('order', 'rejection', 'dashboard')),
        ADD COLUMN attempt int NOT NULL DEFAULT 1`);
    await runner.query(`UPDATE refunds SET origin = 'dashboard' WHERE reason = 'made at Razorpay'`);
    await runner.query(`
      UPDATE payments SET given_back = sums.amount
      FROM (SELECT payment_id, sum(amount) AS amount FROM refunds WHERE state <> 'failed' GROUP BY payment_id) sums
      WHERE razorpay_payment_id = sums.payment_id`);
    await runner.query('CREATE INDEX refunds_payment ON refunds (payment_id)');
    await runner.query(`CREATE INDEX refunds_processed ON refunds (updated_at) WHERE state = 'processed'`);
    await runner.query(`CREATE INDEX payment_effects_captured ON payment_effects (created_at) WHERE effect = 'captured'`);
    await runner.query('CREATE INDEX disputes_payment ON disputes (payment_id)');
    await runner.query('CREATE INDEX webhook_events_bodies ON webhook_events (received_at) WHERE octet_length(body) > 0');
    await runner.query(`
      CREATE TABLE settlement_days (
        day date PRIMARY KEY,
        claimed_until timestamptz NOT NULL,
        checked_at timestamptz,
        difference bigint
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE settlement_days');
    await runner.query('DROP INDEX webhook_events_bodies, disputes_payment, payment_effects_captured, refunds_processed, refunds_payment');
    // Not checked: rows of cash stay.
    await runner.query(`
      ALTER TABLE refunds DROP COLUMN attempt, DROP COLUMN origin,
        ADD CONSTRAINT refunds_order_id_fkey FOREIGN KEY (order_id) REFERENCES payment_orders NOT VALID`);
    await runner.query(`
      ALTER TABLE payments DROP COLUMN given_back,
        ADD CONSTRAINT payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES payment_orders NOT VALID`);
  }
}
