import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** What was heard of people's roles: an assignment that was checked before such news came must not outlive it. */
@Injectable()
export class StaffRepository {
  constructor(private readonly database: Database) {}

  async heardOf(userId: string): Promise<number> {
    const row = await this.database.row<{ version: number }>(sql`SELECT version FROM feedback_staff WHERE user_id = ${userId}`);
    return row?.version ?? 0;
  }

  /** Locks what is heard of them until the transaction ends; false when it is no longer what it was. */
  async isUnchanged(transaction: Transaction, userId: string, version: number): Promise<boolean> {
    const row = await transaction.row<{ version: number }>(sql`
      INSERT INTO feedback_staff (user_id) VALUES (${userId}) ON CONFLICT (user_id) DO UPDATE SET changed_at = now() RETURNING version`);
    return row?.version === version;
  }

  /** False for news that is older than what is known. */
  async hear(transaction: Transaction, userId: string, version: number): Promise<boolean> {
    const changed = await transaction.execute(sql`
      INSERT INTO feedback_staff AS known (user_id, version) VALUES (${userId}, ${version})
      ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, changed_at = now() WHERE known.version < excluded.version`);
    return changed === 1;
  }

  /** Nobody's: what was assigned to them. */
  async release(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`UPDATE feedback SET assignee_id = NULL, staff_updated_at = now() WHERE assignee_id = ${userId}`);
  }
}
