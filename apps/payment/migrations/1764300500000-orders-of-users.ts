import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For the archive of what the shop has of somebody. */
export class OrdersOfUsers1764300500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX payment_orders_of_user ON payment_orders (user_id, order_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX payment_orders_of_user');
  }
}
