import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages of one reader that leave as one, and entries of a list that others join. */
export class Digests1764500400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // `gathered`: what is told beside the message's own words. `entry_id`, `place`: where it stands in the list with others.
    await runner.query(`
      ALTER TABLE outgoing ADD COLUMN gathers boolean NOT NULL DEFAULT false, ADD COLUMN gathered jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN entry_id uuid, ADD COLUMN place int`);
    await runner.query(
      `CREATE UNIQUE INDEX one_digest ON outgoing (user_id, category, channel) WHERE gathers AND state IN ('queued', 'waiting')`,
    );
    await runner.query(`
      CREATE TABLE list_digests (
        user_id uuid NOT NULL,
        category text NOT NULL,
        notification_id uuid NOT NULL,
        count int NOT NULL,
        is_shown boolean NOT NULL DEFAULT false,
        began_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, category)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE list_digests');
    await runner.query('DROP INDEX one_digest');
    await runner.query('ALTER TABLE outgoing DROP COLUMN gathers, DROP COLUMN gathered, DROP COLUMN entry_id, DROP COLUMN place');
  }
}
