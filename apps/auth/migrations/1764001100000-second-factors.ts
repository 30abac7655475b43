import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SecondFactors1764001100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The newest step that was used: a code of it, or of one before it, is used up.
    await runner.query(`
      CREATE TABLE authenticators (
        user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        sealed_secret text NOT NULL,
        last_step bigint NOT NULL DEFAULT 0,
        active_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE recovery_codes (
        user_id uuid NOT NULL REFERENCES authenticators (user_id) ON DELETE CASCADE,
        code_hash text NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (user_id, code_hash)
      )`);
    // Between the first factor and the second.
    await runner.query(`
      CREATE TABLE factor_challenges (
        token_hash text PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        first_proof text NOT NULL,
        tries int NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX factor_challenges_of_user ON factor_challenges (user_id)');
    await runner.query('CREATE INDEX factor_challenges_expiry ON factor_challenges (expires_at)');
    // Whether a second factor was proved in this session: only then it has the rights of staff, where that is asked for.
    await runner.query('ALTER TABLE sessions ADD COLUMN is_strong boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions DROP COLUMN is_strong');
    await runner.query('DROP TABLE factor_challenges, recovery_codes, authenticators');
  }
}
