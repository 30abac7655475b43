import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts a product's changes of price, so that whoever hears of them in another order keeps the last. */
export class PriceVersions1764101000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products ADD COLUMN price_version bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN price_version');
  }
}
