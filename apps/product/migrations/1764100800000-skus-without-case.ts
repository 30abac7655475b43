import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * SKUs that differ only in case are one SKU. Of those that exist the oldest keeps its own, and the others get the end of their id, for orders
 * name the rows. The index before it stays: the version before inserts the demo shop with `ON CONFLICT (sku)`.
 */
export class SkusWithoutCase1764100800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Reads and sales go on; edits of the catalogue wait until no twin can come between.
    await runner.query('LOCK TABLE variants IN SHARE ROW EXCLUSIVE MODE');
    await runner.query(`
      UPDATE variants SET sku = left(variants.sku, 55) || '-' || right(variants.id::text, 8)
      FROM (SELECT id, row_number() OVER (PARTITION BY lower(sku) ORDER BY id) AS place FROM variants) AS ranked
      WHERE ranked.id = variants.id AND ranked.place > 1`);
    await runner.query('CREATE UNIQUE INDEX variants_sku_without_case ON variants (lower(sku))');
  }

  /** The new names stay: orders may name them by now. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX variants_sku_without_case');
  }
}
