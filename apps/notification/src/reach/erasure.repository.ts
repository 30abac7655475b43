import { Injectable } from '@nestjs/common';
import { claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { lockOfUser } from './user-lock.repository.ts';

const LEASE_SECONDS = 30;

/** What this database has of a user who is gone. The list and the filed deliveries are the store's. */
@Injectable()
export class ErasureRepository {
  constructor(private readonly database: Database) {}

  /** At once what is here; the store follows (`eraser.ts`), for it may be away. */
  note(transaction: Transaction, userId: string): void {
    // What is kept anew at this moment is kept before, and goes, or sees that they are erased.
    transaction.send(lockOfUser(userId));
    transaction.send(sql`INSERT INTO erased_users (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
    transaction.send(sql`DELETE FROM devices WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM preferences WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM list_digests WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM chat_tellings WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM unread_versions WHERE user_id = ${userId}`);
    transaction.send(sql`
      UPDATE outgoing SET sent_to = '', address = NULL, sealed = NULL, variables = '{}', gathered = '[]', updated_at = now(),
        reason = CASE WHEN state IN ('queued', 'waiting') THEN 'unknown_user' ELSE reason END,
        due_at = CASE WHEN state IN ('queued', 'waiting') THEN now() ELSE due_at END,
        state = CASE WHEN state IN ('queued', 'waiting') THEN 'skipped' ELSE state END
      WHERE user_id = ${userId}`);
  }

  /** Users whose rows in the store are to go: a little after the event, for what was on its way is filed first. */
  async claim(): Promise<string[]> {
    const rows = await this.database.rows<{ user_id: string }>(
      claim({
        table: sql`erased_users`,
        key: sql`user_id`,
        due: sql`due_at`,
        where: sql`NOT is_done AND NOT EXISTS (SELECT 1 FROM outgoing WHERE outgoing.user_id = erased_users.user_id)`,
        limit: 20,
        leaseSeconds: LEASE_SECONDS,
        returning: sql`user_id`,
      }),
    );
    return rows.map(({ user_id }) => user_id);
  }

  async done(userId: string): Promise<void> {
    await this.database.execute(sql`UPDATE erased_users SET is_done = true WHERE user_id = ${userId}`);
  }
}
