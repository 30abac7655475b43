import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Counts the promotions that a user gets on a day of India. */
@Injectable()
export class PromotionCapRepository {
  /** Takes a place of today for each user; answers those who had one left. No user comes twice. */
  async take(transaction: Transaction, userIds: readonly string[], most: number): Promise<ReadonlySet<string>> {
    if (userIds.length === 0 || most === 0) return new Set();
    const rows = await transaction.rows<{ user_id: string }>(sql`
      INSERT INTO promotion_counts (user_id, day, promotions)
      SELECT user_id, (now() AT TIME ZONE 'Asia/Kolkata')::date, 1 FROM unnest(${[...userIds].sort()}::uuid[]) AS row (user_id)
      ON CONFLICT (user_id, day) DO UPDATE SET promotions = promotion_counts.promotions + 1
        WHERE promotion_counts.promotions < ${most} RETURNING user_id`);
    return new Set(rows.map(({ user_id }) => user_id));
  }
}
