import { Injectable } from '@nestjs/common';
import { orderApi, type SetOrderStatus } from '#libs/contracts/order/api';
import type { OrderStatus } from '#libs/contracts/order/views';
import type { Transaction } from '#libs/persistence/transaction';

import { NEXT_STATUSES } from '../order.ts';
import type { OrderEvent } from '../order-journal.ts';
import { allLeft, shareOf } from './give-back.ts';
import { type LockedOrder, OrderChangesRepository } from './order-changes.repository.ts';
import { OrderChanges, type Outcome } from './order-changes.ts';
import { Returns } from './returns.ts';

/** Statuses that staff may set; customers and payments cause the others. `cancelled` is a cancel (`lifecycle.handlers.ts`). */
const STAFF_STATUSES: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'packed',
  'shipped',
  'out_for_delivery',
  'delivered',
  'returned',
  'returned_to_origin',
]);

/** Moves orders from packing to delivery, and books parcels that come back. */
@Injectable()
export class StaffMoves {
  constructor(
    private readonly repository: OrderChangesRepository,
    private readonly changes: OrderChanges,
    private readonly returns: Returns,
  ) {}

  /** Throws `order.status_conflict` when this is not the next status of the order. */
  async move(transaction: Transaction, locked: LockedOrder, input: SetOrderStatus): Promise<Outcome> {
    const { status, note, tracking } = input;
    const { order } = locked;
    if (!STAFF_STATUSES.has(status) || !NEXT_STATUSES[order.status].includes(status))
      throw orderApi.refuse('order.status_conflict', `An order that is ${order.status} does not become ${status} next`);
    if (status === 'returned') return this.returns.takeAll(transaction, locked, note);
    if (status === 'returned_to_origin') return this.takeFromCourier(transaction, locked, note);
    if (status === 'delivered' && order.status === 'out_for_delivery') return this.deliver(transaction, locked, input);
    if (status === 'delivered') return this.returns.refuse(transaction, locked, { note });
    const changed = await this.repository.change(transaction, locked, { statuses: [status], actor: 'staff', note, tracking });
    return { order: changed, event: status as OrderEvent };
  }

  /** Delivers an order; the courier has collected what was due. It comes here once, for a return that is refused goes another way. */
  private async deliver(transaction: Transaction, locked: LockedOrder, { note, tracking }: SetOrderStatus): Promise<Outcome> {
    const { order, items } = locked;
    const isCash = order.payment_status === 'cod_due';
    const collected = isCash ? order.total - order.cancelled_share - order.received : 0;
    const changed = await this.repository.change(transaction, locked, {
      statuses: ['delivered'],
      actor: 'staff',
      note,
      tracking,
      isDelivered: true,
      received: collected,
      paymentStatus: isCash ? 'paid' : undefined,
    });
    transaction.publish(orderApi.events.delivered, {
      ...{ orderId: order.id, userId: order.user_id, at: (changed.delivered_at ?? new Date()).toISOString() },
      lines: items
        .filter(({ quantity, cancelled_quantity }) => quantity > cancelled_quantity)
        .map(({ product_id, variant_id, size }) => ({ productId: product_id, variantId: variant_id, size })),
    });
    if (collected > 0) transaction.publish(orderApi.events.cashCollected, { orderId: order.id, userId: order.user_id, amount: collected });
    return { order: changed, event: 'delivered' };
  }

  /** Books a parcel that the customer did not take. A paid order gets the goods' worth back and not the fees; a cash order owes nothing. */
  private async takeFromCourier(transaction: Transaction, locked: LockedOrder, note: string | undefined): Promise<Outcome> {
    const { order } = locked;
    const fees = order.payment_status === 'cod_due' ? order.shipping_fee + order.cod_fee : 0;
    const share = shareOf(locked.items, allLeft(locked.items), fees);
    if (share === undefined) throw new Error('an order that the courier brings back has no units left');
    return this.changes.restockAndRefund(transaction, locked, {
      share,
      kind: 'origin',
      actor: 'staff',
      reason: note ?? 'returned to origin',
    });
  }
}
