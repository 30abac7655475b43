import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By what orders were paid, as keyed hashes, and whose are kept no more. */
export class Instruments1764300700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payment_instruments (
        order_id uuid NOT NULL,
        hash text NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (order_id, hash)
      )`);
    await runner.query('CREATE INDEX instruments_of_user ON payment_instruments (user_id, hash)');
    await runner.query('CREATE INDEX instruments_age ON payment_instruments (created_at)');
    await runner.query('CREATE TABLE erased_payers (user_id uuid PRIMARY KEY, erased_at timestamptz NOT NULL DEFAULT now())');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE erased_payers, payment_instruments');
  }
}
