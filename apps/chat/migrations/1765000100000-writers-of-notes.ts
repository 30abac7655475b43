import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, overAllRows } from '#libs/persistence/migration-steps';

/** Messages a statement. */
const BATCH = 1_000;

/** Whose words stand in a system message, so that they go with the account. */
export class WritersOfNotes1765000100000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messages ADD COLUMN IF NOT EXISTS noted_by uuid');
    await buildIndex(runner, 'messages_with_note', 'messages (noted_by) WHERE noted_by IS NOT NULL');
    await overAllRows(
      runner,
      BATCH,
      `WITH batch AS (SELECT id, type, content FROM messages WHERE id > $1 ORDER BY id LIMIT $2), noted AS (
         UPDATE messages SET noted_by = (batch.content::jsonb -> 'system' ->> 'actorId')::uuid FROM batch
         WHERE messages.id = batch.id AND batch.type = 'system' AND batch.content::jsonb ->> 'body' <> '')
       SELECT (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messages DROP COLUMN noted_by');
  }
}
