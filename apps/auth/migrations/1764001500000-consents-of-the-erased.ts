import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of accounts that were erased before erasing did so itself. */
export class ConsentsOfTheErased1764001500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'UPDATE consents SET ip = NULL WHERE ip IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE users.id = consents.user_id)',
    );
  }

  async down(): Promise<void> {
    // What is gone is gone.
  }
}
