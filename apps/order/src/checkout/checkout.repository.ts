import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderStatus, PaymentStatus } from '#libs/contracts/order/views';
import { Database, type Transaction } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import { Invoices } from '../invoice/invoice.numbers.ts';
import { statusesBefore } from '../order.ts';
import type { CouponHold } from '../order-row.ts';
import { type ItemRow, type OrderRow, type OrderWithItems, WITH_ITEMS } from '../order-row.ts';

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

/** What is kept of a refusal, for a repeat of the request. */
export interface StoredRefusal {
  readonly code: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Seconds that the process at work has before another may take the checkout over. */
export const LEASE_SECONDS = 8;
const MAX_BACKOFF_SECONDS = 20;

type Mover = Pick<Database, 'row' | 'execute'>;

/**
 * Each move of a checkout is one statement that moves order and checkout together and only from where they are supposed to be, so two
 * processes at the same checkout cannot both move it. The order's row is locked first, everywhere: moves that meet wait, and do not deadlock.
 */
@Injectable()
export class CheckoutRepository {
  constructor(
    private readonly database: Database,
    private readonly invoices: Invoices,
  ) {}

  /** Checkouts that nobody works on: their process died, a step was put off, or their time to be paid is over. */
  async claimDue(limit: number): Promise<Checkout[]> {
    return this.database.rows<Checkout>(sql`
      UPDATE checkouts SET due_at = now() + make_interval(secs => ${LEASE_SECONDS}::float8), attempts = attempts + 1
      WHERE order_id IN (SELECT order_id FROM checkouts WHERE due_at <= now() ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING order_id, step, attempts`);
  }

  /** A technical failure is a delay. */
  async putOff({ order_id, step, attempts }: Checkout): Promise<void> {
    const seconds = Math.random() * Math.min(MAX_BACKOFF_SECONDS, 0.5 * 2 ** Math.min(attempts + 1, 10));
    await this.database.execute(
      sql`UPDATE checkouts SET due_at = now() + make_interval(secs => ${seconds}::float8) WHERE order_id = ${order_id} AND step = ${step}`,
    );
  }

  /** A step on, while nothing that the outside sees changes. False when another process was faster. */
  async goOn(id: string, from: CheckoutStep, to: CheckoutStep): Promise<boolean> {
    const touched = await this.database.execute(sql`
      UPDATE checkouts SET step = ${to}, attempts = 0, due_at = now() + make_interval(secs => ${LEASE_SECONDS}::float8)
      WHERE order_id = ${id} AND step = ${from}`);
    return touched === 1;
  }

  /** Stock and coupons are held: the order can be seen and paid. */
  open(id: string, from: CheckoutStep): Promise<OrderRow | undefined> {
    return this.move(this.database, id, {
      from,
      to: 'await_payment',
      due: sql`locked.expires_at`,
      status: 'pending_payment',
      actor: 'customer',
    });
  }

  /** Stock or coupons could not be held: the order never was. */
  async refuse(id: string, refusal: StoredRefusal): Promise<void> {
    await this.database.execute(sql`
      WITH locked AS (SELECT id FROM orders WHERE id = ${id} AND status = 'placing' FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = 'release', due_at = now() + make_interval(secs => ${LEASE_SECONDS}::float8), refusal = ${JSON.stringify(refusal)}
        FROM locked WHERE order_id = id AND step <> 'release' RETURNING order_id)
      UPDATE orders SET status = 'refused', holds_cart = false FROM moved WHERE id = order_id`);
  }

  /** What an order holds coupons with. */
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

  /** Undefined when it is not waiting for payment any more. */
  cancel(id: string, actor: string, note: string): Promise<OrderRow | undefined> {
    return this.move(this.database, id, { from: 'await_payment', to: 'release', status: 'cancelled', actor, note, letsCartGo: true });
  }

  expire(id: string): Promise<OrderRow | undefined> {
    return this.move(this.database, id, {
      from: 'await_payment',
      to: 'release',
      status: 'expired',
      actor: 'order',
      letsCartGo: true,
    });
  }

  /** The pivot: the money of exactly this order is here, so from now on it goes forward, or the money goes back. */
  paid(
    transaction: Transaction,
    id: string,
    amount: number,
    from: 'pending_payment' | 'expired',
  ): Promise<(OrderWithItems & { readonly step: CheckoutStep }) | undefined> {
    return transaction.row(sql`
      WITH locked AS (
        SELECT id, uses_coupons FROM orders WHERE id = ${id} AND status = ${from} AND payment_status = 'unpaid' AND total = ${amount} FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = CASE WHEN uses_coupons THEN 'redeem_coupons' ELSE 'sell_stock' END, attempts = 0,
          due_at = now() + make_interval(secs => ${LEASE_SECONDS}::float8)
        FROM locked WHERE order_id = id RETURNING order_id, step)
      UPDATE orders SET payment_status = 'paid', received = ${amount}, holds_cart = true FROM moved WHERE id = order_id RETURNING step, ${WITH_ITEMS}`);
  }

