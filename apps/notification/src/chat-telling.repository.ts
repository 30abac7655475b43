import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** What was told of chat threads; news comes in any order. */
@Injectable()
export class ChatTellingRepository {
  constructor(private readonly database: Database) {}

  /** False where that was told, or read, before. */
  async told(transaction: Transaction, userId: string, threadId: string, sequence: number, notificationId: string): Promise<boolean> {
    const noted = await transaction.execute(sql`
      INSERT INTO chat_tellings AS known (user_id, thread_id, notification_id, told_sequence)
      VALUES (${userId}, ${threadId}, ${notificationId}, ${sequence})
      ON CONFLICT (user_id, thread_id) DO UPDATE SET notification_id = excluded.notification_id, told_sequence = excluded.told_sequence, changed_at = now()
      WHERE greatest(known.told_sequence, known.read_sequence) < excluded.told_sequence`);
    return noted === 1;
  }

  /** Those of these notifications that nobody has read; what is just being read is waited for. */
  async stillTold(tellings: readonly { readonly userId: string; readonly threadId: string }[]): Promise<ReadonlySet<string>> {
    const [userIds, threadIds] = [tellings.map(({ userId }) => userId), tellings.map(({ threadId }) => threadId)];
    const rows = await this.database.rows<{ notification_id: string }>(sql`
      SELECT notification_id FROM chat_tellings
      WHERE (user_id, thread_id) IN (SELECT * FROM unnest(${userIds}::uuid[], ${threadIds}::uuid[])) AND notification_id IS NOT NULL FOR SHARE`);
    return new Set(rows.map(({ notification_id }) => notification_id));
  }

  /** The notification that they need not be told any more. */
  async read(transaction: Transaction, userId: string, threadId: string, sequence: number): Promise<string | undefined> {
    const row = await transaction.row<{ told: string | null }>(sql`
      SELECT notification_id AS told FROM chat_tellings WHERE user_id = ${userId} AND thread_id = ${threadId} FOR UPDATE`);
    transaction.send(sql`
      INSERT INTO chat_tellings AS known (user_id, thread_id, read_sequence) VALUES (${userId}, ${threadId}, ${sequence})
      ON CONFLICT (user_id, thread_id) DO UPDATE SET notification_id = NULL, read_sequence = greatest(known.read_sequence, excluded.read_sequence),
        changed_at = now()`);
    return row?.told ?? undefined;
  }
}
