import { Injectable } from '@nestjs/common';
import type { RefundState } from '#libs/contracts/payment/views';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database, type Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
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
  /** The bank has given the customer the money of this payment. */
  readonly isLost: boolean;
}

export const REFUND_COLUMNS = sql`id, order_id AS "orderId", payment_id AS "paymentId", amount, state AS status,
  razorpay_refund_id AS "razorpayRefundId", created_at AS "createdAt"`;

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
          EXISTS (SELECT FROM disputes d WHERE d.payment_id = refunds.payment_id AND d.status = 'lost') AS "isLost"`,
      }),
    );
  }

  async tryAgainAfter(id: string, seconds: number, error: string | null): Promise<void> {
    await this.database.execute(sql`
      UPDATE refunds SET next_try_at = ${fromNow(seconds)}, error = ${error} WHERE id = ${id} AND state = 'pending'`);
  }

  /** The state of a dispute that stands in the way of refunds: an open one, or one that was lost. Another user's order has none. */
  async disputeOf(
    orderId: string,
    userId: string | null,
    reader: Pick<Database | Transaction, 'row'> = this.database,
  ): Promise<string | undefined> {
    const found = await reader.row<{ status: string }>(sql`
      SELECT d.status FROM disputes d JOIN payment_orders o ON o.order_id = d.order_id
      WHERE d.order_id = ${orderId} AND d.status NOT IN ('won', 'closed') AND (${userId}::uuid IS NULL OR o.user_id = ${userId}::uuid)
      ORDER BY d.status = 'lost' LIMIT 1`);
    return found?.status;
  }
}
