import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Triggers run in the order of their names. A change of a review locked the sums of its product before the counts of the shop, a new one the
 * counts before the sums, so that the two could wait for each other.
 */
export class SumsBeforeCounts1764900300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TRIGGER reviews_counted ON reviews RENAME TO reviews_tallied');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TRIGGER reviews_tallied ON reviews RENAME TO reviews_counted');
  }
}
