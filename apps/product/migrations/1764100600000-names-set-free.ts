import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is withdrawn frees its SKUs and its slug. It gives up the name instead of leaving the unique index, because the version before inserts
 * with `ON CONFLICT (slug)`, which needs the index whole. Only withdrawn rows are touched.
 */
export class NamesSetFree1764100600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE variants SET withdrawn_at = products.withdrawn_at FROM products
      WHERE products.id = variants.product_id AND products.withdrawn_at IS NOT NULL AND variants.withdrawn_at IS NULL`);
    await runner.query(`UPDATE variants SET sku = sku || '~' || id WHERE withdrawn_at IS NOT NULL AND sku NOT LIKE '%~' || id`);
    await runner.query(`UPDATE products SET slug = slug || '~' || id WHERE withdrawn_at IS NOT NULL AND slug NOT LIKE '%~' || id`);
  }

  /** The names may have been taken since, so the rows stay as they are; the version before never reads them. */
  async down(): Promise<void> {
    await Promise.resolve();
  }
}
