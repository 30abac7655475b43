import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** What this service has of a user who is gone. Referrals and entries are books, and stay without a name. */
@Injectable()
export class ErasureRepository {
  async forget(transaction: Transaction, userId: string): Promise<void> {
    transaction.send(sql`DELETE FROM visits WHERE referrer_id = ${userId}`);
    transaction.send(sql`DELETE FROM devices WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM tasks WHERE subject_id = ${userId}`);
    // What nobody has asked for yet is given no more.
    await transaction.execute(sql`
      UPDATE reward_coupons SET state = 'withdrawn' WHERE referrer_id = ${userId} AND state = 'due' AND NOT was_asked_for`);
  }
}
