import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When staff last heard that Razorpay refuses a key. */
export class KeyRefusals1764300600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE key_refusals (key_id text PRIMARY KEY, told_at timestamptz NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE key_refusals');
  }
}
