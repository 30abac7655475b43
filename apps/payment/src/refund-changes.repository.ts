import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { paymentApi } from '#libs/contracts/payment/api';
import type { RefundState } from '#libs/contracts/payment/views';
import type { Logger } from '#libs/observability/logger';
import { fromNow } from '#libs/persistence/claim';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { refundOutcomes } from './payment.metrics.ts';
import { REFUND_SOURCES, refundOfReceipt } from './payment.ts';
import type { RazorpayRefund } from './razorpay-objects.ts';
import { IS_OVERDRAWN, REFUND_COLUMNS, type RefundRow } from './refund.repository.ts';

export interface NewRefund {
  readonly id: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly reason: string;
}

/** One attempt at a refund. Answers to an earlier attempt no longer count. */
export interface RefundAttempt {
  readonly id: string;
  readonly attempt: number;
  readonly paymentId: string;
}

export type Retry = 'retried' | 'not_failed' | 'exceeds_capture';

type Moved = RefundRow & { readonly origin: string; readonly attempt: number; readonly error: string | null };
const MOVED = sql`${REFUND_COLUMNS}, origin, attempt, error`;

/**
 * Everything that changes a refund. Each change locks the payment's row first: the refunds of a payment change one after the other, and
 * `given_back` is the sum of those that have not failed. The order service hears of every change, also of refunds made in Razorpay's dashboard.
 */
@Injectable()
export class RefundChangeRepository {
  constructor(@InjectLogger() private readonly logger: Logger) {}

  /**
   * Creates the refund that the order service asked for; a repeat changes nothing. A refund above what is left of the capture is created as
   * failed, so that the order service hears of it. False when the payment is unknown, or not this order's.
   */
  async create(tx: Transaction, { id, orderId, paymentId, amount, reason }: NewRefund): Promise<boolean> {
    if ((await this.lock(tx, paymentId))?.orderId !== orderId) return false;
    const created = await tx.row<Moved>(sql`
      WITH reserved AS (
        UPDATE payments SET given_back = given_back + ${amount}::bigint
        WHERE razorpay_payment_id = ${paymentId} AND status IN ('captured', 'refunded') AND given_back + ${amount}::bigint <= amount
          AND NOT EXISTS (SELECT FROM refunds WHERE id = ${id}::uuid)
        RETURNING 1
      ), added AS (
        INSERT INTO refunds (id, order_id, payment_id, amount, reason, origin, state, error, next_try_at)
        SELECT ${id}, ${orderId}, ${paymentId}, ${amount}::bigint, ${reason}, 'order',
          CASE WHEN EXISTS (SELECT FROM reserved) THEN 'pending' ELSE 'failed' END,
          CASE WHEN EXISTS (SELECT FROM reserved) THEN NULL ELSE 'more than is left of the capture' END, ${firstTry(sql`${paymentId}`)}
        ON CONFLICT (id) DO NOTHING RETURNING *
      )
      SELECT ${MOVED} FROM added`);
    // The order service knows of what it asked for.
    if (created?.status === 'failed') this.publish(tx, created);
    else if (created !== undefined) this.report(tx, created);
    return true;
  }

  /** Creates one refund of all that is left of a rejected capture, however often it is asked for. What came in; undefined when the payment is not this order's. */
  async createForRejected(tx: Transaction, orderId: string, paymentId: string, reason: string): Promise<number | undefined> {
    const payment = await this.lock(tx, paymentId);
    if (payment?.orderId !== orderId) return undefined;
    const created = await tx.row<Moved>(sql`
      WITH effect AS (
        INSERT INTO payment_effects (payment_id, effect) VALUES (${paymentId}, 'refund:rejected') ON CONFLICT DO NOTHING RETURNING 1
      ), whole AS (
        SELECT amount - given_back AS rest FROM payments, effect WHERE razorpay_payment_id = ${paymentId} AND given_back < amount
      ), reserved AS (
        UPDATE payments SET given_back = amount FROM whole WHERE razorpay_payment_id = ${paymentId}
      )
      INSERT INTO refunds (id, order_id, payment_id, amount, reason, origin)
      SELECT ${uuidv7()}, ${orderId}, ${paymentId}, rest, ${reason}, 'rejection' FROM whole
      RETURNING ${MOVED}`);
    if (created !== undefined) this.report(tx, created);
    return payment.amount;
  }

