import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { RefundDue } from '#libs/contracts/order/messages';
import type { OrderStatus } from '#libs/contracts/order/views';
import type { OrderLine } from '#libs/contracts/product/messages';
import { within } from '#libs/contracts/time-limit';
import { BusClient } from '#libs/messaging/bus-client';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import type { Publication } from '#libs/persistence/letter';
import type { Transaction } from '#libs/persistence/transaction';
import { addedUp } from '#libs/pricing/order-lines';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { CreditNotes } from '../invoice/credit-notes.ts';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import { OrderSignals } from '../order.signals.ts';
import { NEXT_STATUSES } from '../order.ts';
import { type OrderEvent, OrderJournal } from '../order-journal.ts';
import type { OrderRow } from '../order-row.ts';
import { allLeft, type Share, type Units, withinRoom } from './give-back.ts';
import { type LockedOrder, OrderChangesRepository, type RefundKind } from './order-changes.repository.ts';

/** Milliseconds that an answer waits for product to have the stock back. */
const STOCK_MS = 1_500;
/** Milliseconds of a deadline kept for the last statements and the answer. */
const MARGIN_MS = 300;

export interface Outcome {
  /** The changed order; absent when nothing changed. */
  readonly order?: OrderRow;
  /** The business event, for the log. */
  readonly event?: OrderEvent;
  /** Paise that the event is about. */
  readonly amount?: number;
  /** Units on their way back to the stock. */
  readonly stock?: Publication;
  readonly due?: RefundDue;
}

export interface UnitsBack {
  readonly share: Share;
  readonly kind: Exclude<RefundKind, 'goodwill' | 'dashboard'>;
  readonly actor: string;
  readonly reason: string;
  /** Of the refund; a new one unless given. */
  readonly refundId?: string;
  /** Paise to pay back in place of the share's worth. */
  readonly amount?: number;
  /** The units that are for sale again; all of the share's unless given. */
  readonly restocked?: readonly Units[];
}

/** Paise that can still be paid back of an order. */
export const refundable = ({ order }: LockedOrder): number => order.received - order.refund_requested;

export const isCancellable = ({ order }: LockedOrder): boolean =>
  NEXT_STATUSES[order.status].includes('cancelled') && order.status !== 'pending_payment';

/** Changes orders after their confirmation, one transaction each, and tells open pages, product, payment and coupon. */
@Injectable()
export class OrderChanges {
  constructor(
    private readonly database: Database,
    private readonly repository: OrderChangesRepository,
    private readonly creditNotes: CreditNotes,
    private readonly signals: OrderSignals,
    private readonly journal: OrderJournal,
    private readonly bus: BusClient,
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
  ) {}

  /** Holds an order until the transaction ends. Throws `not_found`. `owner`: only that user's. */
  async lock(transaction: Transaction, id: string, owner?: string): Promise<LockedOrder> {
    const locked = await this.repository.lock(transaction, id, owner, this.env.RETURN_WINDOW_DAYS);
    if (locked === undefined) throw notFound();
    return locked;
  }

  /** Makes a change once per idempotency key, which is kept in its transaction. */
  async makeOnce(id: string, call: Call, work: (transaction: Transaction) => Promise<Outcome>): Promise<Outcome> {
    return this.make(call, (transaction) => onceFor(transaction, call, id, { make: () => work(transaction), read: async () => ({}) }));
  }

  /** Runs a change, signals it, and waits a little for the stock, so that the next read of the caller shows it. */
  async make(call: Call, work: (transaction: Transaction) => Promise<Outcome>): Promise<Outcome> {
    const outcome = await this.database.transaction(work);
    this.tell(outcome);
    if (outcome.stock !== undefined) {
      const patience = Math.min(STOCK_MS, call.deadline - this.bus.clock.now() - MARGIN_MS);
      await within(Math.max(0, patience), outcome.stock.delivered, () => false);
    }
    return outcome;
  }

  /** Tells open pages and the log of a change that is committed. */
  tell({ order, event, amount, due }: Outcome): void {
    if (order === undefined) return;
    this.signals.announce(order);
    if (event !== undefined) this.journal.note(event, order, amount === undefined ? {} : { amount });
    if (due !== undefined) this.journal.note('refund_asked', order, { amount: due.amount, refundId: due.refundId });
  }

