import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { PayableOrder } from '#libs/contracts/order/messages';
import { linked, presentTrace } from '#libs/observability/tracing';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { PaymentOrderState } from './payment.ts';

/** What we ask Razorpay to collect for a shop order; one row for each, for ever. */
export interface PaymentOrderRow {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: number;
  readonly currency: string;
  /** Null until Razorpay's answer is stored. */
  readonly razorpayOrderId: string | null;
  readonly state: PaymentOrderState;
  /** Of the request that opened it, where traces are made. */
  readonly traceparent: string | null;
}

/** The right to create the Razorpay order, for some seconds. `creations` counts the holders so far, and so names the present one. */
export interface Creation {
  readonly orderId: string;
  readonly creations: number;
}

export interface DueOrder extends PaymentOrderRow {
  readonly razorpayOrderId: string;
  readonly checks: number;
  readonly ageSeconds: number;
}

const COLUMNS = sql`id, order_id AS "orderId", user_id AS "userId", amount, currency, razorpay_order_id AS "razorpayOrderId", state, traceparent`;

/** The holder renews it four times as often while Razorpay works; when the holder dies, those who wait take over within their own wait. */
const LEASE_SECONDS = 2;
export const RENEW_MS = 500;
const PAGE = 20;
/** While a row is being checked no other replica takes it. */
const CLAIM_SECONDS = 60;

@Injectable()
export class PaymentOrderRepository {
  constructor(private readonly database: Database) {}

  async find(orderId: string): Promise<PaymentOrderRow | undefined> {
    return linked(await this.database.row<PaymentOrderRow>(sql`SELECT ${COLUMNS} FROM payment_orders WHERE order_id = ${orderId}`));
  }

  /** Takes the right to create the Razorpay order. Undefined when it exists, or another request is creating it. */
  claimCreation(order: Omit<PayableOrder, 'payable' | 'number'>): Promise<Creation | undefined> {
    return this.database.row<Creation>(sql`
      INSERT INTO payment_orders AS known (order_id, id, user_id, amount, currency, creating_until, traceparent)
      VALUES (${order.orderId}, ${uuidv7()}, ${order.userId}, ${order.amount}, ${order.currency}, ${fromNow(LEASE_SECONDS)}, ${presentTrace()})
      ON CONFLICT (order_id) DO UPDATE SET creating_until = EXCLUDED.creating_until, creations = known.creations + 1
      WHERE known.razorpay_order_id IS NULL AND known.creating_until <= now()
      RETURNING order_id AS "orderId", creations`);
  }

  async renewCreation({ orderId, creations }: Creation): Promise<boolean> {
    const renewed = await this.database.execute(sql`
      UPDATE payment_orders SET creating_until = ${fromNow(LEASE_SECONDS)}
      WHERE order_id = ${orderId} AND creations = ${creations} AND razorpay_order_id IS NULL`);
    return renewed === 1;
  }

  /** Gives the right back after a pause, in which Razorpay may still be working on the request. */
  async releaseCreation({ orderId, creations }: Creation, pauseSeconds: number): Promise<void> {
    await this.database.execute(sql`
      UPDATE payment_orders SET creating_until = ${fromNow(pauseSeconds)}
      WHERE order_id = ${orderId} AND creations = ${creations} AND razorpay_order_id IS NULL`);
  }

  /** Stores Razorpay's answer; undefined when an earlier one is stored. */
  storeRazorpayOrder(
    orderId: string,
    razorpayOrderId: string,
    state: PaymentOrderState,
    { attachAfterMs, checkAfterSeconds }: { readonly attachAfterMs: number; readonly checkAfterSeconds: number },
  ): Promise<PaymentOrderRow | undefined> {
    return this.database.row<PaymentOrderRow>(sql`
      UPDATE payment_orders SET razorpay_order_id = ${razorpayOrderId}, state = ${state}, creating_until = NULL,
        next_check_at = ${fromNow(checkAfterSeconds)}, attach_at = ${fromNow(attachAfterMs / 1_000)}
      WHERE order_id = ${orderId} AND razorpay_order_id IS NULL
      RETURNING ${COLUMNS}`);
  }

  async noteAttached(orderId: string): Promise<void> {
    await this.database.execute(sql`UPDATE payment_orders SET attach_at = NULL WHERE order_id = ${orderId}`);
  }

  /** Takes up orders whose Razorpay order the order service does not know yet. */
  claimUnattached(): Promise<{ orderId: string; razorpayOrderId: string; traceparent: string | null }[]> {
    return this.database.rows(
      claim({
        table: sql`payment_orders`,
        key: sql`order_id`,
        due: sql`attach_at`,
        limit: PAGE,
        // The pause grows with the age of the order.
        leaseSeconds: sql`greatest(30, least(3600, extract(epoch FROM now() - created_at)))`,
        returning: sql`order_id AS "orderId", razorpay_order_id AS "razorpayOrderId", traceparent`,
      }),
    );
  }

  /** Takes up unpaid orders that are old enough to be asked about. */
  claimDue(): Promise<DueOrder[]> {
    return this.database.rows<DueOrder>(
      claim({
        table: sql`payment_orders`,
        key: sql`order_id`,
        due: sql`next_check_at`,
        limit: PAGE,
        leaseSeconds: CLAIM_SECONDS,
        set: sql`checks = checks + 1`,
        returning: sql`${COLUMNS}, checks, extract(epoch FROM now() - created_at)::float8 AS "ageSeconds"`,
      }),
    );
  }

  /** Sets the next check; null: never again. Does nothing for a paid order. */
  async checkAgainAfter(orderId: string, seconds: number | null): Promise<void> {
    await this.database.execute(sql`
      UPDATE payment_orders SET next_check_at = now() + make_interval(secs => ${seconds}::float8)
      WHERE order_id = ${orderId} AND next_check_at IS NOT NULL`);
  }
}
