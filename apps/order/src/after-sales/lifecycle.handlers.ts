import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound, Refusal, refuse } from '#libs/contracts/errors';
import { type CancelOrder, orderApi, type SetOrderStatus } from '#libs/contracts/order/api';
import type { GiveBack, ItemQuantity, RefundDue } from '#libs/contracts/order/messages';
import type { Order } from '#libs/contracts/order/views';
import { Database } from '#libs/persistence/database';
import { keyOf, recall, remember } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CheckoutRepository } from '../checkout/checkout.repository.ts';
import { CheckoutSaga } from '../checkout/checkout.saga.ts';
import { OrderRepository } from '../order.repository.ts';
import { OrderSignals } from '../order.signals.ts';
import { OrderJournal } from '../order-journal.ts';
import { allLeft, shareOf } from './give-back.ts';
import { type LockedOrder, OrderChangesRepository } from './order-changes.repository.ts';
import { isCancellable, OrderChanges, type Outcome, refundable } from './order-changes.ts';
import { StaffMoves } from './staff-moves.ts';

interface Cancelling {
  readonly id: string;
  /** Undefined for staff. */
  readonly owner: string | undefined;
  readonly actor: 'customer' | 'staff';
  readonly reason: string;
  readonly items?: readonly ItemQuantity[] | undefined;
  /** True: cancelling an order that is cancelled already changes nothing, and is no error. */
  readonly mayRepeat: boolean;
}

