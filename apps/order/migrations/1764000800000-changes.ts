import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each change of an order that others hear of has a number. */
export class Changes1764000800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders ADD COLUMN changes int NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders DROP COLUMN changes');
  }
}
