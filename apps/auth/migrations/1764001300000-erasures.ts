import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Erasures1764001300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // `event_ids` are the rows of the outbox that tell other services; it is complete when all of them have answered.
    await runner.query(`
      CREATE TABLE erasures (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        event_ids uuid[] NOT NULL,
        begun_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz
      )`);
    await runner.query('CREATE INDEX erasures_open ON erasures (begun_at) WHERE completed_at IS NULL');
    // What somebody agreed to, in which version of its text; the newest row of a purpose is how it stands.
    await runner.query(`
      CREATE TABLE consents (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        purpose text NOT NULL,
        version int NOT NULL,
        granted boolean NOT NULL,
        ip text,
        at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX consents_of_user ON consents (user_id, purpose, id DESC)');
    await runner.query(`
      CREATE TABLE exports (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        state text NOT NULL DEFAULT 'running',
        tries int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        done_at timestamptz
      )`);
    await runner.query("CREATE INDEX exports_due ON exports (due_at) WHERE state = 'running'");
    await runner.query('CREATE INDEX exports_of_user ON exports (user_id, created_at DESC)');
    await runner.query(`
      CREATE TABLE export_parts (
        export_id uuid NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
        service text NOT NULL,
        content text NOT NULL,
        PRIMARY KEY (export_id, service)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE export_parts, exports, consents, erasures');
  }
}
