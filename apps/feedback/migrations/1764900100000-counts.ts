import type { MigrationInterface, QueryRunner } from 'typeorm';

const TIMES = ['created_at', 'updated_at', 'staff_updated_at', 'due_at', 'first_response_at', 'escalated_at'];
const PARTS = ['feedback_moves', 'feedback_replies', 'feedback_notes'];
const timesOf = (table: string, columns: readonly string[], type: string): string =>
  `ALTER TABLE ${table} ${columns.map((column) => `ALTER COLUMN ${column} TYPE ${type}`).join(', ')}`;

const IN_QUEUE = 'NOT held AND merged_into IS NULL';

/**
 * How much feedback of each status and category is in the queue is kept as changes that are added up now and then, so that no two that send
 * feedback wait for each other. Times have milliseconds, as they have where they are shown, compared and in cursors.
 */
export class Counts1764900100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE feedback_counts (status text NOT NULL, category text NOT NULL, change bigint NOT NULL)');
    await runner.query(`
      CREATE FUNCTION count_feedback() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE' AND NOT OLD.held AND OLD.merged_into IS NULL THEN
          INSERT INTO feedback_counts VALUES (OLD.status, OLD.category, -1);
        END IF;
        IF NOT NEW.held AND NEW.merged_into IS NULL THEN
          INSERT INTO feedback_counts VALUES (NEW.status, NEW.category, 1);
        END IF;
        RETURN NULL;
      END $$`);
    // Holds writers off until this is committed, so that each is counted once.
    await runner.query('CREATE TRIGGER counts_of_new AFTER INSERT ON feedback FOR EACH ROW EXECUTE FUNCTION count_feedback()');
    await runner.query(`
      CREATE TRIGGER counts_of_changed AFTER UPDATE OF status, held, merged_into ON feedback FOR EACH ROW
      WHEN (OLD.status <> NEW.status OR OLD.held <> NEW.held OR OLD.merged_into IS DISTINCT FROM NEW.merged_into)
      EXECUTE FUNCTION count_feedback()`);
    await runner.query(`
      INSERT INTO feedback_counts SELECT status, category, count(*) FROM feedback WHERE ${IN_QUEUE} GROUP BY status, category`);
    await runner.query(timesOf('feedback', TIMES, 'timestamptz(3)'));
    for (const table of PARTS) await runner.query(timesOf(table, ['at'], 'timestamptz(3)'));
    await runner.query('DROP INDEX feedback_overdue');
    await runner.query(`
      CREATE INDEX feedback_overdue ON feedback (due_at) WHERE first_response_at IS NULL AND escalated_at IS NULL AND ${IN_QUEUE}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX feedback_overdue');
    await runner.query('CREATE INDEX feedback_overdue ON feedback (due_at) WHERE first_response_at IS NULL AND escalated_at IS NULL');
    for (const table of PARTS) await runner.query(timesOf(table, ['at'], 'timestamptz'));
    await runner.query(timesOf('feedback', TIMES, 'timestamptz'));
    await runner.query('DROP TRIGGER counts_of_changed ON feedback');
    await runner.query('DROP TRIGGER counts_of_new ON feedback');
    await runner.query('DROP FUNCTION count_feedback()');
    await runner.query('DROP TABLE feedback_counts');
  }
}
