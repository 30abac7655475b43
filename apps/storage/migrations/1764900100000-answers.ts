import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Answers1764900100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What an upload with an idempotency key was answered with: a file as it was then, or a refusal.
    await runner.query(`
      CREATE TABLE answers (
        actor text NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        body_hash text NOT NULL,
        file jsonb,
        refusal jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (actor, route, key),
        CHECK (num_nonnulls(file, refusal) = 1)
      )`);
    await runner.query('CREATE INDEX answers_age ON answers (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE answers');
  }
}
