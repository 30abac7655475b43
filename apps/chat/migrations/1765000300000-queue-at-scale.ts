import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '#libs/persistence/migration-steps';

/** The staff's queue finds words of a subject, and counts what is not closed, without reading every thread that ever was. */
export class QueueAtScale1765000300000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await buildIndex(runner, 'threads_by_subject', `threads USING gin (subject gin_trgm_ops) WHERE kind = 'support'`);
    await buildIndex(runner, 'threads_not_closed', `threads (status, assignee_id) WHERE kind = 'support' AND status <> 'closed'`);
    await buildIndex(runner, 'threads_closed', `threads (status) WHERE kind = 'support' AND status = 'closed'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['threads_closed', 'threads_not_closed', 'threads_by_subject']) await runner.query(`DROP INDEX ${name}`);
  }
}
