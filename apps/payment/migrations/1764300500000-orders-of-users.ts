import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For the archive of what the shop has of somebody. */
export class OrdersOfUsers1764300500000 implements MigrationInterface {
  /** The version before goes on opening and paying orders meanwhile. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // What a run that was cut off left is not valid.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS payment_orders_of_user');
    await runner.query('CREATE INDEX CONCURRENTLY payment_orders_of_user ON payment_orders (user_id, order_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX payment_orders_of_user');
  }
}
