import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { OrderChanged, RefundDue } from '#libs/contracts/order/messages';
import type { OrderStatus, PaymentStatus, ReceivedUnits, ReturnedItem, TimelineEntry, Tracking } from '#libs/contracts/order/views';
import { linked } from '#libs/observability/tracing';
import { type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { itemsOf, VISIBLE } from '../order.repository.ts';
import { publishChange } from '../order-changed.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';
import type { GivenLine } from './give-back.ts';

/** `dashboard`: made at Razorpay, without the shop. */
export type RefundKind = 'cancel' | 'return' | 'origin' | 'goodwill' | 'dashboard';

/** An order as it stays until the transaction ends. */
export interface LockedOrder {
  readonly order: OrderRow & {
    /** Whether `order.voided` has left. */
    readonly voided: boolean;
    readonly return_window_closed: boolean | null;
  };
  readonly items: readonly ItemRow[];
}

/** A change of an order. It ends in the last of `statuses`; each gets its line in the timeline. */
export interface Change {
  readonly statuses: readonly OrderStatus[];
  readonly actor: string;
  readonly note?: string | undefined;
  readonly isSilent?: boolean;
  readonly paymentStatus?: PaymentStatus | undefined;
  /** Paise to add, as the following four. */
  readonly received?: number;
  readonly cancelledShare?: number;
  readonly refundRequested?: number;
  readonly credited?: number;
  readonly tracking?: Tracking | undefined;
  readonly isDelivered?: boolean;
  readonly releasesCart?: boolean;
  readonly publishesVoided?: boolean;
  /** True: the order's copy of its returns is written anew. */
  readonly changesReturns?: boolean;
}

export interface ReturnRow {
  readonly id: string;
  readonly state: 'open' | 'refused' | 'closed';
  readonly items: readonly ReturnedItem[];
}

/** Statements on orders after their confirmation. Each runs in the transaction that holds the order's row, so locks are taken in one order. */
@Injectable()
export class OrderChangesRepository {
  /** `userId`: only that user's. */
  async lock(transaction: Transaction, id: string, userId: string | undefined, windowDays: number): Promise<LockedOrder | undefined> {
    const order = linked(
      await transaction.row<LockedOrder['order']>(sql`
      SELECT *, delivered_at + make_interval(days => ${windowDays}::int) < now() AS return_window_closed FROM orders
      WHERE id = ${id} AND ${VISIBLE} ${when(userId !== undefined, () => sql`AND user_id = ${userId}`)}
      FOR NO KEY UPDATE`),
    );
    return order === undefined ? undefined : { order, items: await itemsOf(transaction, [order.id]) };
  }

  /** Counts units as cancelled or returned. Fails on the table's CHECK when a line has fewer. */
  async countUnits(transaction: Transaction, orderId: string, lines: readonly GivenLine[], as: 'cancelled' | 'returned'): Promise<void> {
    const column = as === 'cancelled' ? sql`cancelled_quantity = cancelled_quantity` : sql`returned_quantity = returned_quantity`;
    await transaction.execute(sql`
      UPDATE order_items SET ${column} + given.quantity
      FROM unnest(${lines.map(({ itemId }) => itemId)}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[]) AS given (item_id, quantity)
      WHERE id = item_id AND order_id = ${orderId}`);
  }

  /** Changes the order from the status it was locked in, and tells others; the table's CHECKs bound the sums. */
  async change(transaction: Transaction, { order }: LockedOrder, change: Change): Promise<OrderRow> {
    const { received = 0, cancelledShare = 0, refundRequested = 0, credited = 0 } = change;
    const at = new Date().toISOString();
    const entries = change.isSilent === true ? [] : change.statuses.map((status, index) => entry(status, at, change, index));
    const changed = await transaction.row<OrderRow>(sql`
      UPDATE orders SET
        status = ${change.statuses.at(-1)},
        payment_status = coalesce(${change.paymentStatus ?? null}, ${paymentStatusWith(refundRequested)}),
        received = received + ${received}::bigint,
        cancelled_share = cancelled_share + ${cancelledShare}::bigint,
        refund_requested = refund_requested + ${refundRequested}::bigint,
        credited = credited + ${credited}::bigint,
        tracking = coalesce(${change.tracking === undefined ? null : JSON.stringify(change.tracking)}::jsonb, tracking),
        delivered_at = CASE WHEN ${change.isDelivered ?? false} THEN now() ELSE delivered_at END,
        holds_cart = holds_cart AND NOT ${change.releasesCart ?? false},
        voided = voided OR ${change.publishesVoided ?? false},
        returns = CASE WHEN ${change.changesReturns ?? false} THEN ${RETURNS} ELSE returns END,
        timeline = timeline || ${JSON.stringify(entries)}::jsonb, changes = changes + 1
      WHERE id = ${order.id} AND status = ${order.status} RETURNING *`);
    if (changed === undefined) throw new Error('an order that is held has changed');
    // Of a way over several statuses the last step is told: `returned` comes before `delivered` where a return was taken in part.
    publishChange(transaction, changed, change.statuses.at(-2) ?? order.status, { cause: causeOf(order, change) });
    return changed;
  }

  /** Notes a refund to make, with the payment that the money came by; null for cash. */
  async addRefund(
    transaction: Transaction,
    order: OrderRow,
    refund: { id: string; amount: number; reason: string; kind: RefundKind },
  ): Promise<RefundDue> {
    const { id, amount, reason, kind } = refund;
    const added = await transaction.row<{ payment_id: string | null }>(sql`
      INSERT INTO order_refunds (id, order_id, payment_id, amount, reason, kind)
      VALUES (${id}, ${order.id}, (SELECT payment_id FROM order_captures WHERE order_id = ${order.id} AND outcome = 'taken'), ${amount},
        ${reason}, ${kind})
      RETURNING payment_id`);
    const paymentId = added?.payment_id ?? null;
    if (paymentId === null && order.payment_method !== 'cod') throw new Error('an order that was paid online has no capture');
    return { refundId: id, orderId: order.id, userId: order.user_id, paymentId, amount, reason };
  }

  /** A refund that is noted already. */
  async refundDue(transaction: Transaction, refundId: string): Promise<RefundDue | undefined> {
    return transaction.row<RefundDue>(sql`
      SELECT order_refunds.id AS "refundId", order_id AS "orderId", user_id AS "userId", payment_id AS "paymentId", amount, reason
      FROM order_refunds JOIN orders ON orders.id = order_id WHERE order_refunds.id = ${refundId}`);
  }

  /** Opens a return; `amount` in paise. Fails on `one_open_return_per_order`. */
  async openReturn(transaction: Transaction, orderId: string, items: readonly ReturnedItem[], amount: number): Promise<void> {
    await transaction.execute(
      sql`INSERT INTO order_returns (id, order_id, items, amount) VALUES (${uuidv7()}, ${orderId}, ${JSON.stringify(items)}, ${amount})`,
    );
  }

  async returnOf(transaction: Transaction, orderId: string, returnId: string): Promise<ReturnRow | undefined> {
    return transaction.row<ReturnRow>(sql`SELECT id, state, items FROM order_returns WHERE id = ${returnId} AND order_id = ${orderId}`);
  }

  /** The open return of an order in status `return_requested`. */
  async openReturnOf(transaction: Transaction, orderId: string): Promise<ReturnRow> {
    const open = await transaction.row<ReturnRow>(
      sql`SELECT id, state, items FROM order_returns WHERE order_id = ${orderId} AND state = 'open'`,
    );
    if (open === undefined) throw new Error('an order whose return was asked for has no open return');
    return open;
  }

  /** Closes the open return. `amount`: paise that go back; `outcomes`: what became of each unit, where staff has said so. */
  async closeReturn(
    transaction: Transaction,
    orderId: string,
    { state, amount, outcomes }: { state: 'refused' | 'closed'; amount: number; outcomes?: readonly ReceivedUnits[] | undefined },
  ): Promise<void> {
    const closed = await transaction.execute(sql`
      UPDATE order_returns SET state = ${state}, amount = ${amount}, ended_at = now(),
        outcomes = ${outcomes === undefined ? null : JSON.stringify(outcomes)}::jsonb
      WHERE order_id = ${orderId} AND state = 'open'`);
    if (closed !== 1) throw new Error('an order whose return was asked for has no open return');
  }
}

const causeOf = ({ status }: OrderRow, { isSilent, statuses }: Change): OrderChanged['cause'] => {
  if (isSilent === true) return 'goodwill';
  return statuses.length === 1 && statuses[0] === status ? 'units' : 'status';
};

/** The returns of the row in `orders`, as the API shows them. */
const RETURNS = sql`coalesce((
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'id', id, 'status', CASE state WHEN 'open' THEN 'requested' WHEN 'closed' THEN 'received' ELSE 'refused' END, 'items', items,
    'amount', amount, 'requestedAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'outcomes', outcomes
  )) ORDER BY created_at, id)
  FROM order_returns WHERE order_id = orders.id), '[]')`;

/** The payment status once refunds that have not failed are `change` paise more, or less. */
export const paymentStatusWith = (change: number): Sql => sql`CASE
  WHEN received > 0 AND refund_requested + ${change}::bigint >= received THEN 'refunded'
  WHEN refund_requested + ${change}::bigint > 0 THEN 'partially_refunded'
  WHEN payment_status IN ('partially_refunded', 'refunded') THEN 'paid'
  ELSE payment_status END`;

const entry = (status: OrderStatus, at: string, { actor, note }: Change, index: number): TimelineEntry => ({
  status,
  at,
  actor,
  ...(note === undefined || index > 0 ? {} : { note }),
});
