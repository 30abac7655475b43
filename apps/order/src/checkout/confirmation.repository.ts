import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderConfirmed } from '#libs/contracts/order/messages';
import type { PaymentStatus } from '#libs/contracts/order/views';
import type { PaymentCaptured } from '#libs/contracts/payment/messages';
import { linked } from '#libs/observability/tracing';
import { Database } from '#libs/persistence/database';
import { Letter } from '#libs/persistence/letter';
import { orNothing } from '#libs/persistence/or-nothing';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { InvoiceRepository } from '../invoice/invoice.repository.ts';
import { Invoices } from '../invoice/invoices.ts';
import { WITH_ITEMS } from '../order.repository.ts';
import { statusesBefore } from '../order.ts';
import { changeOf } from '../order-changed.ts';
import type { ItemRow, OrderRow, OrderWithItems } from '../order-row.ts';
import { type CheckoutStep, entry } from './checkout.repository.ts';

/** What becomes of an order that is confirmed. */
interface Confirmation {
  readonly items: readonly ItemRow[];
  readonly from: CheckoutStep;
  readonly actor: 'payment' | 'customer';
  readonly paymentStatus: PaymentStatus;
  readonly received: number;
  readonly providerOrderId?: string | undefined;
}

/** Confirms orders: the order, its checkout, its invoice and the events that tell of it are one statement. */
@Injectable()
export class ConfirmationRepository {
  constructor(
    private readonly database: Database,
    private readonly invoices: Invoices,
    private readonly invoiceRows: InvoiceRepository,
  ) {}

  /** Confirms an order whose stock is sold. Undefined when another process was faster. */
  async confirmSold(order: OrderRow, items: readonly ItemRow[]): Promise<OrderRow | undefined> {
    const isPaidOnline = order.payment_method === 'razorpay' && order.total > 0;
    const confirming = this.confirming(order, {
      items,
      from: 'sell_stock',
      actor: isPaidOnline ? 'payment' : 'customer',
      paymentStatus: order.total > 0 && order.payment_method === 'cod' ? 'cod_due' : 'paid',
      received: order.received,
    });
    const confirmed = await this.database.row<OrderRow>(sql`${confirming.parts} SELECT * FROM confirmed`);
    if (confirmed !== undefined) confirming.sent(this.database, confirmed);
    return confirmed;
  }

  /**
   * Holds the order that a capture pays in time and in full, until the transaction ends. Undefined for any other, and for one with coupons,
   * whose uses the coupon service has to redeem first.
   */
  async holdPaid(transaction: Transaction, { orderId, amount, currency }: PaymentCaptured): Promise<OrderWithItems | undefined> {
    return linked(
      await transaction.row<OrderWithItems>(sql`
        SELECT ${WITH_ITEMS} FROM orders
        WHERE id = ${orderId} AND status = 'pending_payment' AND payment_status = 'unpaid' AND total = ${amount} AND currency = ${currency}
          AND NOT uses_coupons AND expires_at > now()
          AND EXISTS (SELECT FROM checkouts WHERE order_id = orders.id AND step = 'await_payment')
        FOR NO KEY UPDATE`),
    );
  }

  /** Pays and confirms an order that this transaction holds, as the last thing in it. Its stock is held for it and is sold by the event. */
  async confirmPaid(
    transaction: Transaction,
    order: OrderWithItems,
    { amount: received, providerOrderId }: PaymentCaptured,
  ): Promise<OrderRow> {
    const { items } = order;
    const confirming = this.confirming(order, {
      ...{ items, from: 'await_payment', actor: 'payment', paymentStatus: 'paid', received, providerOrderId },
    });
    const confirmed = await transaction.rowAtCommit<OrderRow>(sql`
      ${confirming.parts} ${orNothing(sql`confirmed.id IS NOT NULL`, sql`confirmed.*`)}
      FROM (SELECT) AS always LEFT JOIN confirmed ON true`);
    if (confirmed === undefined) throw new Error('a statement without conditions gave no row');
    confirming.sent(transaction, confirmed);
    return confirmed;
  }

  /**
   * The parts of the statement, of which the last is `confirmed`, and what to do with its row. The order's row is locked first, as in every
   * move, and the counter of invoices last: all sales wait for each other there.
   */
  private confirming(order: OrderRow, confirmation: Confirmation): { parts: Sql; sent: (by: Sender, confirmed: OrderRow) => void } {
    const { items, from, actor, paymentStatus, received, providerOrderId } = confirmation;
    const isLate = order.timeline.some(({ status }) => status === 'expired');
    const told: OrderConfirmed = {
      ...{ orderId: order.id, userId: order.user_id, cartVersion: order.cart_version },
      lines: items.map(({ variant_id, quantity }) => ({ variantId: variant_id, quantity })),
    };
    const after: OrderRow = { ...order, status: 'confirmed', payment_status: paymentStatus, received };
    const change = changeOf(after, order.status, isLate ? { cause: 'late_money', late: 'confirmed' } : { cause: 'status' });
    const [confirmedLetter, changedLetter] = [new Letter(orderApi.events.confirmed), new Letter(orderApi.events.changed)];
    const parts = sql`
      WITH locked AS (SELECT id FROM orders WHERE id = ${order.id} AND status = ANY(${statusesBefore('confirmed')}) FOR UPDATE),
      moved AS (
        UPDATE checkouts SET step = 'done', attempts = 0, due_at = NULL FROM locked WHERE order_id = id AND step = ${from} RETURNING order_id),
      ${this.invoiceRows.issuing(this.invoices.invoiceOf(after, items), sql`FROM moved`)},
      confirmed AS (
        UPDATE orders SET status = 'confirmed', payment_status = ${paymentStatus}, received = ${received}, changes = changes + 1,
          provider_order_id = coalesce(provider_order_id, ${providerOrderId ?? null}), invoice = issued.invoice,
          timeline = timeline || ${entry('confirmed', actor)}::jsonb
        FROM moved, issued WHERE id = moved.order_id RETURNING orders.*),
      told_confirmed AS (${confirmedLetter.insert(sql`SELECT ${JSON.stringify(told)}::text FROM confirmed`)}),
      told_changed AS (${changedLetter.insert(
        sql`SELECT jsonb_set(${JSON.stringify(change)}::jsonb, '{version}', to_jsonb(changes))::text FROM confirmed`,
      )})`;
    const sent = (by: Sender, { changes }: OrderRow): void => {
      by.sent(confirmedLetter, told);
      by.sent(changedLetter, { ...change, version: changes });
    };
    return { parts, sent };
  }
}

/** What letters are handed over to: a transaction, or the database where the statement is one by itself. */
type Sender = Pick<Database, 'sent'>;
