import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '#libs/persistence/migration-steps';

/** For the archive of what the shop has of somebody. */
export class OrdersOfUsers1764300500000 implements MigrationInterface {
  /** The version before goes on opening and paying orders meanwhile. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(runner, 'payment_orders_of_user', 'payment_orders (user_id, order_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX payment_orders_of_user');
  }
}
