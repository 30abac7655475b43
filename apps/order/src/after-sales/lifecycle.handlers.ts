import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound, Refusal, refuse } from '#libs/contracts/errors';
import { type CancelOrder, orderApi, type ReturnOrder, type SetOrderStatus } from '#libs/contracts/order/api';
import type { GiveBack, ItemQuantity, RefundDue } from '#libs/contracts/order/messages';
import type { Order } from '#libs/contracts/order/views';
import { Database, type Transaction } from '#libs/persistence/database';
import { recall, remember } from '#libs/persistence/idempotency';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { CheckoutRepository } from '../checkout/checkout.repository.ts';
import { CheckoutSaga } from '../checkout/checkout.saga.ts';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import { OrderRepository } from '../order.repository.ts';
import { OrderSignals } from '../order.signals.ts';
import { NEXT_STATUSES } from '../order.ts';
import { allLeft, shareOf } from './give-back.ts';
import { type LockedOrder, OrderChangesRepository } from './order-changes.repository.ts';
import { OrderChanges, type Outcome, refundable } from './order-changes.ts';
import { StaffMoves } from './staff-moves.ts';

interface Cancelling {
  readonly id: string;
  /** Undefined for staff. */
  readonly owner: string | undefined;
  readonly actor: 'customer' | 'staff';
  readonly reason: string;
  readonly items?: readonly ItemQuantity[] | undefined;
  /** Whether a cancel that was done before is fine. */
  readonly mayRepeat: boolean;
}

