import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A withdrawn coupon's code is free again, and old rows can be found by their age. The index keeps the constraint's name, by which a taken
 * code is recognised. Beside the version before: that one's bulk jobs wait for a replica of this one.
 */
export class CodesAndRetention1764300200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE coupons DROP CONSTRAINT coupons_code_key');
    await runner.query('CREATE UNIQUE INDEX coupons_code_key ON coupons (code) WHERE withdrawn_at IS NULL');
    await runner.query('ALTER TABLE heard_orders ADD COLUMN heard_at timestamptz NOT NULL DEFAULT now()');
    await runner.query('CREATE INDEX heard_orders_age ON heard_orders (heard_at)');
    await runner.query(`CREATE INDEX holds_ended ON holds (created_at) WHERE state IN ('released', 'refused')`);
    await runner.query('CREATE INDEX bulk_jobs_done ON bulk_jobs (created_at) WHERE done = count');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX bulk_jobs_done, holds_ended, heard_orders_age, coupons_code_key');
    await runner.query('ALTER TABLE heard_orders DROP COLUMN heard_at');
    // Of several coupons with one code the withdrawn ones give way.
    await runner.query(`UPDATE coupons SET code = left(code, 7) || '-' || replace(id::text, '-', '') WHERE withdrawn_at IS NOT NULL`);
    await runner.query('ALTER TABLE coupons ADD CONSTRAINT coupons_code_key UNIQUE (code)');
  }
}