  /** Starts a new attempt at a failed refund, as long as the capture still covers it. */
  async retry(tx: Transaction, { id, paymentId }: RefundRow): Promise<Retry> {
    await this.lock(tx, paymentId);
    const moved = await tx.row<Moved>(sql`
      WITH reserved AS (
        UPDATE payments SET given_back = given_back + r.amount FROM refunds r
        WHERE r.id = ${id} AND r.state = 'failed' AND r.origin IN ('order', 'rejection') AND razorpay_payment_id = r.payment_id
          AND payments.status IN ('captured', 'refunded') AND given_back + r.amount <= payments.amount
        RETURNING 1
      )
      UPDATE refunds SET state = 'pending', attempt = attempt + 1, tries = 0, razorpay_refund_id = NULL, error = NULL, updated_at = now(),
        next_try_at = ${firstTry(sql`payment_id`)}
      WHERE id = ${id} AND EXISTS (SELECT FROM reserved)
      RETURNING ${MOVED}`);
    if (moved !== undefined) {
      this.publish(tx, moved);
      return 'retried';
    }
    const isFailed = await tx.row(sql`SELECT 1 FROM refunds WHERE id = ${id} AND state = 'failed' AND origin IN ('order', 'rejection')`);
    return isFailed === undefined ? 'not_failed' : 'exceeds_capture';
  }

  /** Marks a refund of cash as paid out by hand. False unless it is one of cash, and pending. */
  async settleCash(tx: Transaction, { id, paymentId }: RefundRow): Promise<boolean> {
    return this.changeState(
      tx,
      paymentId,
      sql`state = 'processed', error = NULL`,
      sql`id = ${id} AND payment_id LIKE 'cash\\_%' AND state = 'pending'`,
    );
  }

  /** Marks a refund that Razorpay refuses, or must not be asked for. A person has to look at it. */
  async fail(tx: Transaction, { id, attempt, paymentId }: RefundAttempt, error: string): Promise<void> {
    await this.changeState(
      tx,
      paymentId,
      sql`state = 'failed', error = ${error}`,
      sql`id = ${id} AND attempt = ${attempt} AND state = 'pending' AND razorpay_refund_id IS NULL`,
    );
  }

  /** Marks a refund as failed that a lost dispute has left no money for, unless there is room for it by now. */
  async failOverdrawn(tx: Transaction, { id, attempt, paymentId }: RefundAttempt, error: string): Promise<void> {
    await this.changeState(
      tx,
      paymentId,
      sql`state = 'failed', error = ${error}`,
      sql`id = ${id} AND attempt = ${attempt} AND state = 'pending' AND razorpay_refund_id IS NULL AND ${IS_OVERDRAWN}`,
    );
  }

  /**
   * Books a lost dispute once, as a refund that was made at Razorpay: the bank has given the customer the money. What Razorpay has refunded
   * of the payment before stays refunded, so no more is booked than is left.
   */
  async bookLostDispute(tx: Transaction, disputeId: string, paymentId: string): Promise<void> {
    await this.lock(tx, paymentId);
    const booked = await tx.row<Moved>(sql`
      WITH lost AS (
        UPDATE disputes SET booked_at = now() WHERE id = ${disputeId} AND status = 'lost' AND booked_at IS NULL RETURNING payment_id, amount
      ), made AS (
        SELECT coalesce(sum(amount), 0) AS amount FROM refunds
        WHERE payment_id = ${paymentId} AND state <> 'failed' AND (razorpay_refund_id IS NOT NULL OR state = 'processed')
      )
      INSERT INTO refunds (id, order_id, payment_id, amount, reason, origin, state)
      SELECT ${uuidv7()}, p.order_id, p.razorpay_payment_id, least(lost.amount, p.amount - made.amount),
        'given back by the bank after a dispute', 'dispute', 'processed'
      FROM lost JOIN payments p ON p.razorpay_payment_id = lost.payment_id, made
      WHERE p.amount > made.amount
      RETURNING ${MOVED}`);
    if (booked === undefined) return;
    await tx.execute(sql`
      UPDATE payments SET given_back = given_back + ${booked.amount}::bigint WHERE razorpay_payment_id = ${paymentId}`);
    await this.updatePayment(tx, booked);
    this.publish(tx, booked);
  }

  /** Records Razorpay's answer to our own request. */
  async recordAnswer(tx: Transaction, due: RefundAttempt, refund: RazorpayRefund, askAgainAfterSeconds: number): Promise<void> {
    await this.changeState(
      tx,
      due.paymentId,
      sql`razorpay_refund_id = ${refund.id}, state = ${refund.status}, error = ${errorOf(refund)},
        next_try_at = ${fromNow(askAgainAfterSeconds)}`,
      sql`id = ${due.id} AND attempt = ${due.attempt} AND (razorpay_refund_id IS NULL OR razorpay_refund_id = ${refund.id})
        AND state = ANY(${REFUND_SOURCES[refund.status]}::text[])`,
    );
  }

