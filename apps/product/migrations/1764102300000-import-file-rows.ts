import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row of an import is told by its row in the file, empty lines counted. */
export class ImportFileRows1764102300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // From 1; null in what the version before stores.
    await runner.query('ALTER TABLE import_rows ADD COLUMN file_row integer');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE import_rows DROP COLUMN file_row');
  }
}
