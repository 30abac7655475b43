import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '#libs/persistence/migration-steps';

/** What is told of an order is found without reading everything that waits. */
export class MessagesOfAnOrder1764500500000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(runner, 'outgoing_of_order', `outgoing ((data ->> 'orderId'), id DESC) WHERE (data ->> 'orderId') IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX outgoing_of_order');
  }
}
