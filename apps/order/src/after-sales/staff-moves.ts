import { Injectable } from '@nestjs/common';
import { orderApi, type SetOrderStatus } from '#libs/contracts/order/api';
import type { OrderStatus } from '#libs/contracts/order/views';
import type { Transaction } from '#libs/persistence/database';
import { NEXT_STATUSES } from '../order.ts';
import { allLeft, type Share, shareOf, type Units } from './give-back.ts';
import { type LockedOrder, OrderChangesRepository } from './order-changes.repository.ts';
import { OrderChanges, type Outcome } from './order-changes.ts';

/** Statuses that staff sets by hand; the others follow from what customers and payments do. `cancelled` is a cancel. */
const BY_HAND: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'packed',
  'shipped',
  'out_for_delivery',
  'delivered',
  'returned',
  'returned_to_origin',
]);

/** The way of an order from the shelf to the door, and back. */
@Injectable()
export class StaffMoves {
  constructor(
    private readonly repository: OrderChangesRepository,
    private readonly changes: OrderChanges,
  ) {}

  /** Throws `order.status_conflict` when this is not the next status of the order. */
  async move(transaction: Transaction, at: LockedOrder, input: SetOrderStatus): Promise<Outcome> {
    const { status, note, tracking } = input;
    const { order } = at;
    if (!BY_HAND.has(status) || !NEXT_STATUSES[order.status].includes(status))
      throw orderApi.refuse('order.status_conflict', `An order that is ${order.status} does not become ${status} next`);
    if (status === 'returned') return this.takeReturn(transaction, at, note);
    if (status === 'returned_to_origin') return this.takeFromCourier(transaction, at, note);
    if (status === 'delivered' && order.status === 'out_for_delivery') return this.deliver(transaction, at, input);
    if (status === 'delivered') await this.repository.endReturn(transaction, order.id, 'refused');
    return { order: await this.repository.change(transaction, at, { statuses: [status], actor: 'staff', note, tracking }) };
  }

  /** The courier collects what is due of an order that was not paid before. */
  private async deliver(transaction: Transaction, at: LockedOrder, { note, tracking }: SetOrderStatus): Promise<Outcome> {
    const { order } = at;
    const isCash = order.payment_status === 'cod_due';
    const collected = isCash ? order.total - order.cancelled_share - order.received : 0;
    const changed = await this.repository.change(transaction, at, {
      statuses: ['delivered'],
      actor: 'staff',
      note,
      tracking,
      isDelivered: true,
      received: collected,
      paymentStatus: isCash ? 'paid' : undefined,
    });
    if (collected > 0) transaction.publish(orderApi.events.cashCollected, { orderId: order.id, userId: order.user_id, amount: collected });
    return { order: changed };
  }

  /** What was sent back has arrived. The shipping was done, so no fees. */
  private async takeReturn(transaction: Transaction, at: LockedOrder, note: string | undefined): Promise<Outcome> {
    const items = await this.repository.endReturn(transaction, at.order.id, 'closed');
    const reason = note ?? 'returned';
    return this.changes.takeBack(transaction, at, { share: worthOf(at, items, 0), kind: 'return', actor: 'staff', reason });
  }

  /** Nobody took the parcel: all of it is back. Who paid gets the goods' worth and not the fees; who was to pay the courier owes nothing. */
  private async takeFromCourier(transaction: Transaction, at: LockedOrder, note: string | undefined): Promise<Outcome> {
    const { order } = at;
    const fees = order.payment_status === 'cod_due' ? order.shipping_fee + order.cod_fee : 0;
    const share = worthOf(at, allLeft(at.items), fees);
    return this.changes.takeBack(transaction, at, { share, kind: 'origin', actor: 'staff', reason: note ?? 'returned to origin' });
  }
}

function worthOf(at: LockedOrder, units: readonly Units[], fees: number): Share {
  const share = shareOf(at.items, units, fees);
  if (share === undefined) throw new Error('units are to come back that the customer does not have');
  return share;
}
