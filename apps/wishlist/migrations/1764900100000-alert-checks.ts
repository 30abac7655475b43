import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '#libs/persistence/migration-steps';

/**
 * When product is asked about an alert again, unless whoever made it has done so: a withdrawal between their card and their alert was told
 * before the alert was there. Those of before are asked about once.
 */
export class AlertChecks1764900100000 implements MigrationInterface {
  /** The index is built beside the writers. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE alerts ADD COLUMN IF NOT EXISTS check_due timestamptz DEFAULT now() + interval '1 minute'");
    await buildIndex(runner, 'alerts_check_due', "alerts (check_due) WHERE status = 'waiting' AND check_due IS NOT NULL");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE alerts DROP COLUMN check_due');
  }
}
