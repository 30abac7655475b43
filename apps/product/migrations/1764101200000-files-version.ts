import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts the changes of the files that a product shows. A default that is a constant rewrites no row. */
export class FilesVersion1764101200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products ADD COLUMN files_version integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN files_version');
  }
}
