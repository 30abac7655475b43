import { Injectable } from '@nestjs/common';
import type { RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';
import type { RefundState } from '#libs/contracts/payment/views';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { OrderRow } from '../order-row.ts';
import { paymentStatusWith, type RefundKind } from './order-changes.repository.ts';

export interface RefundRow {
  readonly id: string;
  readonly amount: number;
  readonly state: RefundState;
  readonly attempt: number;
  readonly kind: RefundKind;
  readonly reason: string;
}

/** Sums of an order that a refund changes. Paise. */
export type RefundSums = Pick<OrderRow, 'received' | 'refund_requested' | 'total'> & { readonly credited: number };

/** Statements on the refunds that orders know of. */
@Injectable()
export class RefundRepository {
  /** Holds the order until the transaction ends, before its refunds, as every change of an order does. */
  async lockOrder(transaction: Transaction, orderId: string): Promise<RefundSums | undefined> {
    return transaction.row<RefundSums>(
      sql`SELECT received, refund_requested, total, credited FROM orders WHERE id = ${orderId} FOR NO KEY UPDATE`,
    );
  }

  /** `taken`, or why the order did not take the payment. Undefined before the capture is noted. */
  async captureOutcome(transaction: Transaction, paymentId: string): Promise<string | undefined> {
    return (await transaction.row<{ outcome: string }>(sql`SELECT outcome FROM order_captures WHERE payment_id = ${paymentId}`))?.outcome;
  }

  /** Adds a refund made at Razorpay as one that has failed, for which nothing is counted yet. A repeat changes nothing. */
  async addUncounted(transaction: Transaction, { refundId, orderId, paymentId, amount }: RefundedAtRazorpay): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO order_refunds (id, order_id, payment_id, amount, reason, kind, state, attempt)
      VALUES (${refundId}, ${orderId}, ${paymentId}, ${amount}, 'refunded by the shop', 'dashboard', 'failed', 0) ON CONFLICT DO NOTHING`);
  }

  async find(transaction: Transaction, { refundId, orderId }: RefundChanged): Promise<RefundRow | undefined> {
    return transaction.row<RefundRow>(
      sql`SELECT id, amount, state, attempt, kind, reason FROM order_refunds WHERE id = ${refundId} AND order_id = ${orderId}`,
    );
  }

  async setState(transaction: Transaction, refundId: string, state: RefundState, attempt: number): Promise<void> {
    await transaction.execute(sql`UPDATE order_refunds SET state = ${state}, attempt = ${attempt} WHERE id = ${refundId}`);
  }

  /** Adds to the order's sums, in paise, and lets its payment status follow. */
  async addToOrder(
    transaction: Transaction,
    orderId: string,
    { requested, refunded, credited }: { readonly requested: number; readonly refunded: number; readonly credited: number },
  ): Promise<OrderRow | undefined> {
    return transaction.row<OrderRow>(sql`
      UPDATE orders SET
        payment_status = ${paymentStatusWith(requested)},
        refund_requested = refund_requested + ${requested}::bigint,
        refunded = refunded + ${refunded}::bigint,
        credited = credited + ${credited}::bigint, changes = changes + 1
      WHERE id = ${orderId} RETURNING *`);
  }
}
