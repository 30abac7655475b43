import type { MigrationInterface, QueryRunner } from 'typeorm';

export class GuestsAndCoupons1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Coarse times: an index on the exact one would have to be written at every write-behind.
    await runner.query(`
      ALTER TABLE carts
        ADD COLUMN watched_hour timestamptz,
        ADD COLUMN guest_day timestamptz,
        ADD COLUMN checkout_at timestamptz,
        ADD COLUMN claimed_until timestamptz,
        ADD COLUMN announced_version text`);
    await runner.query(`
      UPDATE carts SET watched_hour = date_trunc('hour', updated_at, 'UTC')
      WHERE owner LIKE 'user:%' AND jsonb_array_length(content -> 'lines') > 0`);
    await runner.query('CREATE INDEX carts_watched ON carts (watched_hour) WHERE watched_hour IS NOT NULL');
    await runner.query('CREATE INDEX carts_of_guests ON carts (guest_day) WHERE guest_day IS NOT NULL');
    await runner.query(`
      CREATE TABLE guest_merges (
        guest text PRIMARY KEY,
        owner text NOT NULL,
        merged_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX guest_merges_age ON guest_merges (merged_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE guest_merges');
    await runner.query(`
      ALTER TABLE carts
        DROP COLUMN watched_hour, DROP COLUMN guest_day, DROP COLUMN checkout_at, DROP COLUMN claimed_until, DROP COLUMN announced_version`);
  }
}
