import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a mail was asked for, which bounds how many leave. */
export class ConfirmedAddresses1764000600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE email_tokens ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()');
    await runner.query('CREATE INDEX email_tokens_of_user ON email_tokens (user_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX email_tokens_of_user');
    await runner.query('ALTER TABLE email_tokens DROP COLUMN created_at');
  }
}
