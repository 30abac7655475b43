import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = ['feedback_words', 'feedback_tags', 'feedback_title_words'];

/** What is written goes into these indexes at once: the list of what waits for them was read by every search. */
export class WordsAtOnce1764900300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX ${index} SET (fastupdate = off)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX ${index} RESET (fastupdate)`);
  }
}
