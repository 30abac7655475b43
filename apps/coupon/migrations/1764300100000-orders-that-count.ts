import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was heard of each order, because its events come in any order and a count alone cannot tell. */
export class OrdersThatCount1764300100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE heard_orders (order_id uuid PRIMARY KEY, counted boolean NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE heard_orders');
  }
}
