import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '#libs/persistence/migration-steps';

/** The most helpful reviews of so many stars are a range of an index too; without it all of them were sorted for each page. */
export class HelpfulOfRating1764900200000 implements MigrationInterface {
  /** Built beside the writers. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'reviews_rating_helpful',
      "reviews (product_id, rating, helpfulness DESC, id DESC) INCLUDE (verified, has_images) WHERE status = 'approved'",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX reviews_rating_helpful');
  }
}
