import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An erased user's rows in the store go by a round, for the store may be away. */
export class Erasure1764500300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE erased_users ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN is_done boolean NOT NULL DEFAULT false',
    );
    await runner.query('CREATE INDEX erased_users_due ON erased_users (due_at) WHERE NOT is_done');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE erased_users DROP COLUMN due_at, DROP COLUMN is_done');
  }
}
