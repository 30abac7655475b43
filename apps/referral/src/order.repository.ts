import { Injectable } from '@nestjs/common';
import type { OrderChanged } from '#libs/contracts/order/messages';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { type OrderRow, tellsConfirmation } from './referral.ts';

/** Orders of friends. To be called with their referral locked. */
@Injectable()
export class OrderRepository {
  /** The highest version stands; that an order was confirmed, and when it was delivered first, is believed in any order. */
  async note(transaction: Transaction, referralId: string, change: OrderChanged): Promise<void> {
    const { orderId, version, previousStatus, status, kept, openReturn, deliveredAt } = change;
    await transaction.execute(sql`
      INSERT INTO orders AS known (id, referral_id, version, status, kept, has_open_return, was_confirmed, delivered_at)
      VALUES (${orderId}, ${referralId}, ${version}, ${status}, ${kept}, ${openReturn}, ${tellsConfirmation(previousStatus, status)}, ${deliveredAt ?? null})
      ON CONFLICT (id) DO UPDATE SET
        was_confirmed = known.was_confirmed OR excluded.was_confirmed,
        delivered_at = least(known.delivered_at, excluded.delivered_at),
        (version, status, kept, has_open_return) = (
          SELECT latest.version, latest.status, latest.kept, latest.has_open_return
          FROM (VALUES (known.version, known.status, known.kept, known.has_open_return),
            (excluded.version, excluded.status, excluded.kept, excluded.has_open_return)) AS latest (version, status, kept, has_open_return)
          ORDER BY latest.version DESC LIMIT 1)`);
  }

  of(transaction: Transaction, referralId: string): Promise<OrderRow[]> {
    return transaction.rows<OrderRow>(sql`
      SELECT id, status, kept, has_open_return, was_confirmed, delivered_at FROM orders WHERE referral_id = ${referralId}`);
  }
}
