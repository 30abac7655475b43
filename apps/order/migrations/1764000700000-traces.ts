import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An order keeps the trace it was placed in, for what happens to it later. */
export class Traces1764000700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders DROP COLUMN traceparent');
  }
}