  /**
   * Records what a webhook says of a refund. Our own is found by its id or, while our request is under way, by its receipt; any other was
   * made in Razorpay's dashboard and is created here. False when its payment is not ours.
   */
  async recordReport(tx: Transaction, refund: RazorpayRefund): Promise<boolean> {
    const payment = await this.lock(tx, refund.paymentId);
    if (payment === undefined) return false;
    const own = refundOfReceipt(refund.receipt) ?? { id: null, attempt: 0 };
    const isMoved = await this.changeState(
      tx,
      refund.paymentId,
      sql`razorpay_refund_id = ${refund.id}, state = ${refund.status}, error = ${errorOf(refund)}`,
      sql`(razorpay_refund_id = ${refund.id} OR (razorpay_refund_id IS NULL AND id = ${own.id}::uuid AND attempt = ${own.attempt}))
        AND payment_id = ${refund.paymentId} AND state = ANY(${REFUND_SOURCES[refund.status]}::text[])`,
    );
    if (isMoved) return true;
    const noted = await tx.row<Moved>(sql`
      INSERT INTO refunds (id, order_id, payment_id, amount, reason, origin, state, razorpay_refund_id)
      SELECT ${uuidv7()}, ${payment.orderId}, ${refund.paymentId}, ${refund.amount}::bigint, 'made at Razorpay', 'dashboard',
        ${refund.status}, ${refund.id}
      WHERE NOT EXISTS (SELECT FROM refunds WHERE id = ${own.id}::uuid AND payment_id = ${refund.paymentId})
      ON CONFLICT (razorpay_refund_id) DO NOTHING
      RETURNING ${MOVED}`);
    if (noted === undefined) return true;
    await tx.execute(sql`
      UPDATE payments SET given_back = given_back + ${refund.amount}::bigint WHERE razorpay_payment_id = ${refund.paymentId}`);
    await this.updatePayment(tx, noted);
    this.publish(tx, noted);
    return true;
  }

  private lock(tx: Transaction, paymentId: string): Promise<{ orderId: string; amount: number } | undefined> {
    return tx.row(sql`SELECT order_id AS "orderId", amount FROM payments WHERE razorpay_payment_id = ${paymentId} FOR NO KEY UPDATE`);
  }

  private async changeState(tx: Transaction, paymentId: string, change: Sql, condition: Sql): Promise<boolean> {
    await this.lock(tx, paymentId);
    const moved = await tx.row<Moved>(sql`UPDATE refunds SET ${change}, updated_at = now() WHERE ${condition} RETURNING ${MOVED}`);
    if (moved === undefined) return false;
    await this.updatePayment(tx, moved);
    if (moved.status !== 'pending') this.publish(tx, moved);
    return true;
  }

  /** Updates the payment after a refund: a failed one frees its amount, processed ones may cover all of it. */
  private async updatePayment(tx: Transaction, { paymentId, amount, status }: Moved): Promise<void> {
    if (status === 'failed')
      await tx.execute(sql`UPDATE payments SET given_back = given_back - ${amount}::bigint WHERE razorpay_payment_id = ${paymentId}`);
    if (status === 'processed')
      await tx.execute(sql`
        UPDATE payments SET status = 'refunded', updated_at = now()
        WHERE razorpay_payment_id = ${paymentId} AND status = 'captured'
          AND amount <= (SELECT sum(amount) FROM refunds WHERE payment_id = ${paymentId} AND state = 'processed')`);
  }

  /** Tells the order service; refunds of rejected captures do not concern it. */
  private publish(tx: Transaction, moved: Moved): void {
    const { id: refundId, orderId, paymentId, amount, status, origin, attempt } = moved;
    if (origin === 'dashboard' || origin === 'dispute')
      tx.publish(paymentApi.events.refundedAtRazorpay, { refundId, orderId, paymentId, amount, status });
    if (origin === 'order') tx.publish(paymentApi.events.refundChanged, { refundId, orderId, amount, status, attempt });
    this.report(tx, moved);
  }

  /** Logs and counts a refund that was requested, processed or failed; of one that failed staff hears. */
  private report(tx: Transaction, { id: refundId, orderId, paymentId, amount, status, origin, attempt, error }: Moved): void {
    if (status === 'failed')
      tx.publish(paymentApi.events.needsPerson, { kind: 'refund_failed', orderId, amount, at: new Date().toISOString() });
    tx.afterCommit(() => {
      refundOutcomes.inc({ outcome: status });
      const fields = { refundId, orderId, paymentId, amount, origin, attempt };
      if (status === 'failed') this.logger.error({ ...fields, reason: error }, 'refund.failed');
      else this.logger.info(fields, status === 'pending' ? 'refund.requested' : 'refund.processed');
    });
  }
}

/** Cash refunds are paid by hand, so they are never due. */
const firstTry = (paymentId: Sql): Sql => sql`CASE WHEN ${paymentId} LIKE 'cash\\_%' THEN 'infinity'::timestamptz ELSE now() END`;

const errorOf = ({ status }: { status: RefundState }): string | null => (status === 'failed' ? 'failed at Razorpay' : null);
