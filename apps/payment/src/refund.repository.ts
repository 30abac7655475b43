import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database, type Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { idOfReceipt, REFUND_SOURCES } from './payment.ts';
import type { RazorpayRefund } from './razorpay.objects.ts';

export interface DueRefund {
  readonly id: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly amount: number;
  /** Null until Razorpay has answered; then only its outcome is asked for. */
  readonly razorpayRefundId: string | null;
  readonly tries: number;
}

const PAGE = 20;
/** Longer than a call at Razorpay may take, so that two replicas never send one refund at the same time. */
const CLAIM_SECONDS = 15;

@Injectable()
export class RefundRepository {
  constructor(private readonly database: Database) {}

  /**
   * One refund of the whole payment for this effect (`refund:rejected`), however often it is asked for. False when the payment is unknown
   * or not this order's.
   */
  async giveBack(tx: Transaction, orderId: string, paymentId: string, effect: string, reason: string): Promise<boolean> {
    const found = await tx.row<{ known: boolean }>(sql`
      WITH payment AS (
        SELECT amount FROM payments WHERE razorpay_payment_id = ${paymentId} AND order_id = ${orderId}
      ), effect AS (
        INSERT INTO payment_effects (payment_id, effect) SELECT ${paymentId}, ${effect} FROM payment ON CONFLICT DO NOTHING RETURNING 1
      ), refund AS (
        INSERT INTO refunds (id, order_id, payment_id, amount, reason)
        SELECT ${uuidv7()}, ${orderId}, ${paymentId}, amount, ${reason} FROM payment, effect
      )
      SELECT EXISTS (SELECT FROM payment) AS known`);
    return found?.known === true;
  }

  claimDue(): Promise<DueRefund[]> {
    return this.database.rows<DueRefund>(sql`
      UPDATE refunds SET next_try_at = now() + make_interval(secs => ${CLAIM_SECONDS}), tries = tries + 1
      WHERE id IN (
        SELECT id FROM refunds WHERE state = 'pending' AND next_try_at <= now() ORDER BY next_try_at LIMIT ${PAGE} FOR UPDATE SKIP LOCKED)
      RETURNING id, order_id AS "orderId", payment_id AS "paymentId", amount, razorpay_refund_id AS "razorpayRefundId", tries`);
  }

  async tryAgainAfter(id: string, seconds: number, error: string | null): Promise<void> {
    await this.database.execute(sql`
      UPDATE refunds SET next_try_at = now() + make_interval(secs => ${seconds}::float8), error = ${error} WHERE id = ${id} AND state = 'pending'`);
  }

  /** Razorpay will not do it: a person has to. */
  async refused(id: string, error: string): Promise<void> {
    await this.database.execute(sql`
      UPDATE refunds SET state = 'failed', error = ${error}, updated_at = now()
      WHERE id = ${id} AND state = 'pending' AND razorpay_refund_id IS NULL`);
  }

  /** Razorpay's answer to our own request. */
  async answered(id: string, refund: RazorpayRefund, askAgainAfterSeconds: number): Promise<void> {
    await this.database.execute(sql`
      UPDATE refunds SET razorpay_refund_id = ${refund.id}, state = ${refund.status}, error = NULL, updated_at = now(),
        next_try_at = now() + make_interval(secs => ${askAgainAfterSeconds}::float8)
      WHERE id = ${id} AND (razorpay_refund_id IS NULL OR razorpay_refund_id = ${refund.id})
        AND state = ANY(${REFUND_SOURCES[refund.status]}::text[])`);
  }

  /**
   * What a webhook says: of a refund we know, by its id or, while our request is under way, by the receipt we gave it; or of one that was
   * made in Razorpay's dashboard, which is noted. False when its payment is not ours.
   */
  async note(tx: Transaction, refund: RazorpayRefund): Promise<boolean> {
    const ownId = idOfReceipt(refund.receipt) ?? null;
    const moved = await tx.execute(sql`
      UPDATE refunds SET razorpay_refund_id = ${refund.id}, state = ${refund.status}, updated_at = now()
      WHERE (razorpay_refund_id = ${refund.id} OR (razorpay_refund_id IS NULL AND id = ${ownId}::uuid)) AND payment_id = ${refund.paymentId}
        AND state = ANY(${REFUND_SOURCES[refund.status]}::text[])`);
    if (moved > 0) return true;
    const found = await tx.row<{ known: boolean }>(sql`
      WITH payment AS (
        SELECT order_id FROM payments WHERE razorpay_payment_id = ${refund.paymentId}
      ), noted AS (
        INSERT INTO refunds (id, order_id, payment_id, amount, reason, state, razorpay_refund_id)
        SELECT ${uuidv7()}, order_id, ${refund.paymentId}, ${refund.amount}::bigint, 'made at Razorpay', ${refund.status}, ${refund.id}
        FROM payment WHERE NOT EXISTS (SELECT FROM refunds WHERE id = ${ownId}::uuid AND payment_id = ${refund.paymentId})
        ON CONFLICT (razorpay_refund_id) DO NOTHING
      )
      SELECT EXISTS (SELECT FROM payment) AS known`);
    return found?.known === true;
  }
}
