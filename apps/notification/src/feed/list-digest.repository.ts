import { Injectable } from '@nestjs/common';
import type { Category } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** An entry of a list that others may join. */
export interface OpenEntry {
  readonly notification_id: string;
  /** How many it is to tell of. */
  readonly count: number;
  /** Whether it has stood in the list. */
  readonly is_shown: boolean;
  readonly began_at: Date;
}

/** Where a message stands: as which of an entry's. */
export interface Place {
  readonly entry_id: string;
  readonly place: number;
}

@Injectable()
export class ListDigestRepository {
  constructor(private readonly database: Database) {}

  /** The newest entry of this list, which is this worker's until the transaction ends. */
  async lock(transaction: Transaction, userId: string, category: Category): Promise<OpenEntry | undefined> {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${userId} ${category}`}::text, 2))`);
    return transaction.row<OpenEntry>(sql`
      SELECT notification_id, count, is_shown, began_at FROM list_digests WHERE user_id = ${userId} AND category = ${category}`);
  }

  /** Undefined for a message that has no place yet. */
  placeOf(transaction: Transaction, messageId: string): Promise<Place | undefined> {
    return transaction.row<Place>(sql`SELECT entry_id, place FROM outgoing WHERE id = ${messageId} AND entry_id IS NOT NULL`);
  }

  take(
    transaction: Transaction,
    messageId: string,
    of: { userId: string; category: Category; at: Date },
    { entry_id, place }: Place,
  ): void {
    const { userId, category, at } = of;
    transaction.send(sql`UPDATE outgoing SET entry_id = ${entry_id}, place = ${place} WHERE id = ${messageId}`);
    transaction.send(sql`
      INSERT INTO list_digests (user_id, category, notification_id, count, began_at)
      SELECT ${userId}::uuid, ${category}::text, ${entry_id}::uuid, ${place}::int, ${at}::timestamptz
      WHERE NOT EXISTS (SELECT 1 FROM erased_users WHERE user_id = ${userId})
      ON CONFLICT (user_id, category) DO UPDATE SET count = excluded.count, notification_id = excluded.notification_id,
        is_shown = list_digests.is_shown AND list_digests.notification_id = excluded.notification_id,
        began_at = CASE WHEN list_digests.notification_id = excluded.notification_id THEN list_digests.began_at ELSE excluded.began_at END`);
  }

  async shown(userId: string, category: Category, entryId: string): Promise<void> {
    await this.database.execute(sql`
      UPDATE list_digests SET is_shown = true
      WHERE user_id = ${userId} AND category = ${category} AND notification_id = ${entryId} AND NOT is_shown`);
  }
}
