import { orderApi } from '#libs/contracts/order/api';
import type { OrderChanged } from '#libs/contracts/order/messages';
import type { Transaction } from '#libs/persistence/transaction';
import { isVisible, type StoredStatus } from './order.ts';
import type { OrderRow } from './order-row.ts';

export type Change = Pick<OrderChanged, 'cause'> & Partial<Pick<OrderChanged, 'refund' | 'late'>>;

/** Tells others of a change, in its transaction; `order` is the row as it is afterwards, `before` its status until then. */
export function publishChange(transaction: Transaction, order: OrderRow, before: StoredStatus, change: Change): void {
  const told = changeOf(order, before, change);
  if (told !== undefined) transaction.publish(orderApi.events.changed, told);
}

/** What others are told of a change; undefined where nobody sees the order. */
export function changeOf(order: OrderRow, before: StoredStatus, { cause, refund, late }: Change): OrderChanged | undefined {
  const { status, delivered_at: deliveredAt, tracking } = order;
  if (!isVisible(status)) return undefined;
  return {
    ...{ orderId: order.id, userId: order.user_id, number: order.number, version: order.changes, cause },
    // What was never seen came from nowhere.
    ...{ previousStatus: isVisible(before) ? before : 'pending_payment', status, paymentStatus: order.payment_status },
    ...{ paymentMethod: order.payment_method, total: order.total, kept: keptOf(order), openReturn: status === 'return_requested' },
    ...(deliveredAt === null ? {} : { deliveredAt: deliveredAt.toISOString() }),
    ...(tracking === null ? {} : { tracking }),
    ...(refund === undefined ? {} : { refund }),
    ...(late === undefined ? {} : { late }),
    at: new Date().toISOString(),
  };
}

/** Paise of the goods that the customer keeps and has paid or owes. Fees are credited with the last unit alone. */
const keptOf = ({ subtotal, discount, credited }: OrderRow): number => Math.max(0, subtotal - discount - credited);
