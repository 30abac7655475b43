import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether an account is staff's, as auth said last: a token says so for a while after it is over. Null where nothing was heard since. */
export class StaffHeardOf1765000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE chat_users ADD COLUMN works_here boolean');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE chat_users DROP COLUMN works_here');
  }
}