/** What happens to an order after its confirmation, and its cancel at any time. */
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
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
  ) {}

  async cancel({ id, reason, items }: CancelOrder, call: Call): Promise<Order> {
    const byStaff = isStaff(call.actor);
    const owner = byStaff ? undefined : userOf(call).userId;
    await this.cancelNow({ id, owner, actor: byStaff ? 'staff' : 'customer', reason, items, mayRepeat: true }, call);
    return this.read(id, owner);
  }

  async requestReturn({ id, items }: ReturnOrder, call: Call): Promise<Order> {
    const { userId } = userOf(call);
    await this.changes.make(call, async (transaction) => {
      if (await this.wasDone(transaction, id, call)) return {};
      const at = await this.locked(transaction, id, userId);
      if (at.order.status !== 'delivered')
        throw orderApi.refuse('order.not_returnable', `An order that is ${at.order.status} cannot be returned`);
      if (at.order.return_window_closed !== false)
        throw orderApi.refuse('order.return_window_closed', `Returns are taken for ${this.env.RETURN_WINDOW_DAYS} days after delivery`);
      if (shareOf(at.items, items, 0) === undefined)
        throw orderApi.refuse('order.not_returnable', 'Some of these units are not in the order, or were given back before');
      await this.repository.openReturn(transaction, id, items);
      const reasons = [...new Set(items.map(({ reason }) => reason))].join('; ').slice(0, 500);
      return { order: await this.repository.change(transaction, at, { statuses: ['return_requested'], actor: 'customer', note: reasons }) };
    });
    return this.read(id, userId);
  }

  async setStatus(input: SetOrderStatus, call: Call): Promise<Order> {
    const { id, status, note } = input;
    if (status === 'cancelled') await this.cancelByStatus(id, note ?? 'cancelled by the shop', call);
    else await this.changes.make(call, async (transaction) => this.staffMoves.move(transaction, await this.locked(transaction, id), input));
    return this.read(id, undefined);
  }

  async giveBack(input: GiveBack, call: Call): Promise<RefundDue> {
    const { refundId, orderId, userId, limit } = input;
    const { due } = await this.changes.make(call, async (transaction) => {
      const at = await this.locked(transaction, orderId, userId ?? undefined);
      const known = await this.repository.refundDue(transaction, refundId);
      if (known !== undefined) {
        if (known.orderId !== at.order.id) throw notFound();
        return { due: known };
      }
      const outcome = await this.giveBackNow(transaction, at, input);
      if (outcome.due === undefined) throw nothingToRefund();
      if (limit !== undefined && outcome.due.amount > limit)
        throw orderApi.refuse('order.refund_above_limit', 'This refund is above what the caller may give');
      return outcome;
    });
    if (due === undefined) throw nothingToRefund();
    return due;
  }

  /** The unpaid order ends its checkout; a confirmed one gives its units back. */
  private async cancelNow(cancelling: Cancelling, call: Call): Promise<void> {
    const { id, owner, actor, reason, items, mayRepeat } = cancelling;
    const key = call.idempotency === undefined ? undefined : { actor: userOf(call).userId, ...call.idempotency };
    if (key !== undefined && (await recall(this.database, key)) !== undefined) return;
    const before = await this.read(id, owner);
    if (before.status === 'pending_payment' && before.paymentStatus === 'unpaid') {
      if (items !== undefined) throw notCancellable('An order that is not paid yet is cancelled as a whole');
      const cancelled = await this.checkouts.cancel(id, actor, reason);
      if (cancelled !== undefined) {
        await this.saga.advance({ order_id: id, step: 'release', attempts: 0 });
        this.signals.announce(cancelled);
        // After the cancel, which may be repeated: a crash in between leaves nothing that a repeat would take for done.
        if (key !== undefined) await this.database.transaction((transaction) => remember(transaction, key, id));
        return;
      }
    }
    await this.changes.make(call, async (transaction) => {
      if (await this.wasDone(transaction, id, call)) return {};
      const at = await this.locked(transaction, id, owner);
      const wanted = items ?? allLeft(at.items);
      if (mayRepeat && at.order.status === 'cancelled' && areOf(at, wanted)) return {};
      return this.cancelUnits(transaction, at, { wanted, actor, reason });
    });
  }

  private async cancelByStatus(id: string, reason: string, call: Call): Promise<void> {
    try {
      await this.cancelNow({ id, owner: undefined, actor: 'staff', reason, mayRepeat: false }, call);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'order.not_cancellable') throw orderApi.refuse('order.status_conflict', error.detail);
      throw error;
    }
  }

  private async cancelUnits(
    transaction: Transaction,
    at: LockedOrder,
    cancelling: { wanted: readonly ItemQuantity[]; actor: string; reason: string; refundId?: string; amount?: number },
  ): Promise<Outcome> {
    const { wanted, ...taking } = cancelling;
    // The money is here and the sale under way: in a moment it can be cancelled.
    if (at.order.status === 'pending_payment') throw refuse('unavailable', 'The order is being confirmed; try again');
    if (!isCancellable(at)) throw notCancellable(`An order that is ${at.order.status} cannot be cancelled`);
    const share = shareOf(at.items, wanted, at.order.shipping_fee + at.order.cod_fee);
    if (share === undefined) throw notCancellable('Some of these units are not in the order, or were cancelled before');
    return this.changes.takeBack(transaction, at, { share, kind: 'cancel', ...taking });
  }

  private giveBackNow(transaction: Transaction, at: LockedOrder, input: GiveBack): Promise<Outcome> {
    const { refundId, userId, reason, amount, items } = input;
    const actor = userId === null ? 'staff' : 'customer';
    const room = refundable(at);
    if (room === 0) throw nothingToRefund();
    if (items !== undefined) return this.cancelUnits(transaction, at, { wanted: items, actor, reason, refundId });
    if (userId !== null) return this.cancelUnits(transaction, at, { wanted: allLeft(at.items), actor, reason, refundId });
    // Paid and not sold yet, in time or late: all of the money may still have to go back.
    const isBeingSold = at.order.status === 'pending_payment' || at.order.status === 'expired';
    if (isBeingSold || (amount ?? 0) > room) throw nothingToRefund();
    if (isCancellable(at) && (amount ?? room) === room)
      return this.cancelUnits(transaction, at, { wanted: allLeft(at.items), actor, reason, refundId, amount: room });
    return this.changes.grant(transaction, at, { amount: amount ?? room, reason, refundId });
  }

  private async locked(transaction: Transaction, id: string, owner?: string): Promise<LockedOrder> {
    const at = await this.repository.lock(transaction, id, owner, this.env.RETURN_WINDOW_DAYS);
    if (at === undefined) throw notFound();
    return at;
  }

  /** The key is kept beside the change, so that it counts once. */
  private async wasDone(transaction: Transaction, id: string, call: Call): Promise<boolean> {
    if (call.idempotency === undefined) return false;
    return (await remember(transaction, { actor: userOf(call).userId, ...call.idempotency }, id)) !== undefined;
  }

  private async read(id: string, owner: string | undefined): Promise<Order> {
    const order = await this.orders.find(id, owner);
    if (order === undefined) throw notFound();
    return order;
  }
}

const isCancellable = ({ order }: LockedOrder): boolean =>
  NEXT_STATUSES[order.status].includes('cancelled') && order.status !== 'pending_payment';

const areOf = ({ items }: LockedOrder, wanted: readonly ItemQuantity[]): boolean =>
  wanted.every(({ itemId }) => items.some(({ id }) => id === itemId));

const notCancellable = (detail: string): Refusal => orderApi.refuse('order.not_cancellable', detail);
const nothingToRefund = (): Refusal => orderApi.refuse('order.nothing_to_refund', 'That much of this order cannot go back to the customer');
