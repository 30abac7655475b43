import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PasswordResets1764000900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A link that sets a password works once; one that proves an address may be opened again.
    await runner.query('ALTER TABLE email_tokens ADD COLUMN used_at timestamptz');
    // What was asked for, whether or not there is such an account: who asks is answered before anybody looks.
    await runner.query(`
      CREATE TABLE reset_requests (
        id uuid PRIMARY KEY,
        email text NOT NULL,
        due_at timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX reset_requests_due ON reset_requests (due_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reset_requests');
    await runner.query('ALTER TABLE email_tokens DROP COLUMN used_at');
  }
}
