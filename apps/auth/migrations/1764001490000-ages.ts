import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the sweep looks for. */
export class Ages1764001490000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX erasures_age ON erasures (completed_at)');
    await runner.query('CREATE INDEX exports_age ON exports (created_at)');
    await runner.query('CREATE INDEX exports_made ON exports (done_at)');
    await runner.query('CREATE INDEX reset_requests_age ON reset_requests (created_at)');
    await runner.query('CREATE INDEX signing_keys_age ON signing_keys (seen_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX erasures_age, exports_age, exports_made, reset_requests_age, signing_keys_age');
  }
}
