import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A lost dispute is booked as a refund of its own. `booked_at`: when; a round books those that were lost before. Beside the version before:
 * that one neither reads the column nor makes such refunds.
 */
export class LostDisputes1764300200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disputes ADD COLUMN booked_at timestamptz');
    await runner.query(`CREATE INDEX disputes_unbooked ON disputes (id) WHERE status = 'lost' AND booked_at IS NULL`);
    await runner.query(`
      ALTER TABLE refunds DROP CONSTRAINT refunds_origin_check,
        ADD CONSTRAINT refunds_origin_check CHECK (origin IN ('order', 'rejection', 'dashboard', 'dispute'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE refunds SET origin = 'dashboard' WHERE origin = 'dispute'`);
    await runner.query(`
      ALTER TABLE refunds DROP CONSTRAINT refunds_origin_check,
        ADD CONSTRAINT refunds_origin_check CHECK (origin IN ('order', 'rejection', 'dashboard'))`);
    await runner.query('DROP INDEX disputes_unbooked');
    await runner.query('ALTER TABLE disputes DROP COLUMN booked_at');
  }
}
