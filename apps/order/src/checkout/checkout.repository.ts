import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderStatus, PaymentStatus } from '#libs/contracts/order/views';
import type { PaymentCaptured } from '#libs/contracts/payment/messages';
import { linked } from '#libs/observability/tracing';
import { backoff, claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { WITH_ITEMS } from '../order.repository.ts';
import { statusesBefore } from '../order.ts';
import { publishChange } from '../order-changed.ts';
import type { CouponHold, OrderRow, OrderWithItems } from '../order-row.ts';

/**
 * `reserve_stock → hold_coupons → await_payment → redeem_coupons → sell_stock → done`, and `release → done` when it ends without a sale.
 * Orders without coupons skip theirs, orders with nothing to pay in advance do not wait.
 */
export type CheckoutStep = 'reserve_stock' | 'hold_coupons' | 'await_payment' | 'redeem_coupons' | 'sell_stock' | 'release' | 'done';

export interface Checkout {
  readonly order_id: string;
  readonly step: CheckoutStep;
  readonly attempts: number;
}

/** A checkout that is taken up by a round. */
export interface DueCheckout extends Checkout {
  readonly traceparent: string | null;
}

/** A refusal as it is kept for repeats of the request. */
export interface StoredRefusal {
  readonly code: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An order that was just paid, with the step its checkout takes next. */
export type PaidOrder = OrderWithItems & { readonly step: CheckoutStep };

/** Seconds that the process at work has before another may take the checkout over; renewed while a step takes longer. */
export const LEASE_SECONDS = 2;
export const RENEW_MS = 500;
const STEP_BACKOFF = { baseSeconds: 0.5, maxSeconds: 20 };

type Mover = Pick<Database, 'row' | 'execute'>;

interface Move {
  readonly from: CheckoutStep;
  readonly to: CheckoutStep;
  readonly status: OrderStatus;
  readonly actor: string;
  readonly note?: string;
  readonly due?: Sql;
  readonly releasesCart?: boolean;
  readonly paymentStatus?: PaymentStatus;
}

/**
 * Each move of a checkout is one statement that moves order and checkout together and only from where they are supposed to be, so two
 * processes at the same checkout cannot both move it. The order's row is locked first, everywhere: moves that meet wait, and do not deadlock.
 */
@Injectable()
export class CheckoutRepository {
  constructor(private readonly database: Database) {}

  /** Claims checkouts that are due: their process died, a step was put off, or their time to be paid is over. */
  async claimDue(limit: number): Promise<DueCheckout[]> {
    return this.database.rows<DueCheckout>(
      claim({
        table: sql`checkouts`,
        key: sql`order_id`,
        due: sql`due_at`,
        limit,
        leaseSeconds: LEASE_SECONDS,
        set: sql`attempts = attempts + 1`,
        returning: sql`order_id, step, attempts, (SELECT traceparent FROM orders WHERE orders.id = order_id) AS traceparent`,
      }),
    );
  }

  /** Keeps a checkout that is being taken a step on. Changes nothing once it stands at another step. */
  async renew(id: string, step: CheckoutStep): Promise<void> {
    await this.database.execute(sql`
      UPDATE checkouts SET due_at = greatest(due_at, ${fromNow(LEASE_SECONDS)}) WHERE order_id = ${id} AND step = ${step}`);
  }

  /** Delays a step that failed for a technical reason. By how many seconds. */
  async putOff({ order_id, step, attempts }: Checkout): Promise<number> {
    const pause = backoff(attempts, STEP_BACKOFF);
    await this.database.execute(sql`UPDATE checkouts SET due_at = ${fromNow(pause)} WHERE order_id = ${order_id} AND step = ${step}`);
    return pause;
  }

  /** Moves the checkout a step on, without a change that customers see. False when another process was faster. */
  async advanceStep(id: string, from: CheckoutStep, to: CheckoutStep): Promise<boolean> {
    const touched = await this.database.execute(sql`
      UPDATE checkouts SET step = ${to}, attempts = 0, due_at = ${fromNow(LEASE_SECONDS)}
      WHERE order_id = ${id} AND step = ${from}`);
    return touched === 1;
  }

  /** Opens an order whose stock and coupons are held: it can be seen and paid. */
  open(id: string, from: CheckoutStep): Promise<OrderRow | undefined> {
    return this.move(this.database, id, {
      from,
      to: 'await_payment',
      due: sql`locked.expires_at`,
      status: 'pending_payment',
      actor: 'customer',
    });
  }

  /** Refuses an order whose stock or coupons could not be held; it is never seen. */
  async refuse(id: string, refusal: StoredRefusal): Promise<void> {
    await this.database.execute(sql`
      WITH locked AS (SELECT id FROM orders WHERE id = ${id} AND status = 'placing' FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = 'release', due_at = ${fromNow(LEASE_SECONDS)}, refusal = ${JSON.stringify(refusal)}
        FROM locked WHERE order_id = id AND step <> 'release' RETURNING order_id)
      UPDATE orders SET status = 'refused', holds_cart = false FROM moved WHERE id = order_id`);
  }

  /** The basket that an order's coupons are held for. */
  async couponHoldOf(id: string): Promise<CouponHold> {
    const row = await this.database.row<{ coupon_hold: CouponHold | null }>(sql`SELECT coupon_hold FROM checkouts WHERE order_id = ${id}`);
    if (row?.coupon_hold == null) throw new Error('an order with coupons has no hold to take');
    return row.coupon_hold;
  }

  async refusalOf(id: string): Promise<StoredRefusal | undefined> {
    return (
      (await this.database.row<{ refusal: StoredRefusal | null }>(sql`SELECT refusal FROM checkouts WHERE order_id = ${id}`))?.refusal ??
      undefined
    );
  }

  /** Cancels an order that waits for payment. Undefined when it no longer does. */
  cancel(id: string, actor: string, note: string): Promise<OrderRow | undefined> {
    return this.end(id, { from: 'await_payment', to: 'release', status: 'cancelled', actor, note, releasesCart: true });
  }

  expire(id: string): Promise<OrderRow | undefined> {
    return this.end(id, { from: 'await_payment', to: 'release', status: 'expired', actor: 'order', releasesCart: true });
  }

  private end(id: string, move: Move): Promise<OrderRow | undefined> {
    return this.database.transaction(async (transaction) => {
      const ended = await this.move(transaction, id, move);
      if (ended !== undefined) publishChange(transaction, ended, 'pending_payment', { cause: 'status' });
      return ended;
    });
  }

  /**
   * Pays the order with a capture of exactly its total: the pivot, after which it is sold or the money goes back. Undefined when the order
   * cannot take the money, also when it had expired and a newer order has its cart version.
   */
  async takePayment(transaction: Transaction, capture: PaymentCaptured): Promise<PaidOrder | undefined> {
    const inTime = await this.pay(transaction, capture, 'pending_payment');
    if (inTime !== undefined) return inTime;
    await transaction.execute(sql`SAVEPOINT take_payment`);
    try {
      return await this.pay(transaction, capture, 'expired');
    } catch (error) {
      if (!isUniqueViolation(error, 'one_order_per_cart_version')) throw error;
      await transaction.execute(sql`ROLLBACK TO SAVEPOINT take_payment`);
      return undefined;
    }
  }

  private async pay(
    transaction: Transaction,
    { orderId: id, amount, providerOrderId }: PaymentCaptured,
    from: 'pending_payment' | 'expired',
  ): Promise<PaidOrder | undefined> {
    const paid = await transaction.row<PaidOrder>(sql`
      WITH locked AS (
        SELECT id, uses_coupons FROM orders WHERE id = ${id} AND status = ${from} AND payment_status = 'unpaid' AND total = ${amount} FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = CASE WHEN uses_coupons THEN 'redeem_coupons' ELSE 'sell_stock' END, attempts = 0,
          due_at = ${fromNow(LEASE_SECONDS)}
        FROM locked WHERE order_id = id RETURNING order_id, step)
      UPDATE orders SET payment_status = 'paid', received = ${amount}, holds_cart = true,
        provider_order_id = coalesce(provider_order_id, ${providerOrderId ?? null})
      FROM moved WHERE id = order_id
      RETURNING step, ${WITH_ITEMS}`);
    return linked(paid);
  }

  /** Ends a paid order whose stock or coupon is gone; its money goes back. */
  async giveUp(order: OrderRow, paymentId: string, reason: 'out_of_stock' | 'coupon_gone'): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const ended = await transaction.row<OrderRow>(sql`
        WITH locked AS (SELECT id FROM orders WHERE id = ${order.id} FOR UPDATE),
        moved AS (
          UPDATE checkouts SET step = 'release', due_at = ${fromNow(LEASE_SECONDS)}
          FROM locked WHERE order_id = id AND step IN ('redeem_coupons', 'sell_stock') RETURNING order_id)
        UPDATE orders SET status = 'expired', payment_status = 'unpaid', received = 0, holds_cart = false, changes = changes + 1,
          timeline = CASE WHEN status = 'expired' THEN timeline ELSE timeline || ${entry('expired', 'order', `${reason === 'out_of_stock' ? 'out of stock' : 'the coupon is used up'}; the payment goes back`)}::jsonb END
        FROM moved WHERE id = order_id RETURNING orders.*`);
      if (ended === undefined) return;
      publishChange(transaction, ended, order.status, { cause: 'late_money', late: 'refunded' });
      await transaction.execute(sql`UPDATE order_captures SET outcome = ${reason} WHERE payment_id = ${paymentId}`);
      transaction.publish(orderApi.events.captureRejected, { orderId: order.id, paymentId, reason });
    });
  }

  async finishRelease(id: string): Promise<void> {
    await this.database.execute(sql`UPDATE checkouts SET step = 'done', due_at = NULL WHERE order_id = ${id} AND step = 'release'`);
  }

  /** Lets an order wait longer for its payment before it may expire. */
  async extendWait(id: string, seconds: number): Promise<void> {
    await this.database.execute(sql`UPDATE checkouts SET due_at = ${fromNow(seconds)} WHERE order_id = ${id} AND step = 'await_payment'`);
  }

  /** Notes a capture; false when this payment was noted before. */
  async noteCapture(
    transaction: Transaction,
    capture: { paymentId: string; orderId: string; amount: number; currency: string },
  ): Promise<boolean> {
    const inserted = await transaction.execute(sql`
      INSERT INTO order_captures (payment_id, order_id, amount, currency, outcome)
      VALUES (${capture.paymentId}, ${capture.orderId}, ${capture.amount}, ${capture.currency}, 'taken') ON CONFLICT DO NOTHING`);
    return inserted === 1;
  }

  /** The order shows the Razorpay order all the same: another payment of it may follow. */
  noteRejection(transaction: Transaction, { paymentId, orderId, providerOrderId }: PaymentCaptured, reason: string): void {
    transaction.send(sql`UPDATE order_captures SET outcome = ${reason} WHERE payment_id = ${paymentId}`);
    if (providerOrderId !== undefined)
      transaction.send(sql`UPDATE orders SET provider_order_id = ${providerOrderId} WHERE id = ${orderId} AND provider_order_id IS NULL`);
  }

  /** Tells others that money which no order takes goes back; not for an order that nobody has seen. */
  async publishRejection(transaction: Transaction, orderId: string): Promise<void> {
    const order = await transaction.row<OrderRow>(sql`UPDATE orders SET changes = changes + 1 WHERE id = ${orderId} RETURNING *`);
    if (order !== undefined) publishChange(transaction, order, order.status, { cause: 'late_money', late: 'refunded' });
  }

  /** The capture that an order was paid with. */
  async captureOf(orderId: string): Promise<string | undefined> {
    return (
      await this.database.row<{ payment_id: string }>(
        sql`SELECT payment_id FROM order_captures WHERE order_id = ${orderId} AND outcome = 'taken'`,
      )
    )?.payment_id;
  }

  /** Why the order did not take a captured payment, for payment and for staff. */
  async rejectionReason(transaction: Transaction, { orderId, amount, currency }: PaymentCaptured): Promise<string> {
    const order = await transaction.row<Pick<OrderRow, 'status' | 'payment_status' | 'total'>>(
      sql`SELECT status, payment_status, total FROM orders WHERE id = ${orderId}`,
    );
    if (order === undefined) return 'unknown_order';
    if (order.total !== amount || currency !== 'INR') return 'amount_mismatch';
    if (order.status === 'cancelled') return 'order_cancelled';
    if (order.payment_status !== 'unpaid') return 'already_paid';
    return order.status === 'expired' ? 'order_expired' : 'order_not_payable';
  }

  private move(mover: Mover, id: string, move: Move): Promise<OrderRow | undefined> {
    return mover.row<OrderRow>(sql`
      WITH locked AS (SELECT id, expires_at FROM orders WHERE id = ${id} AND status = ANY(${statusesBefore(move.status)}) FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = ${move.to}, attempts = 0, due_at = ${move.due ?? fromNow(LEASE_SECONDS)}
        FROM locked WHERE order_id = id AND step = ${move.from} RETURNING order_id)
      UPDATE orders SET status = ${move.status}, payment_status = coalesce(${move.paymentStatus ?? null}, payment_status),
        holds_cart = holds_cart AND NOT ${move.releasesCart ?? false},
        timeline = timeline || ${entry(move.status, move.actor, move.note)}::jsonb, changes = changes + 1
      FROM moved WHERE id = order_id RETURNING orders.*`);
  }
}

/** A line of the timeline. */
export const entry = (status: OrderStatus, actor: string, note?: string): string =>
  JSON.stringify([{ status, at: new Date().toISOString(), actor, ...(note === undefined ? {} : { note }) }]);
