import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A page of one status is read in its order: the index by status and category has it for one category alone. */
export class StatusInOrder1764900200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX feedback_in_status ON feedback (status, id) WHERE NOT held AND merged_into IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX feedback_in_status');
  }
}
