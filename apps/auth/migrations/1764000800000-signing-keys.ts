import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys that replicas sign with now, so that those that were not restarted yet know the tokens of those that were. */
export class SigningKeys1764000800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The secret that seals refresh tokens, encrypted with the key before: the table alone tells nothing.
    await runner.query(`
      CREATE TABLE signing_keys (
        kid text PRIMARY KEY,
        jwk jsonb NOT NULL,
        wrapped_secret text,
        wrapped_by text,
        seen_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE signing_keys');
  }
}