  /** Sold: stock is committed, the invoice is issued, and whoever waits for it is told. */
  async confirm(order: OrderRow, items: readonly ItemRow[]): Promise<OrderRow | undefined> {
    return this.database.transaction(async (transaction) => {
      const confirmed = await this.move(transaction, order.id, {
        from: 'sell_stock',
        to: 'done',
        due: sql`NULL`,
        status: 'confirmed',
        actor: order.payment_method === 'razorpay' && order.total > 0 ? 'payment' : 'customer',
        paymentStatus: order.total > 0 && order.payment_method === 'cod' ? 'cod_due' : 'paid',
      });
      if (confirmed === undefined) return undefined;
      transaction.publish(orderApi.events.confirmed, {
        orderId: order.id,
        userId: order.user_id,
        cartVersion: order.cart_version,
        lines: items.map(({ variant_id, quantity }) => ({ variantId: variant_id, quantity })),
      });
      this.invoices.issueAtSale(transaction, confirmed, items);
      return confirmed;
    });
  }

  /** Paid, but what was ordered is gone: the money goes back. */
  async giveUp(order: OrderRow, paymentId: string, reason: 'out_of_stock' | 'coupon_gone'): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const moved = await transaction.execute(sql`
        WITH locked AS (SELECT id FROM orders WHERE id = ${order.id} FOR UPDATE),
        moved AS (
          UPDATE checkouts SET step = 'release', due_at = now() + make_interval(secs => ${LEASE_SECONDS}::float8)
          FROM locked WHERE order_id = id AND step IN ('redeem_coupons', 'sell_stock') RETURNING order_id)
        UPDATE orders SET status = 'expired', payment_status = 'unpaid', received = 0, holds_cart = false,
          timeline = CASE WHEN status = 'expired' THEN timeline ELSE timeline || ${entry('expired', 'order', `${reason === 'out_of_stock' ? 'out of stock' : 'the coupon is used up'}; the payment goes back`)}::jsonb END
        FROM moved WHERE id = order_id`);
      if (moved === 0) return;
      await transaction.execute(sql`UPDATE order_captures SET outcome = ${reason} WHERE payment_id = ${paymentId}`);
      transaction.publish(orderApi.events.captureRejected, { orderId: order.id, paymentId, reason });
    });
  }

  async released(id: string): Promise<void> {
    await this.database.execute(sql`UPDATE checkouts SET step = 'done', due_at = NULL WHERE order_id = ${id} AND step = 'release'`);
  }

  /** Waits for Razorpay's word a little longer before an order may expire. */
  async waitForWord(id: string, seconds: number): Promise<void> {
    await this.database.execute(
      sql`UPDATE checkouts SET due_at = now() + make_interval(secs => ${seconds}::float8) WHERE order_id = ${id} AND step = 'await_payment'`,
    );
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

  async noteRejection(transaction: Transaction, paymentId: string, reason: string): Promise<void> {
    await transaction.execute(sql`UPDATE order_captures SET outcome = ${reason} WHERE payment_id = ${paymentId}`);
  }

  /** The capture that an order was paid with. */
  async captureOf(orderId: string): Promise<string | undefined> {
    return (
      await this.database.row<{ payment_id: string }>(
        sql`SELECT payment_id FROM order_captures WHERE order_id = ${orderId} AND outcome = 'taken'`,
      )
    )?.payment_id;
  }

  private move(
    mover: Mover,
    id: string,
    move: {
      from: CheckoutStep;
      to: CheckoutStep;
      status: OrderStatus;
      actor: string;
      note?: string;
      due?: Sql;
      letsCartGo?: boolean;
      paymentStatus?: PaymentStatus;
    },
  ): Promise<OrderRow | undefined> {
    return mover.row<OrderRow>(sql`
      WITH locked AS (SELECT id, expires_at FROM orders WHERE id = ${id} AND status = ANY(${statusesBefore(move.status)}) FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = ${move.to}, attempts = 0, due_at = ${move.due ?? sql`now() + make_interval(secs => ${LEASE_SECONDS}::float8)`}
        FROM locked WHERE order_id = id AND step = ${move.from} RETURNING order_id)
      UPDATE orders SET status = ${move.status}, payment_status = coalesce(${move.paymentStatus ?? null}, payment_status), holds_cart = holds_cart AND NOT ${move.letsCartGo ?? false},
        timeline = timeline || ${entry(move.status, move.actor, move.note)}::jsonb
      FROM moved WHERE id = order_id RETURNING orders.*`);
  }
}

const entry = (status: OrderStatus, actor: string, note?: string): string =>
  JSON.stringify([{ status, at: new Date().toISOString(), actor, ...(note === undefined ? {} : { note }) }]);
