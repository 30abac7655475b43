import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { PayableOrder } from '#libs/contracts/order/messages';
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
}

/** The right to ask Razorpay for the order, for some seconds. `creations` counts those who had it, and names the holder. */
export interface Creation {
  readonly orderId: string;
  readonly creations: number;
}

export interface DueOrder extends PaymentOrderRow {
  readonly razorpayOrderId: string;
  readonly checks: number;
  readonly ageSeconds: number;
}

const COLUMNS = sql`id, order_id AS "orderId", user_id AS "userId", amount, currency, razorpay_order_id AS "razorpayOrderId", state`;

/** Long enough for one call at Razorpay; whoever needs two renews it between them. */
const LEASE_SECONDS = 6;
const PAGE = 20;
/** While a row is being checked no other replica takes it. */
const CLAIM_SECONDS = 60;

@Injectable()
export class PaymentOrderRepository {
  constructor(private readonly database: Database) {}

  find(orderId: string): Promise<PaymentOrderRow | undefined> {
    return this.database.row<PaymentOrderRow>(sql`SELECT ${COLUMNS} FROM payment_orders WHERE order_id = ${orderId}`);
  }

  /** Undefined when the Razorpay order exists, or somebody else is asking for it. */
  claimCreation(order: Omit<PayableOrder, 'payable' | 'number'>): Promise<Creation | undefined> {
    return this.database.row<Creation>(sql`
      INSERT INTO payment_orders AS known (order_id, id, user_id, amount, currency, creating_until)
      VALUES (${order.orderId}, ${uuidv7()}, ${order.userId}, ${order.amount}, ${order.currency}, now() + make_interval(secs => ${LEASE_SECONDS}))
      ON CONFLICT (order_id) DO UPDATE SET creating_until = EXCLUDED.creating_until, creations = known.creations + 1
      WHERE known.razorpay_order_id IS NULL AND known.creating_until <= now()
      RETURNING order_id AS "orderId", creations`);
  }

  async renewCreation({ orderId, creations }: Creation): Promise<boolean> {
    const renewed = await this.database.execute(sql`
      UPDATE payment_orders SET creating_until = now() + make_interval(secs => ${LEASE_SECONDS})
      WHERE order_id = ${orderId} AND creations = ${creations} AND razorpay_order_id IS NULL`);
    return renewed === 1;
  }

  /** Lets the next one ask, after a pause in which Razorpay may still be working on what we asked. */
  async releaseCreation({ orderId, creations }: Creation, pauseSeconds: number): Promise<void> {
    await this.database.execute(sql`
      UPDATE payment_orders SET creating_until = now() + make_interval(secs => ${pauseSeconds}::float8)
      WHERE order_id = ${orderId} AND creations = ${creations} AND razorpay_order_id IS NULL`);
  }

  /** The first answer stands; undefined for any later one. */
  storeRazorpayOrder(
    orderId: string,
    razorpayOrderId: string,
    state: PaymentOrderState,
    checkAfterSeconds: number,
  ): Promise<PaymentOrderRow | undefined> {
    return this.database.row<PaymentOrderRow>(sql`
      UPDATE payment_orders SET razorpay_order_id = ${razorpayOrderId}, state = ${state}, creating_until = NULL,
        next_check_at = now() + make_interval(secs => ${checkAfterSeconds}::float8), attach_at = now() + interval '30 seconds'
      WHERE order_id = ${orderId} AND razorpay_order_id IS NULL
      RETURNING ${COLUMNS}`);
  }

  async noteAttached(orderId: string): Promise<void> {
    await this.database.execute(sql`UPDATE payment_orders SET attach_at = NULL WHERE order_id = ${orderId}`);
  }

  /** Orders whose shop order does not know its Razorpay order yet. */
  claimUnattached(): Promise<{ orderId: string; razorpayOrderId: string }[]> {
    return this.database.rows(sql`
      UPDATE payment_orders SET attach_at = now() + greatest(interval '30 seconds', least(interval '1 hour', now() - created_at))
      WHERE order_id IN (SELECT order_id FROM payment_orders WHERE attach_at <= now() ORDER BY attach_at LIMIT ${PAGE} FOR UPDATE SKIP LOCKED)
      RETURNING order_id AS "orderId", razorpay_order_id AS "razorpayOrderId"`);
  }

  /** Unpaid orders that are old enough to be asked about. */
  claimDue(): Promise<DueOrder[]> {
    return this.database.rows<DueOrder>(sql`
      UPDATE payment_orders SET next_check_at = now() + make_interval(secs => ${CLAIM_SECONDS}), checks = checks + 1
      WHERE order_id IN (
        SELECT order_id FROM payment_orders WHERE next_check_at <= now() ORDER BY next_check_at LIMIT ${PAGE} FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}, checks, extract(epoch FROM now() - created_at)::float8 AS "ageSeconds"`);
  }

  /** Null: never again. A paid order is not looked at again. */
  async checkAgainAfter(orderId: string, seconds: number | null): Promise<void> {
    await this.database.execute(sql`
      UPDATE payment_orders SET next_check_at = now() + make_interval(secs => ${seconds}::float8)
      WHERE order_id = ${orderId} AND next_check_at IS NOT NULL`);
  }
}
