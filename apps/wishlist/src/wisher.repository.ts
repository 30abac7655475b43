import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { refuse } from '#libs/contracts/errors';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { nameKeyOf } from './wishlist.ts';

const DEFAULT_NAME = 'Wishlist';

/** The row that the writes of a user take turns at. */
@Injectable()
export class WisherRepository {
  /**
   * Waits for the user's turn, which ends with the transaction: what is read after it stays as it is until then. The user has their default list
   * from here on. @throws unauthenticated for an erased user, whose last requests may still be under way
   */
  async takeTurn(tx: Transaction, userId: string): Promise<void> {
    tx.send(sql`INSERT INTO wishers (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
    const wisher = tx.row<{ isErased: boolean }>(
      sql`SELECT erased_at IS NOT NULL AS "isErased" FROM wishers WHERE user_id = ${userId} FOR NO KEY UPDATE`,
    );
    tx.send(sql`
      INSERT INTO collections (id, user_id, name, name_key, is_default, privacy, position)
      SELECT ${uuidv7()}, user_id, ${DEFAULT_NAME}, ${nameKeyOf(DEFAULT_NAME)}, true, 'private', 0 FROM wishers
      WHERE user_id = ${userId} AND NOT EXISTS (SELECT FROM collections WHERE user_id = ${userId} AND is_default)`);
    if ((await wisher)?.isErased !== false) throw refuse('unauthenticated');
  }

  /** As auth counts the changes of an account, the highest stands. */
  note(tx: Transaction, userId: string, account: { disabled: boolean; version: number }): void {
    tx.send(sql`
      INSERT INTO wishers (user_id, disabled, account_version) VALUES (${userId}, ${account.disabled}, ${account.version})
      ON CONFLICT (user_id) DO UPDATE SET disabled = excluded.disabled, account_version = excluded.account_version
      WHERE wishers.account_version < excluded.account_version`);
  }

  /** The row stays for a while, so that nothing that comes late makes another. */
  erase(tx: Transaction, userId: string): void {
    tx.send(sql`
      INSERT INTO wishers (user_id, erased_at) VALUES (${userId}, now()) ON CONFLICT (user_id) DO UPDATE SET erased_at = now()`);
    tx.send(sql`DELETE FROM alerts WHERE user_id = ${userId}`);
    tx.send(sql`DELETE FROM collections WHERE user_id = ${userId}`);
  }
}
