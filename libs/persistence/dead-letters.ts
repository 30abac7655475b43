import type { Cursors } from './cursor.ts';
import { pageOf } from './cursor.ts';
import type { Database } from './database.ts';
import { sql, when } from './sql.ts';

export interface DeadLetterRow {
  readonly id: string;
  readonly subscriber: string;
  readonly event: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly createdAt: Date;
}

/** Events that were given up: listed newest first, delivered again, or forgotten. */
export class DeadLetters {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async list(limit: number, cursor: string | undefined): Promise<{ items: DeadLetterRow[]; nextCursor: string | null }> {
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, 'dead-letters')[0];
    const rows = await this.database.rows<DeadLetterRow>(sql`
      SELECT id, subscriber, event, attempts, error, created_at AS "createdAt" FROM outbox
      WHERE dead_at IS NOT NULL ${when(after !== undefined, () => sql`AND id < ${after}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    return pageOf(rows, limit, (row) => this.cursors.encode([row.id], 'dead-letters'));
  }

  async replay(id: string): Promise<boolean> {
    const touched = await this.database.execute(
      sql`UPDATE outbox SET dead_at = NULL, attempts = 0, silent_tries = 0, leased_until = now(), created_at = now() WHERE id = ${id} AND dead_at IS NOT NULL`,
    );
    return touched > 0;
  }

  async drop(id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM outbox WHERE id = ${id} AND dead_at IS NOT NULL`)) > 0;
  }
}
