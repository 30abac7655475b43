import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** By what orders were paid, as keyed hashes; `payment.repository.ts` writes them with the payment. */
@Injectable()
export class InstrumentRepository {
  constructor(private readonly database: Database) {}

  /** Whether the order was paid by what another order of this user was paid by. */
  async isShared(orderId: string, userId: string): Promise<boolean> {
    const row = await this.database.row<{ shared: boolean }>(sql`
      SELECT EXISTS (
        SELECT FROM payment_instruments mine JOIN payment_instruments theirs ON theirs.hash = mine.hash AND theirs.order_id <> mine.order_id
        WHERE mine.order_id = ${orderId} AND theirs.user_id = ${userId}) AS shared`);
    return row?.shared === true;
  }

  /** Removes what is known of a user, for ever: reports of their payments may still come. */
  async forget(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`INSERT INTO erased_payers (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
    await transaction.execute(sql`DELETE FROM payment_instruments WHERE user_id = ${userId}`);
  }

  /** Those that were written beside an erasure. */
  async removeOfErased(): Promise<void> {
    await this.database.execute(
      sql`DELETE FROM payment_instruments USING erased_payers WHERE payment_instruments.user_id = erased_payers.user_id`,
    );
  }
}
