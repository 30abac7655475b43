import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people want to hear of, where they can be reached, and what they must not get again. */
export class Reach1764500100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE preferences (
        user_id uuid PRIMARY KEY,
        choices jsonb NOT NULL DEFAULT '{}',
        quiet_hours jsonb NOT NULL,
        time_zone text NOT NULL,
        locale text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE devices (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        session_id uuid NOT NULL,
        token text NOT NULL,
        token_hash bytea NOT NULL UNIQUE,
        platform text NOT NULL,
        device_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (user_id, device_id)
      )`);
    await runner.query('CREATE INDEX devices_of_session ON devices (session_id)');
    await runner.query('CREATE INDEX devices_age ON devices (last_seen_at)');
    // A session that ended, for a token that is registered by a request which was under way.
    await runner.query('CREATE TABLE ended_sessions (session_id uuid PRIMARY KEY, ended_at timestamptz NOT NULL DEFAULT now())');
    await runner.query('CREATE INDEX ended_sessions_age ON ended_sessions (ended_at)');
    await runner.query(`
      CREATE TABLE suppressions (
        id uuid PRIMARY KEY,
        channel text NOT NULL,
        address text NOT NULL,
        reason text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (channel, address, reason)
      )`);
    await runner.query(`
      CREATE TABLE promotion_counts (
        user_id uuid NOT NULL,
        day date NOT NULL,
        promotions int NOT NULL,
        PRIMARY KEY (user_id, day)
      )`);
    await runner.query('CREATE INDEX promotion_counts_age ON promotion_counts (day)');
    // What a provider calls a message in its receipts.
    await runner.query(`
      CREATE TABLE provider_messages (
        provider_id text PRIMARY KEY,
        delivery_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX provider_messages_age ON provider_messages (created_at)');
    await runner.query('CREATE TABLE erased_users (user_id uuid PRIMARY KEY, erased_at timestamptz NOT NULL DEFAULT now())');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE preferences, devices, ended_sessions, suppressions, promotion_counts, provider_messages, erased_users');
  }
}
