import { Injectable } from '@nestjs/common';
import type { PaymentState } from '#libs/contracts/payment/views';
import { linked } from '#libs/observability/tracing';
import { Database } from '#libs/persistence/database';
import type { Letter } from '#libs/persistence/letter';
import type { Queries } from '#libs/persistence/queries';
import { type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { Instruments } from './instruments.ts';
import { cashIdOf, FINAL_DISPUTES, ORDER_SOURCES, PAYMENT_SOURCES, type PaymentOrderState } from './payment.ts';
import type { PaymentOrderRow } from './payment-order.repository.ts';
import type { RazorpayDispute, RazorpayPayment } from './razorpay-objects.ts';

export interface RecordedPayment {
  readonly orderId: string;
  readonly userId: string;
  /** Of the order's row. */
  readonly traceparent: string | null;
  /** As it stands now: the one recorded, or a later one. */
  readonly status: PaymentState;
  /** True once in the life of a payment for `captured`, and once for `failed`. */
  readonly isFirst: boolean;
}

/** The event that a report publishes if it takes effect: a capture, or at this time a failure. */
export interface News {
  readonly letter: Letter;
  readonly at: string;
}

/** An order with what is known of one payment, whichever order that belongs to. */
export interface OrderToVerify extends PaymentOrderRow {
  readonly paymentOrderId: string | null;
  /** `refunded` as soon as all of it is on its way back. */
  readonly paymentStatus: PaymentState | null;
}

export interface PaymentView {
  /** Null, like `amount`, for an order that was never to be paid at Razorpay. */
  readonly userId: string | null;
  readonly amount: number | null;
  readonly captured: number;
  readonly refunded: number;
  readonly attempts: {
    razorpayPaymentId: string;
    status: PaymentState;
    amount: number;
    method: string | null;
    at: string;
    captured: boolean;
  }[];
  readonly refunds: { id: string; amount: number; status: string; razorpayRefundId: string | null; createdAt: string }[];
  readonly disputes: { id: string; amount: number; status: string }[];
}

@Injectable()
export class PaymentRepository {
  constructor(
    private readonly database: Database,
    private readonly instruments: Instruments,
  ) {}

  async orderToVerify(orderId: string, userId: string, paymentId: string): Promise<OrderToVerify | undefined> {
    const found = await this.database.row<OrderToVerify>(sql`
      SELECT o.id, o.order_id AS "orderId", o.user_id AS "userId", o.amount, o.currency, o.razorpay_order_id AS "razorpayOrderId", o.state, o.traceparent,
        p.order_id AS "paymentOrderId", CASE WHEN p.given_back > 0 AND p.given_back >= p.amount THEN 'refunded' ELSE p.status END AS "paymentStatus"
      FROM payment_orders o LEFT JOIN payments p ON p.razorpay_payment_id = ${paymentId}
      WHERE o.order_id = ${orderId} AND o.user_id = ${userId}`);
    return linked(found);
  }

  /**
   * Records what Razorpay says of a payment, in one statement: states only move forward, a capture (unless the money went back already) and a
   * failure take effect once, and are then published with the letter. Undefined for a payment of an order that is not ours. The
   * row is written also when nothing changes, for only a write returns a row that is newer than the statement, which may have waited for
   * another report of the same payment.
   */
  async record(queries: Queries, payment: RazorpayPayment, news: News | undefined): Promise<RecordedPayment | undefined> {
    const recorded = await queries.row<RecordedPayment>(sql`
      WITH ${this.recording(payment, news)}
      SELECT known.order_id AS "orderId", known.user_id AS "userId", known.traceparent, stored.status, EXISTS (SELECT FROM effect) AS "isFirst" FROM known, stored`);
    return linked(recorded);
  }

  /** The same, and keeps the webhook that reported it, in the same statement. `isNew`: the webhook was not processed before. */
  async recordWebhook(
    payment: RazorpayPayment,
    news: News | undefined,
    { id, name, body }: { readonly id: string; readonly name: string; readonly body: Buffer },
  ): Promise<{ readonly recorded: RecordedPayment | undefined; readonly isNew: boolean }> {
    const row = await this.database.row<Omit<RecordedPayment, 'orderId'> & { orderId: string | null; isNew: boolean }>(sql`
      WITH ${this.recording(payment, news)}, kept AS (
        INSERT INTO webhook_events (id, body, processed_at, event, outcome)
        SELECT ${id}::text, ${body}::bytea, now(), ${name}::text, CASE WHEN EXISTS (SELECT FROM stored) THEN 'recorded' ELSE 'unknown_order' END
        ON CONFLICT (id) DO UPDATE SET processed_at = EXCLUDED.processed_at, event = EXCLUDED.event, outcome = EXCLUDED.outcome
        WHERE webhook_events.processed_at IS NULL
        RETURNING old.id IS NULL AS is_new
      )
      SELECT known.order_id AS "orderId", known.user_id AS "userId", known.traceparent, stored.status, EXISTS (SELECT FROM effect) AS "isFirst",
        EXISTS (SELECT FROM kept WHERE is_new) AS "isNew"
      FROM (SELECT) AS always LEFT JOIN known ON true LEFT JOIN stored ON true`);
    if (row === undefined) throw new Error('a statement without conditions gave no row');
    const { isNew, orderId, ...rest } = row;
    return { isNew, recorded: orderId === null ? undefined : linked({ ...rest, orderId }) };
  }

  /** Records the state of a dispute, where it is news; `isFirst`: nothing was known of it. Undefined when its payment is not ours. */
  async recordDispute(
    tx: Transaction,
    dispute: RazorpayDispute,
  ): Promise<{ orderId: string; isNews: boolean; isFirst: boolean } | undefined> {
    const known = await tx.row<{ orderId: string }>(
      sql`SELECT order_id AS "orderId" FROM payments WHERE razorpay_payment_id = ${dispute.paymentId}`,
    );
    const changed = await tx.row<{ isFirst: boolean }>(sql`
      INSERT INTO disputes (id, order_id, payment_id, amount, status)
      SELECT ${dispute.id}, order_id, razorpay_payment_id, ${dispute.amount}::bigint, ${dispute.status}
      FROM payments WHERE razorpay_payment_id = ${dispute.paymentId}
      ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status
      WHERE NOT disputes.status = ANY(${FINAL_DISPUTES}::text[]) AND disputes.status <> EXCLUDED.status
      RETURNING old.id IS NULL AS "isFirst"`);
    return known === undefined ? undefined : { orderId: known.orderId, isNews: changed !== undefined, isFirst: changed?.isFirst === true };
  }

  /** Shop orders of a user that money was asked for, in the order of their ids, after this one. */
  async ordersOf(userId: string, after: string | undefined, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql`
      SELECT order_id AS id FROM payment_orders
      WHERE user_id = ${userId} AND (${after ?? null}::uuid IS NULL OR order_id > ${after ?? null}::uuid) ORDER BY order_id LIMIT ${limit}`);
    return rows.map(({ id }) => id);
  }

  /** Everything about an order's money in one statement. Captured: all that came in; refunded: what has really gone back. */
  async view(orderId: string): Promise<PaymentView> {
    const found = await this.database.row<PaymentView>(sql`
      SELECT o.user_id AS "userId", o.amount, p.captured, r.refunded, p.attempts, r.refunds, d.disputes
      FROM (SELECT ${orderId}::uuid AS order_id) shop LEFT JOIN payment_orders o ON o.order_id = shop.order_id
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount) FILTER (WHERE e.effect IS NOT NULL), 0)::bigint AS captured,
          coalesce(json_agg(json_build_object('razorpayPaymentId', razorpay_payment_id, 'status', status, 'amount', amount, 'method', method,
            'at', attempted_at, 'captured', e.effect IS NOT NULL) ORDER BY attempted_at, razorpay_payment_id)
            FILTER (WHERE razorpay_payment_id IS NOT NULL), '[]') AS attempts
        FROM payments LEFT JOIN payment_effects e ON e.payment_id = razorpay_payment_id AND e.effect = 'captured'
        WHERE order_id = shop.order_id) p
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount) FILTER (WHERE state = 'processed'), 0)::bigint AS refunded,
          coalesce(json_agg(json_build_object('id', id, 'amount', amount, 'status', state, 'razorpayRefundId', razorpay_refund_id,
            'createdAt', created_at) ORDER BY id) FILTER (WHERE id IS NOT NULL), '[]') AS refunds
        FROM refunds WHERE order_id = shop.order_id) r
      CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_object('id', id, 'amount', amount, 'status', status) ORDER BY id)
          FILTER (WHERE id IS NOT NULL), '[]') AS disputes
        FROM disputes WHERE order_id = shop.order_id) d`);
    if (found === undefined) throw new Error('a statement without conditions gave no row');
    return found;
  }

  /** Records the cash that the courier brought as a capture, once for each order. */
  async recordCash(tx: Transaction, orderId: string, amount: number): Promise<void> {
    const id = cashIdOf(orderId);
    await tx.execute(sql`
      INSERT INTO payments (razorpay_payment_id, order_id, amount, currency, method, status, attempted_at)
      VALUES (${id}, ${orderId}, ${amount}, 'INR', 'cash', 'captured', now()) ON CONFLICT DO NOTHING`);
    await tx.execute(sql`INSERT INTO payment_effects (payment_id, effect) VALUES (${id}, 'captured') ON CONFLICT DO NOTHING`);
  }

  private recording(payment: RazorpayPayment, news: News | undefined): Sql {
    // An attempt that failed says nothing about whose the card is.
    const isPaid = payment.status === 'captured' || payment.status === 'authorized';
    return recording(payment, news, isPaid ? this.instruments.hashesOf(payment.instruments) : []);
  }
}

