import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql } from '#libs/persistence/sql';
import type { UserRow } from './account.repository.ts';

/** Accounts as other services look them up. */
@Injectable()
export class DirectoryRepository {
  constructor(private readonly database: Database) {}

  byIds(ids: readonly string[]): Promise<UserRow[]> {
    return this.database.rows<UserRow>(sql`SELECT * FROM users WHERE id = ANY(${ids}::uuid[])`);
  }

  /** In the order of their ids, one more than `limit` when there are more. */
  async idsAfter(page: { after?: string; registeredSince?: string; limit: number }): Promise<string[]> {
    const conditions: Sql[] = [sql`true`];
    if (page.after !== undefined) conditions.push(sql`id > ${page.after}`);
    if (page.registeredSince !== undefined) conditions.push(sql`created_at >= ${page.registeredSince}`);
    const rows = await this.database.rows<{ id: string }>(
      plannedByValues(sql`SELECT id FROM users WHERE ${joined(conditions, ' AND ')} ORDER BY id LIMIT ${page.limit + 1}`),
    );
    return rows.map(({ id }) => id);
  }

  async staffIds(): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      sql`SELECT id FROM users WHERE roles && ARRAY['support', 'admin'] AND NOT disabled ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  }
}
