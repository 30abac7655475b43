import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';
import type { AlertRow } from './alert.repository.ts';
import type { CollectionRow, EntryRow } from './wishlist.ts';

const PART = 1_000;

@Injectable()
export class ExportRepository {
  constructor(private readonly database: Database) {}

  async overview(userId: string): Promise<{ lists: CollectionRow[]; alerts: AlertRow[] }> {
    const [lists, alerts] = await Promise.all([
      this.database.rows<CollectionRow>(sql`SELECT * FROM collections WHERE user_id = ${userId} ORDER BY position`),
      this.database.rows<AlertRow>(sql`SELECT * FROM alerts WHERE user_id = ${userId} ORDER BY id`),
    ]);
    return { lists, alerts };
  }

  /** In the order of lists and of ids. */
  async entries(userId: string, after: string | undefined): Promise<{ items: EntryRow[]; next: string | null }> {
    const items = await this.database.rows<EntryRow>(sql`
      SELECT * FROM entries WHERE collection_id IN (SELECT id FROM collections WHERE user_id = ${userId})
        ${when(after !== undefined, () => sql`AND id > ${after}::uuid`)}
      ORDER BY id LIMIT ${PART + 1}`);
    const part = items.slice(0, PART);
    return { items: part, next: items.length > PART ? (part.at(-1)?.id ?? null) : null };
  }
}