/** Cancels, goodwill and the moves of staff. */
@Injectable()
export class LifecycleHandlers {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly repository: OrderChangesRepository,
    private readonly changes: OrderChanges,
    private readonly signals: OrderSignals,
    private readonly staffMoves: StaffMoves,
    private readonly checkouts: CheckoutRepository,
    private readonly saga: CheckoutSaga,
    private readonly journal: OrderJournal,
  ) {}

  async cancel({ id, reason, items }: CancelOrder, call: Call): Promise<Order> {
    const byStaff = isStaff(call.actor);
    const owner = byStaff ? undefined : userOf(call).userId;
    await this.cancelOnce({ id, owner, actor: byStaff ? 'staff' : 'customer', reason, items, mayRepeat: true }, call);
    return this.orders.get(id, owner);
  }

  async setStatus(input: SetOrderStatus, call: Call): Promise<Order> {
    const { id, status, note } = input;
    if (status === 'cancelled') await this.cancelByStatus(id, note ?? 'cancelled by the shop', call);
    else
      await this.changes.make(call, async (transaction) =>
        this.staffMoves.move(transaction, await this.changes.lock(transaction, id), input),
      );
    return this.orders.get(id, undefined);
  }

  async giveBack(input: GiveBack, call: Call): Promise<RefundDue> {
    const { refundId, orderId, userId, limit } = input;
    const { due } = await this.changes.make(call, async (transaction) => {
      const locked = await this.changes.lock(transaction, orderId, userId ?? undefined);
      const known = await this.repository.refundDue(transaction, refundId);
      if (known !== undefined) {
        if (known.orderId !== locked.order.id) throw notFound();
        return { due: known };
      }
      const outcome = await this.cancelOrGrant(transaction, locked, input);
      if (outcome.due === undefined) throw nothingToRefund();
      if (limit !== undefined && outcome.due.amount > limit)
        throw orderApi.refuse('order.refund_above_limit', 'This refund is above what the caller may give');
      return outcome;
    });
    if (due === undefined) throw nothingToRefund();
    return due;
  }

  private async cancelOnce(cancelling: Cancelling, call: Call): Promise<void> {
    const { id, owner, actor, reason, items, mayRepeat } = cancelling;
    const key = keyOf(call);
    if (key !== undefined && (await recall(this.database, key)) !== undefined) return;
    const before = await this.orders.get(id, owner);
    const isUnpaid = before.status === 'pending_payment' && before.paymentStatus === 'unpaid';
    if (isUnpaid && (await this.cancelUnpaid(cancelling))) {
      // After the cancel, which may be repeated: a crash in between leaves nothing that a repeat would take for done.
      if (key !== undefined) await this.database.transaction((transaction) => remember(transaction, key, id));
      return;
    }
    await this.changes.makeOnce(id, call, async (transaction) => {
      const locked = await this.changes.lock(transaction, id, owner);
      const units = items ?? allLeft(locked.items);
      if (mayRepeat && locked.order.status === 'cancelled' && areOf(locked, units)) return {};
      return this.cancelLines(transaction, locked, { units, actor, reason });
    });
  }

  /** Ends the checkout of an order that waits for its payment. False when it no longer does. */
  private async cancelUnpaid({ id, actor, reason, items }: Cancelling): Promise<boolean> {
    if (items !== undefined) throw notCancellable('An order that is not paid yet is cancelled as a whole');
    const cancelled = await this.checkouts.cancel(id, actor, reason);
    if (cancelled === undefined) return false;
    await this.saga.advance({ order_id: id, step: 'release', attempts: 0 });
    this.signals.announce(cancelled);
    this.journal.note('cancelled', cancelled);
    return true;
  }

  private async cancelByStatus(id: string, reason: string, call: Call): Promise<void> {
    try {
      await this.cancelOnce({ id, owner: undefined, actor: 'staff', reason, mayRepeat: false }, call);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'order.not_cancellable') throw orderApi.refuse('order.status_conflict', error.detail);
      throw error;
    }
  }

  private async cancelLines(
    transaction: Transaction,
    locked: LockedOrder,
    cancelling: { units: readonly ItemQuantity[]; actor: string; reason: string; refundId?: string; amount?: number },
  ): Promise<Outcome> {
    const { units, ...refunding } = cancelling;
    // Paid and being sold: in a moment it can be cancelled.
    if (locked.order.status === 'pending_payment') throw refuse('unavailable', 'The order is being confirmed; try again');
    if (!isCancellable(locked)) throw notCancellable(`An order that is ${locked.order.status} cannot be cancelled`);
    const share = shareOf(locked.items, units, locked.order.shipping_fee + locked.order.cod_fee);
    if (share === undefined) throw notCancellable('Some of these units are not in the order, or were cancelled before');
    return this.changes.restockAndRefund(transaction, locked, { share, kind: 'cancel', ...refunding });
  }

  /** What a refund that payment was asked for means: a cancel of units, a cancel of all, or goodwill. */
  private cancelOrGrant(transaction: Transaction, locked: LockedOrder, input: GiveBack): Promise<Outcome> {
    const { refundId, userId, reason, amount, items } = input;
    const actor = userId === null ? 'staff' : 'customer';
    const room = refundable(locked);
    if (room === 0) throw nothingToRefund();
    if (items !== undefined) return this.cancelLines(transaction, locked, { units: items, actor, reason, refundId });
    if (userId !== null) return this.cancelLines(transaction, locked, { units: allLeft(locked.items), actor, reason, refundId });
    // Paid and being sold, in time or late: all of the money may still have to go back.
    const isBeingSold = locked.order.status === 'pending_payment' || locked.order.status === 'expired';
    if (isBeingSold || (amount ?? 0) > room) throw nothingToRefund();
    if (isCancellable(locked) && (amount ?? room) === room)
      return this.cancelLines(transaction, locked, { units: allLeft(locked.items), actor, reason, refundId, amount: room });
    return this.changes.grantGoodwill(transaction, locked, { amount: amount ?? room, reason, refundId });
  }
}

const areOf = ({ items }: LockedOrder, units: readonly ItemQuantity[]): boolean =>
  units.every(({ itemId }) => items.some(({ id }) => id === itemId));

const notCancellable = (detail: string): Refusal => orderApi.refuse('order.not_cancellable', detail);
const nothingToRefund = (): Refusal => orderApi.refuse('order.nothing_to_refund', 'That much of this order cannot go back to the customer');
