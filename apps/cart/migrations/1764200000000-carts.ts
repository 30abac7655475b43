import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Carts1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE carts (
        owner text PRIMARY KEY,
        version text NOT NULL,
        sequence bigint NOT NULL,
        content jsonb NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    // Rewritten at every write-behind: room in the page keeps the new row beside the old one, and no index changes.
    await runner.query('ALTER TABLE carts SET (fillfactor = 70)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE carts');
  }
}
