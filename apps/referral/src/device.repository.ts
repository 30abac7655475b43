import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** The account after so many others on a device is looked at. */
const OTHERS_BEFORE = 2;

/** Which accounts were used on which devices. To be called while joins take turns (`ReferralRepository.takeTurns`). */
@Injectable()
export class DeviceRepository {
  async note(transaction: Transaction, userId: string, hashes: readonly string[], at: string): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO devices AS known (user_id, hash, seen_at) SELECT ${userId}::uuid, hash, ${at}::timestamptz FROM unnest(${hashes}::text[]) AS hash
      ON CONFLICT (user_id, hash) DO UPDATE SET seen_at = least(known.seen_at, excluded.seen_at)`);
  }

  async isShared(transaction: Transaction, userId: string, otherId: string): Promise<boolean> {
    const row = await transaction.row<{ same: boolean }>(sql`
      SELECT EXISTS (SELECT FROM devices mine JOIN devices theirs USING (hash) WHERE mine.user_id = ${userId} AND theirs.user_id = ${otherId}) AS same`);
    return row?.same === true;
  }

  /** Accounts that were at least the third on a device of this user. */
  async crowdAround(transaction: Transaction, userId: string): Promise<string[]> {
    const rows = await transaction.rows<{ user_id: string }>(sql`
      SELECT DISTINCT user_id FROM (
        SELECT user_id, row_number() OVER (PARTITION BY hash ORDER BY seen_at, user_id) AS place FROM devices
        WHERE hash IN (SELECT hash FROM devices WHERE user_id = ${userId})) AS seen
      WHERE place > ${OTHERS_BEFORE}::int`);
    return rows.map(({ user_id }) => user_id);
  }
}
