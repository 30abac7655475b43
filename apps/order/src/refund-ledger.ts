import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { RefundChanged, RefundState } from '#libs/contracts/payment';
import type { Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { paymentStatusWith } from './order-changes.repository.ts';
import { OrderChanges } from './order-changes.ts';
import type { OrderRow } from './order-row.ts';

interface RefundRow {
  readonly id: string;
  readonly amount: number;
  readonly state: RefundState;
  readonly attempt: number;
}

/** What became of the refunds that orders asked for. */
@Injectable()
export class RefundLedger {
  constructor(private readonly changes: OrderChanges) {}

  /**
   * Takes payment's word in whatever order it comes: within an attempt from `pending` to `processed` or `failed`, a later attempt over an
   * earlier one, and never back from `processed`, for that money is gone. Refunds that no order asked for (rejected captures) are none of ours.
   */
  async apply({ refundId, orderId, status, attempt }: RefundChanged, transaction: Transaction): Promise<void> {
    // The order first, as everywhere.
    const order = await transaction.row<Pick<OrderRow, 'received' | 'refund_requested'>>(
      sql`SELECT received, refund_requested FROM orders WHERE id = ${orderId} FOR NO KEY UPDATE`,
    );
    const known = await transaction.row<RefundRow>(
      sql`SELECT id, amount, state, attempt FROM order_refunds WHERE id = ${refundId} AND order_id = ${orderId}`,
    );
    if (order === undefined || known === undefined || !isNews(known, status, attempt ?? known.attempt)) return;
    const requested = (status === 'failed' ? 0 : known.amount) - (known.state === 'failed' ? 0 : known.amount);
    // Another refund has taken what this one had freed. Payment refuses one of the two, and until we hear which, this word waits.
    if (order.refund_requested + requested > order.received) throw refuse('unavailable', 'The money of this refund is promised elsewhere');
    await transaction.execute(
      sql`UPDATE order_refunds SET state = ${status}, attempt = ${Math.max(known.attempt, attempt ?? 0)} WHERE id = ${refundId}`,
    );
    const changed = await transaction.row<OrderRow>(sql`
      UPDATE orders SET
        payment_status = ${paymentStatusWith(requested)},
        refund_requested = refund_requested + ${requested}::bigint,
        refunded = refunded + ${status === 'processed' ? known.amount : 0}::bigint
      WHERE id = ${orderId} RETURNING *`);
    if (changed !== undefined) transaction.afterCommit(() => this.changes.announce(changed));
  }
}

function isNews(known: RefundRow, state: RefundState, attempt: number): boolean {
  if (known.state === 'processed') return false;
  if (state === 'processed') return true;
  if (attempt !== known.attempt) return attempt > known.attempt;
  return known.state === 'pending' && state === 'failed';
}
