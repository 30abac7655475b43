import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Money1764000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders ADD COLUMN uses_coupons boolean NOT NULL DEFAULT false');
    // Copies for reading; the documents themselves have tables of their own.
    await runner.query(`ALTER TABLE orders ADD COLUMN invoice jsonb, ADD COLUMN credit_notes jsonb NOT NULL DEFAULT '[]'`);
    // What coupons are held with: the basket, and what it was priced with.
    await runner.query('ALTER TABLE checkouts ADD COLUMN coupon_hold jsonb');
    await runner.query(`UPDATE checkouts SET step = 'release' WHERE step = 'release_stock'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE checkouts SET step = 'release_stock' WHERE step = 'release'`);
    await runner.query('ALTER TABLE checkouts DROP COLUMN coupon_hold');
    await runner.query('ALTER TABLE orders DROP COLUMN uses_coupons, DROP COLUMN invoice, DROP COLUMN credit_notes');
  }
}
