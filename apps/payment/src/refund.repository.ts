import { Injectable } from '@nestjs/common';
import type { RefundState } from '#libs/contracts/payment/views';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { FINAL_DISPUTES } from './payment.ts';

export interface RefundRow {
  readonly id: string;
  readonly orderId: string;
  /** Razorpay's, or the one that stands for cash. */
  readonly paymentId: string;
  readonly amount: number;
  readonly status: RefundState;
  readonly razorpayRefundId: string | null;
  readonly createdAt: Date;
}

export interface DueRefund {
  readonly id: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly amount: number;
  /** Null until Razorpay has answered; then only its outcome is asked for. */
  readonly razorpayRefundId: string | null;
  readonly attempt: number;
  /** Times that this attempt was taken up, this one included. */
  readonly tries: number;
  /** A dispute was lost, and with it more goes back than was captured: the refund must not be made any more. */
  readonly isOverdrawn: boolean;
  /** Of the request that opened the order at Razorpay, where traces are made. */
  readonly traceparent: string | null;
}

export const REFUND_COLUMNS = sql`id, order_id AS "orderId", payment_id AS "paymentId", amount, state AS status,
  razorpay_refund_id AS "razorpayRefundId", created_at AS "createdAt"`;

/** Of a refund: a dispute of its payment was lost, and the refunds of the payment, that one included, are more than was captured. */
export const IS_OVERDRAWN = sql`EXISTS (
  SELECT FROM payments p JOIN disputes d ON d.payment_id = p.razorpay_payment_id
  WHERE p.razorpay_payment_id = refunds.payment_id AND p.given_back > p.amount AND d.booked_at IS NOT NULL)`;

const PAGE = 20;
/** Longer than a call at Razorpay may take, so that two replicas never send one refund at the same time. */
const CLAIM_SECONDS = 15;

@Injectable()
export class RefundRepository {
  constructor(private readonly database: Database) {}

  find(id: string): Promise<RefundRow | undefined> {
    return this.database.row<RefundRow>(sql`SELECT ${REFUND_COLUMNS} FROM refunds WHERE id = ${id}`);
  }

  /** Takes up refunds to send or to ask about. While a payment is disputed none of its refunds is sent. */
  claimDue(): Promise<DueRefund[]> {
    return this.database.rows<DueRefund>(
      claim({
        table: sql`refunds`,
        key: sql`id`,
        due: sql`next_try_at`,
        where: sql`state = 'pending' AND (razorpay_refund_id IS NOT NULL OR NOT EXISTS (
          SELECT FROM disputes d WHERE d.payment_id = refunds.payment_id AND NOT d.status = ANY(${FINAL_DISPUTES}::text[])))`,
        limit: PAGE,
        leaseSeconds: CLAIM_SECONDS,
        set: sql`tries = tries + 1`,
        returning: sql`id, order_id AS "orderId", payment_id AS "paymentId", amount, razorpay_refund_id AS "razorpayRefundId", attempt, tries,
          ${IS_OVERDRAWN} AS "isOverdrawn",
          (SELECT traceparent FROM payment_orders o WHERE o.order_id = refunds.order_id) AS traceparent`,
      }),
    );
  }

  async tryAgainAfter(id: string, seconds: number, error: string | null): Promise<void> {
    await this.database.execute(sql`
      UPDATE refunds SET next_try_at = ${fromNow(seconds)}, error = ${error} WHERE id = ${id} AND state = 'pending'`);
  }

  /** Lost disputes that are not booked as refunds. */
  unbookedDisputes(): Promise<{ id: string; paymentId: string }[]> {
    return this.database.rows(
      sql`SELECT id, payment_id AS "paymentId" FROM disputes WHERE status = 'lost' AND booked_at IS NULL ORDER BY id LIMIT ${PAGE}`,
    );
  }

  /** Whether an open dispute stands in the way of refunds. Another user's order has none. */
  async isDisputed(orderId: string, userId: string | null, reader: Pick<Database | Transaction, 'row'> = this.database): Promise<boolean> {
    const found = await reader.row(sql`
      SELECT 1 FROM disputes d JOIN payment_orders o ON o.order_id = d.order_id
      WHERE d.order_id = ${orderId} AND NOT d.status = ANY(${FINAL_DISPUTES}::text[]) AND (${userId}::uuid IS NULL OR o.user_id = ${userId}::uuid) LIMIT 1`);
    return found !== undefined;
  }
}
