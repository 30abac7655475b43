import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Accounts1764000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text,
        phone text,
        name text NOT NULL,
        password_hash text,
        roles text[] NOT NULL DEFAULT '{customer}',
        email_verified boolean NOT NULL DEFAULT false,
        phone_verified boolean NOT NULL DEFAULT false,
        disabled boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE UNIQUE INDEX users_email ON users (lower(email))');
    await runner.query('CREATE UNIQUE INDEX users_verified_phone ON users (phone) WHERE phone_verified');
    // A session is a family of refresh tokens; only its newest generation is good. The salt keeps a leaked signing key from being enough.
    await runner.query(`
      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id),
        generation int NOT NULL DEFAULT 0,
        salt text NOT NULL,
        device text NOT NULL,
        ip text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        rotated_at timestamptz,
        ended_at timestamptz
      )`);
    await runner.query('CREATE INDEX sessions_of_user ON sessions (user_id, created_at DESC) WHERE ended_at IS NULL');
    await runner.query(`
      CREATE TABLE revocations (
        kind text NOT NULL,
        id uuid NOT NULL,
        before_ms bigint NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (kind, id)
      )`);
    await runner.query(`
      CREATE TABLE addresses (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id),
        name text NOT NULL,
        phone text NOT NULL,
        line1 text NOT NULL,
        line2 text,
        city text NOT NULL,
        state text NOT NULL,
        pincode text NOT NULL,
        country text NOT NULL,
        is_default boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX addresses_of_user ON addresses (user_id)');
    await runner.query('CREATE UNIQUE INDEX one_default_address ON addresses (user_id) WHERE is_default');
    await runner.query(`
      CREATE TABLE email_tokens (
        token_hash text PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id),
        purpose text NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE audit_log (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        action text NOT NULL,
        user_id uuid,
        actor_id uuid,
        ip text,
        detail jsonb
      )`);
    await runner.query('CREATE INDEX audit_of_user ON audit_log (user_id, id DESC)');
    await runner.query('CREATE RULE audit_log_keeps AS ON UPDATE TO audit_log DO INSTEAD NOTHING');
    await runner.query('CREATE RULE audit_log_stays AS ON DELETE TO audit_log DO INSTEAD NOTHING');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_log, email_tokens, addresses, revocations, sessions, users');
  }
}
