import type { Clock } from './clock.ts';
import type { Dispute, DisputeRecord, Order, OrderRecord, Payment, PaymentRecord, Refund, RefundRecord } from './entities.ts';
import { unknownId } from './razorpay-error.ts';
import type { Settings } from './settings.ts';

/** The objects an event shows, in the order of its `contains`. */
export interface EventSubject {
  payment?: Payment;
  order?: Order;
  refund?: Refund;
  dispute?: Dispute;
}

/** One change, as the ledger file keeps it: the whole object after the change. */
export type Change =
  | { kind: 'order'; record: OrderRecord }
  | { kind: 'payment'; record: PaymentRecord }
  | { kind: 'refund'; record: RefundRecord }
  | { kind: 'dispute'; record: DisputeRecord };

export interface AccountOptions {
  readonly clock: Clock;
  readonly settings: Settings;
  /** Called with every changed object, synchronously, before the change is announced. */
  readonly written: (change: Change) => void;
  /** Called once for every event, with the objects as they are at that moment. */
  readonly happened: (event: string, subject: EventSubject) => void;
}

/** A merchant's account: every object by id, with the indexes that lookups need. The rules are in orders, payments, refunds and disputes. */
export class Account {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly orders = new Map<string, OrderRecord>();
  readonly payments = new Map<string, PaymentRecord>();
  readonly refunds = new Map<string, RefundRecord>();
  readonly disputes = new Map<string, DisputeRecord>();
  readonly #ordersByReceipt = new Map<string, OrderRecord[]>();
  readonly #paymentsByOrder = new Map<string, PaymentRecord[]>();
  readonly #refundsByPayment = new Map<string, RefundRecord[]>();
  readonly #written: AccountOptions['written'];
  readonly #happened: AccountOptions['happened'];

  constructor({ clock, settings, written, happened }: AccountOptions) {
    this.clock = clock;
    this.settings = settings;
    this.#written = written;
    this.#happened = happened;
  }

  order(id: string): OrderRecord {
    return found(this.orders.get(id));
  }

  payment(id: string): PaymentRecord {
    return found(this.payments.get(id));
  }

  refund(id: string): RefundRecord {
    return found(this.refunds.get(id));
  }

  dispute(id: string): DisputeRecord {
    return found(this.disputes.get(id));
  }

  ordersWithReceipt(receipt: string): readonly OrderRecord[] {
    return this.#ordersByReceipt.get(receipt) ?? [];
  }

  paymentsOf(orderId: string): readonly PaymentRecord[] {
    return this.#paymentsByOrder.get(orderId) ?? [];
  }

  refundsOf(paymentId: string): readonly RefundRecord[] {
    return this.#refundsByPayment.get(paymentId) ?? [];
  }

  /** Keeps a new object, or notes that one has changed. */
  save(change: Change): void {
    this.put(change);
    this.#written(change);
  }

  announce(event: string, subject: EventSubject): void {
    this.#happened(event, subject);
  }

  /** As `save`, without telling the ledger file: for what was read from it. */
  put(change: Change): void {
    const { id } = change.record.entity;
    switch (change.kind) {
      case 'order':
        if (!this.orders.has(id) && change.record.entity.receipt !== null)
          append(this.#ordersByReceipt, change.record.entity.receipt, change.record);
        this.orders.set(id, change.record);
        break;
      case 'payment':
        if (!this.payments.has(id)) append(this.#paymentsByOrder, change.record.entity.order_id, change.record);
        this.payments.set(id, change.record);
        break;
      case 'refund':
        if (!this.refunds.has(id)) append(this.#refundsByPayment, change.record.entity.payment_id, change.record);
        this.refunds.set(id, change.record);
        break;
      case 'dispute':
        this.disputes.set(id, change.record);
        break;
    }
  }

  clear(): void {
    for (const map of [this.orders, this.payments, this.refunds, this.disputes]) map.clear();
    for (const map of [this.#ordersByReceipt, this.#paymentsByOrder, this.#refundsByPayment]) map.clear();
  }
}

function found<T>(record: T | undefined): T {
  if (record === undefined) throw unknownId();
  return record;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
