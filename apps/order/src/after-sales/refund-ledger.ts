import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';
import type { RefundState } from '#libs/contracts/payment/views';

import type { Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { CreditNotes } from '../invoice/invoice.numbers.ts';
import { OrderSignals } from '../order.signals.ts';
import type { OrderRow } from '../order-row.ts';
import { paymentStatusWith, type RefundKind } from './order-changes.repository.ts';

interface RefundRow {
  readonly id: string;
  readonly amount: number;
  readonly state: RefundState;
  readonly attempt: number;
  readonly kind: RefundKind;
  readonly reason: string;
}

/** What became of the refunds that orders asked for. */
@Injectable()
export class RefundLedger {
  constructor(
    private readonly signals: OrderSignals,
    private readonly creditNotes: CreditNotes,
  ) {}

  /** A refund that the order did not ask for counts like its own from now on. One of a capture that the order did not take is none of its business. */
  async adopt({ refundId, orderId, paymentId, amount, status }: RefundedAtRazorpay, transaction: Transaction): Promise<void> {
    await transaction.execute(sql`SELECT 1 FROM orders WHERE id = ${orderId} FOR NO KEY UPDATE`);
    const capture = await transaction.row<{ outcome: string }>(sql`SELECT outcome FROM order_captures WHERE payment_id = ${paymentId}`);
    if (capture === undefined) throw refuse('unavailable', 'The capture of this refund is not noted yet');
    if (capture.outcome !== 'taken') return;
    // As one that has failed nothing is counted for it yet.
    await transaction.execute(sql`
      INSERT INTO order_refunds (id, order_id, payment_id, amount, reason, kind, state, attempt)
      VALUES (${refundId}, ${orderId}, ${paymentId}, ${amount}, 'refunded by the shop', 'dashboard', 'failed', 0) ON CONFLICT DO NOTHING`);
    await this.apply({ refundId, orderId, amount, status, attempt: 1 }, transaction);
  }

  /**
   * Takes payment's word in whatever order it comes: within an attempt from `pending` to `processed` or `failed`, a later attempt over an
   * earlier one, and never back from `processed`, for that money is gone. Refunds that no order asked for (rejected captures) are none of ours.
   */
  async apply({ refundId, orderId, status, attempt }: RefundChanged, transaction: Transaction): Promise<void> {
    // The order first, as everywhere.
    const order = await transaction.row<Pick<OrderRow, 'received' | 'refund_requested' | 'total'> & { credited: number }>(
      sql`SELECT received, refund_requested, total, credited FROM orders WHERE id = ${orderId} FOR NO KEY UPDATE`,
    );
    const known = await transaction.row<RefundRow>(
      sql`SELECT id, amount, state, attempt, kind, reason FROM order_refunds WHERE id = ${refundId} AND order_id = ${orderId}`,
    );
    if (order === undefined || known === undefined || !isNews(known, status, attempt ?? known.attempt)) return;
    const requested = (status === 'failed' ? 0 : known.amount) - (known.state === 'failed' ? 0 : known.amount);
    // Another refund has taken what this one had freed. Payment refuses one of the two, and until we hear which, this word waits.
    if (order.refund_requested + requested > order.received) throw refuse('unavailable', 'The money of this refund is promised elsewhere');
    await transaction.execute(
      sql`UPDATE order_refunds SET state = ${status}, attempt = ${Math.max(known.attempt, attempt ?? 0)} WHERE id = ${refundId}`,
    );
    // What is cancelled or returned was credited with the goods; money alone is when it has gone, as far as the invoice has room.
    const isMoneyAlone = known.kind === 'goodwill' || known.kind === 'dashboard';
    const credited = isMoneyAlone && status === 'processed' ? Math.min(known.amount, order.total - order.credited) : 0;
    const changed = await transaction.row<OrderRow>(sql`
      UPDATE orders SET
        payment_status = ${paymentStatusWith(requested)},
        refund_requested = refund_requested + ${requested}::bigint,
        refunded = refunded + ${status === 'processed' ? known.amount : 0}::bigint,
        credited = credited + ${credited}::bigint
      WHERE id = ${orderId} RETURNING *`);
    if (changed !== undefined) transaction.afterCommit(() => this.signals.announce(changed));
    // Last, for all sales wait for each other at the counter of its numbers.
    await this.creditNotes.issue(transaction, { orderId, refundId, reason: known.reason, lines: [], fees: 0, amount: credited });
  }
}

function isNews(known: RefundRow, state: RefundState, attempt: number): boolean {
  if (known.state === 'processed') return false;
  if (state === 'processed') return true;
  if (attempt !== known.attempt) return attempt > known.attempt;
  return known.state === 'pending' && state === 'failed';
}
