import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

@Injectable()
export class UnreadVersionRepository {
  constructor(private readonly database: Database) {}

  /** Nothing is kept of users who are gone. */
  async raise(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    // In one order, so that two replicas do not wait for each other.
    const rows = await this.database.rows<{ user_id: string; version: number }>(sql`
      INSERT INTO unread_versions (user_id, version) SELECT user_id, 1 FROM unnest(${[...userIds].sort()}::uuid[]) AS row (user_id)
      WHERE NOT EXISTS (SELECT 1 FROM erased_users WHERE erased_users.user_id = row.user_id)
      ON CONFLICT (user_id) DO UPDATE SET version = unread_versions.version + 1 RETURNING user_id, version`);
    return new Map(rows.map(({ user_id, version }) => [user_id, version]));
  }

  async of(userId: string): Promise<number> {
    const row = await this.database.row<{ version: number }>(sql`SELECT version FROM unread_versions WHERE user_id = ${userId}`);
    return row?.version ?? 0;
  }
}
