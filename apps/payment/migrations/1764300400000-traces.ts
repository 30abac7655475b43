import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a request leaves to a round keeps the trace of the request. */
export class Traces1764300400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE payment_orders ADD COLUMN traceparent text');
    await runner.query('ALTER TABLE webhook_events ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE payment_orders DROP COLUMN traceparent');
    await runner.query('ALTER TABLE webhook_events DROP COLUMN traceparent');
  }
}
