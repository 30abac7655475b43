import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OneTimeCodes1764001000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE one_time_codes (
        id uuid PRIMARY KEY,
        phone text NOT NULL,
        purpose text NOT NULL,
        user_id uuid,
        code_hash text NOT NULL,
        tries int NOT NULL DEFAULT 0,
        counted text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await runner.query('CREATE INDEX one_time_codes_of_phone ON one_time_codes (phone, created_at DESC)');
    await runner.query('CREATE INDEX one_time_codes_expiry ON one_time_codes (expires_at)');
    // What the SMS of a day in India have cost.
    await runner.query('CREATE TABLE sms_spending (day date PRIMARY KEY, paise int NOT NULL)');
    // When somebody last proved by a code that the number is theirs: numbers that lie idle are given to other people.
    await runner.query('ALTER TABLE users ADD COLUMN phone_proved_at timestamptz');
    await runner.query('UPDATE users SET phone_proved_at = now() WHERE phone_verified');
    await runner.query(`
      CREATE TABLE devices (
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        device_hash text NOT NULL,
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, device_hash)
      )`);
    await runner.query('CREATE INDEX devices_last_seen ON devices (last_seen_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE devices, sms_spending, one_time_codes');
    await runner.query('ALTER TABLE users DROP COLUMN phone_proved_at');
  }
}
