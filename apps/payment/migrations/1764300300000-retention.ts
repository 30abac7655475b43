import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Old rows can be found by their age. */
export class Retention1764300300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX webhook_events_processed ON webhook_events (received_at) WHERE processed_at IS NOT NULL');
    await runner.query(`CREATE INDEX payment_effects_failed ON payment_effects (created_at) WHERE effect = 'failed'`);
    await runner.query(`CREATE INDEX payment_orders_unpaid ON payment_orders (created_at) WHERE state = 'created'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX payment_orders_unpaid, payment_effects_failed, webhook_events_processed');
  }
}