  /**
   * Takes units back: counts them, moves the order on, refunds as far as money is there, restocks, gives the coupon's use back with the last
   * of it, and credits the worth. In this order, for the order's row is locked first and the counter of credit notes last.
   */
  async restockAndRefund(transaction: Transaction, locked: LockedOrder, returning: UnitsBack): Promise<Outcome> {
    const { order } = locked;
    const { share, kind, actor, reason } = returning;
    const amount = returning.amount ?? Math.min(share.amount, refundable(locked));
    const units = share.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const isLast = units === allLeft(locked.items).reduce((sum, { quantity }) => sum + quantity, 0);
    const isCancelled = kind === 'cancel' && isLast;
    // The customer has paid nothing for a cash order that was not taken, and had nothing of it.
    const isUntaken = kind === 'origin' && order.payment_status === 'cod_due';
    const publishesVoided = !order.voided && (isCancelled || isUntaken || isPaidBack(order, amount));
    const credit = withinRoom(share, order.total - order.credited);

    await this.repository.countUnits(transaction, order.id, share.lines, kind === 'cancel' ? 'cancelled' : 'returned');
    const changed = await this.repository.change(transaction, locked, {
      statuses: statusesAfter(order.status as OrderStatus, kind, isLast),
      actor,
      note: reason,
      paymentStatus: order.payment_status === 'cod_due' && isLast ? 'unpaid' : undefined,
      cancelledShare: kind === 'return' ? 0 : share.amount,
      refundRequested: amount,
      credited: credit.amount,
      releasesCart: isCancelled,
      publishesVoided,
      changesReturns: kind === 'return',
    });
    const due = await this.requestRefund(transaction, order, amount, returning);
    const lines = stockOf(locked, returning.restocked ?? share.lines);
    const stock = lines.length === 0 ? undefined : transaction.publish(orderApi.events.stockReturned, { orderId: order.id, lines });
    if (publishesVoided) this.publishVoided(transaction, order);
    // Last, for all sales wait for each other at the counter of numbers.
    await this.creditNotes.issue(transaction, { orderId: order.id, refundId: due?.refundId, reason, ...credit });
    return {
      order: changed,
      event: eventOf(kind, isLast),
      amount: share.amount,
      ...(stock === undefined ? {} : { stock }),
      ...(due === undefined ? {} : { due }),
    };
  }

  /** Refunds money alone; the goods stay with the customer. It is credited once it has gone (`refund-outcomes.ts`). */
  async grantGoodwill(
    transaction: Transaction,
    locked: LockedOrder,
    { amount, refundId, reason }: { amount: number; refundId: string; reason: string },
  ): Promise<Outcome> {
    const { order } = locked;
    const publishesVoided = !order.voided && isPaidBack(order, amount);
    const changed = await this.repository.change(transaction, locked, {
      statuses: [order.status as OrderStatus],
      actor: 'staff',
      isSilent: true,
      refundRequested: amount,
      publishesVoided,
    });
    const due = await this.requestRefund(transaction, order, amount, { kind: 'goodwill', reason, refundId });
    if (publishesVoided) this.publishVoided(transaction, order);
    return { order: changed, ...(due === undefined ? {} : { due }) };
  }

  private async requestRefund(
    transaction: Transaction,
    order: OrderRow,
    amount: number,
    { refundId = uuidv7(), reason, kind }: { refundId?: string; reason: string; kind: RefundKind },
  ): Promise<RefundDue | undefined> {
    if (amount === 0) return undefined;
    const due = await this.repository.addRefund(transaction, order, { id: refundId, amount, reason, kind });
    transaction.publish(orderApi.events.refundDue, due);
    return due;
  }

  private publishVoided(transaction: Transaction, { id, user_id }: OrderRow): void {
    transaction.publish(orderApi.events.voided, { orderId: id, userId: user_id });
  }
}

/** Units by variant, as product counts them. */
function stockOf({ items }: LockedOrder, units: readonly Units[]): OrderLine[] {
  const variants = new Map(items.map(({ id, variant_id }) => [id, variant_id]));
  return addedUp(units.map(({ itemId, quantity }) => ({ variantId: variants.get(itemId) ?? itemId, quantity })));
}

function eventOf(kind: UnitsBack['kind'], isLast: boolean): OrderEvent {
  if (kind === 'return') return 'returned';
  if (kind === 'origin') return 'returned_to_origin';
  return isLast ? 'cancelled' : 'partly_cancelled';
}

const isPaidBack = ({ received, refund_requested }: OrderRow, amount: number): boolean =>
  received > 0 && refund_requested + amount >= received;

/** A return that leaves units with the customer opens the way for another one. */
function statusesAfter(status: OrderStatus, kind: UnitsBack['kind'], isLast: boolean): OrderStatus[] {
  if (kind === 'cancel') return [isLast ? 'cancelled' : status];
  if (kind === 'origin') return ['returned_to_origin'];
  return isLast ? ['returned'] : ['returned', 'delivered'];
}
