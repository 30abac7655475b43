import type { Account } from './account.ts';
import {
  type Collection,
  collection,
  type Dispute,
  type Order,
  type OrderRecord,
  type Payment,
  type PaymentRecord,
  type Refund,
} from './entities.ts';
import { suffixOf } from './identifiers.ts';

/** Paise. */
export interface Totals {
  captured: number;
  /** Refunds that have not failed: paid out, or still to be. */
  refunded: number;
  /** The part of `refunded` that is not paid out yet. */
  refundPending: number;
  /** Taken by lost disputes. */
  deducted: number;
  /** captured − refunded */
  net: number;
}

export interface Ledger {
  orders: Order[];
  payments: Payment[];
  refunds: Refund[];
  disputes: Dispute[];
  /** INR alone. */
  totals: Totals;
  byCurrency: Record<string, Totals>;
}

/** Where the money is, counted from the objects themselves. */
export function ledgerOf(account: Account): Ledger {
  const byCurrency: Record<string, Totals> = {};
  const totalsOf = (currency: string): Totals => {
    byCurrency[currency] ??= { captured: 0, refunded: 0, refundPending: 0, deducted: 0, net: 0 };
    return byCurrency[currency];
  };
  const orders = entitiesOf(account.orders);
  const payments = entitiesOf(account.payments);
  const refunds = entitiesOf(account.refunds);
  const disputes = entitiesOf(account.disputes);
  for (const payment of payments) if (payment.captured) totalsOf(payment.currency).captured += payment.amount;
  for (const refund of refunds) {
    if (refund.status === 'failed') continue;
    totalsOf(refund.currency).refunded += refund.amount;
    if (refund.status === 'pending') totalsOf(refund.currency).refundPending += refund.amount;
  }
  for (const dispute of disputes) totalsOf(dispute.currency).deducted += dispute.amount_deducted;
  for (const totals of Object.values(byCurrency)) totals.net = totals.captured - totals.refunded;
  return { orders, payments, refunds, disputes, totals: { ...totalsOf('INR') }, byCurrency };
}

function entitiesOf<T extends object>(records: ReadonlyMap<string, { entity: T }>): T[] {
  return [...records.values()].map(({ entity }) => ({ ...entity }));
}

export interface ReconItem {
  entity_id: string;
  type: 'payment' | 'refund';
  debit: number;
  credit: number;
  amount: number;
  currency: string;
  fee: number;
  tax: number;
  on_hold: false;
  settled: true;
  created_at: number;
  settled_at: number;
  settlement_id: string;
  posted_at: null;
  credit_type: 'default';
  description: string | null;
  notes: unknown;
  payment_id: string | null;
  settlement_utr: string;
  order_id: string | null;
  order_receipt: string | null;
  method: string;
  card_network: string | null;
  card_issuer: string | null;
  card_type: string | null;
  dispute_id: string | null;
}

// Razorpay's days are India's.
const indiaOffsetSeconds = (5 * 60 + 30) * 60;

/**
 * `GET /v1/settlements/recon/combined`: payments captured and refunds paid out on a day, or in a month, of India. The simulator settles at the
 * moment of the capture or the payout, where Razorpay takes some working days.
 */
export function settlementRecon(account: Account, year: number, month: number, day?: number): ReconItem[] {
  const from = Date.UTC(year, month - 1, day ?? 1) / 1000 - indiaOffsetSeconds;
  const to = Date.UTC(year, day === undefined ? month : month - 1, day === undefined ? 1 : day + 1) / 1000 - indiaOffsetSeconds;
  const isWithin = (time: number | null): time is number => time !== null && time >= from && time < to;
  const items: ReconItem[] = [];
  for (const payment of account.payments.values()) {
    if (!isWithin(payment.capturedAt)) continue;
    const { id, amount, fee, tax, created_at } = payment.entity;
    items.push({
      ...itemOf(payment, account.orders.get(payment.entity.order_id), payment.capturedAt),
      ...{ entity_id: id, type: 'payment', debit: 0, credit: amount - (fee ?? 0), amount, fee: fee ?? 0, tax: tax ?? 0, created_at },
    });
  }
  for (const { entity, processedAt } of account.refunds.values()) {
    const payment = account.payments.get(entity.payment_id);
    if (!isWithin(processedAt) || payment === undefined) continue;
    items.push({
      ...itemOf(payment, account.orders.get(payment.entity.order_id), processedAt),
      ...{ entity_id: entity.id, type: 'refund', debit: entity.amount, credit: 0, amount: entity.amount, fee: 0, tax: 0 },
      ...{ created_at: entity.created_at, payment_id: entity.payment_id, notes: entity.notes },
    });
  }
  return items.sort((one, other) => one.settled_at - other.settled_at);
}

export function reconPage(items: readonly ReconItem[], count: number, skip: number): Collection<ReconItem> {
  return collection(items.slice(skip, skip + count));
}

type Shared = Omit<ReconItem, 'entity_id' | 'type' | 'debit' | 'credit' | 'amount' | 'fee' | 'tax' | 'created_at'>;

function itemOf({ entity }: PaymentRecord, order: OrderRecord | undefined, settledAt: number): Shared {
  const day = new Date((settledAt + indiaOffsetSeconds) * 1000).toISOString().slice(0, 10);
  return {
    currency: entity.currency,
    on_hold: false,
    settled: true,
    settled_at: settledAt,
    settlement_id: `setl_${suffixOf(day)}`,
    posted_at: null,
    credit_type: 'default',
    description: entity.description,
    notes: entity.notes,
    payment_id: null,
    settlement_utr: suffixOf(`utr ${day}`),
    order_id: entity.order_id,
    order_receipt: order?.entity.receipt ?? null,
    method: entity.method,
    card_network: entity.card?.network ?? null,
    card_issuer: entity.card?.issuer ?? null,
    card_type: entity.card?.type ?? null,
    dispute_id: null,
  };
}
