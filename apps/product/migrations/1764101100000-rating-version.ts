import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which of its ratings a product shows: events come in no order, and the highest version stands. */
export class RatingVersion1764101100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products ADD COLUMN rating_version bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN rating_version');
  }
}
