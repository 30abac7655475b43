import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the sweep looks for, and what every process reads every two seconds. */
export class Retention1764000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX sessions_last_seen ON sessions (last_seen_at)');
    await runner.query('CREATE INDEX revocations_expiry ON revocations (expires_at)');
    await runner.query('CREATE INDEX email_tokens_expiry ON email_tokens (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX sessions_last_seen, revocations_expiry, email_tokens_expiry');
  }
}
