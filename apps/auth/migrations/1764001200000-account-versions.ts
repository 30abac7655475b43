import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccountVersions1764001200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Counts the changes of roles and of being disabled, so that others can tell which of two they hear of is the later.
    await runner.query('ALTER TABLE users ADD COLUMN version int NOT NULL DEFAULT 0');
    await runner.query(`CREATE INDEX users_staff ON users (id) WHERE roles && ARRAY['support', 'admin']`);
    await runner.query('CREATE INDEX audit_of_actor ON audit_log (actor_id, id DESC)');
    await runner.query('CREATE INDEX audit_of_action ON audit_log (action, id DESC)');
    await runner.query('CREATE INDEX sessions_begun ON sessions (created_at) WHERE ended_at IS NULL');
    await runner.query('CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX users_staff, audit_of_actor, audit_of_action, sessions_begun, sessions_by_user');
    await runner.query('ALTER TABLE users DROP COLUMN version');
  }
}