/** The parts of a statement that records a payment, and by what it was paid. */
function recording(payment: RazorpayPayment, news: News | undefined, hashes: readonly string[]): Sql {
  const { id, orderId, amount, currency, method, status, createdAt } = payment;
  const state: PaymentOrderState = status === 'captured' ? 'paid' : 'attempted';
  return sql`
    known AS (
      SELECT order_id, user_id, traceparent FROM payment_orders WHERE razorpay_order_id = ${orderId}
    ), stored AS (
      INSERT INTO payments (razorpay_payment_id, order_id, amount, currency, method, status, attempted_at)
      SELECT ${id}, order_id, ${amount}::bigint, ${currency}, ${method}, ${status}, to_timestamp(${createdAt}::float8) FROM known
      ON CONFLICT (razorpay_payment_id) DO UPDATE SET method = coalesce(EXCLUDED.method, payments.method), updated_at = now(),
        status = CASE WHEN payments.status = ANY(${PAYMENT_SOURCES[status]}::text[]) THEN EXCLUDED.status ELSE payments.status END
      RETURNING status
    ), effect AS (
      INSERT INTO payment_effects (payment_id, effect)
      SELECT ${id}, ${status}::text FROM stored
      WHERE (${status === 'captured'}::boolean AND status <> 'refunded') OR (${status === 'failed'}::boolean AND status = 'failed')
      ON CONFLICT DO NOTHING RETURNING 1
    ), advanced AS (
      UPDATE payment_orders o SET state = ${state}, next_check_at = CASE WHEN ${state} = 'paid' THEN NULL ELSE o.next_check_at END,
        attach_at = CASE WHEN ${state} = 'paid' THEN NULL ELSE o.attach_at END
      FROM known WHERE o.order_id = known.order_id AND o.state = ANY(${ORDER_SOURCES[state]}::text[])
    )${when(
      hashes.length > 0,
      () => sql`, paid_by AS (
        INSERT INTO payment_instruments (order_id, user_id, hash)
        SELECT order_id, user_id, hash FROM known, stored, unnest(${hashes}::text[]) AS hash
        WHERE NOT EXISTS (SELECT FROM erased_payers WHERE erased_payers.user_id = known.user_id) ON CONFLICT DO NOTHING)`,
    )}${when(
      news !== undefined,
      () => sql`, published AS (${news?.letter.insert(sql`SELECT ${toldOf(payment, news.at)}::text FROM known, effect`)})`,
    )}`;
}

/** Amount and currency as Razorpay gave them; the order service judges whether they fit. */
const toldOf = ({ id, orderId, amount, currency, status }: RazorpayPayment, at: string): Sql =>
  status === 'captured'
    ? sql`json_build_object('orderId', known.order_id, 'paymentId', ${id}::text, 'amount', ${amount}::bigint, 'currency', ${currency}::text,
        'providerOrderId', ${orderId}::text)`
    : sql`json_build_object('orderId', known.order_id, 'userId', known.user_id, 'paymentId', ${id}::text, 'at', ${at}::text)`;
