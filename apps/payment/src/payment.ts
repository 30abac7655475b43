import type { PaymentState, RefundState } from '#libs/contracts/payment/views';

/** From each state of a payment to those it may move to. `failed` is not final: a bank may answer days later. */
export const PAYMENT_MOVES: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  created: ['failed', 'authorized', 'captured', 'refunded'],
  failed: ['authorized', 'captured', 'refunded'],
  authorized: ['captured', 'refunded'],
  captured: ['refunded'],
  refunded: [],
};

/** Razorpay's own states of its order; a paid one stays paid, also after a refund. */
export const ORDER_STATES = ['created', 'attempted', 'paid'] as const;
export type PaymentOrderState = (typeof ORDER_STATES)[number];

const ORDER_MOVES: Readonly<Record<PaymentOrderState, readonly PaymentOrderState[]>> = {
  created: ['attempted', 'paid'],
  attempted: ['paid'],
  paid: [],
};

const REFUND_MOVES: Readonly<Record<RefundState, readonly RefundState[]>> = {
  // Pending to pending: Razorpay's id becomes known.
  pending: ['pending', 'processed', 'failed'],
  processed: [],
  // Only a new attempt leads on, and that has a receipt of its own.
  failed: [],
};

const sourcesOf = <State extends string>(moves: Readonly<Record<State, readonly State[]>>): Readonly<Record<State, readonly State[]>> => {
  const states = Object.keys(moves) as State[];
  return Object.fromEntries(states.map((to) => [to, states.filter((from) => moves[from].includes(to))])) as Record<State, State[]>;
};

/** The states from which one may be reached, for conditional updates. */
export const PAYMENT_SOURCES = sourcesOf(PAYMENT_MOVES);
export const ORDER_SOURCES = sourcesOf(ORDER_MOVES);
export const REFUND_SOURCES = sourcesOf(REFUND_MOVES);

/** Razorpay's receipt (at most 40 characters) of a shop order: the id without hyphens. */
export const receiptOf = (id: string): string => id.replaceAll('-', '');

/** The receipt of a refund; every attempt after the first has one of its own. */
export const refundReceiptOf = (refundId: string, attempt: number): string =>
  attempt === 1 ? receiptOf(refundId) : `${receiptOf(refundId)}-${attempt}`;

/** The refund in a receipt of ours; undefined for anybody else's. */
export function refundOfReceipt(receipt: string | null): { id: string; attempt: number } | undefined {
  const [, hex = '', attempt = '1'] = /^([0-9a-f]{32})(?:-([1-9][0-9]{0,5}))?$/.exec(receipt ?? '') ?? [];
  if (hex === '') return undefined;
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), attempt: Number(attempt) };
}

/** The same however often an attempt is sent (`X-Refund-Idempotency`: at least 10 of [A-Za-z0-9_-]). */
export const refundKeyOf = (refundId: string, attempt: number): string =>
  attempt === 1 ? `refund-${refundId}` : `refund-${refundId}-${attempt}`;

/** What stands for Razorpay's payment id where an order was paid in cash. */
export const cashIdOf = (orderId: string): string => `cash_${receiptOf(orderId)}`;

/** Razorpay's final states of a dispute; any other is open. */
export const FINAL_DISPUTES = ['won', 'lost', 'closed'];

/** An order is asked about until late authorisations have ended: Razorpay polls banks for up to five days. */
const ASK_FOR_SECONDS = 7 * 86_400;
const MAX_CHECK_INTERVAL_SECONDS = 6 * 3_600;

/** Seconds until an unpaid order is asked about again; null once it is too old. `checks` counts those made, from 1. */
export function nextCheckAfter(checks: number, ageSeconds: number, firstAfterSeconds: number): number | null {
  if (ageSeconds > ASK_FOR_SECONDS) return null;
  return Math.min(MAX_CHECK_INTERVAL_SECONDS, firstAfterSeconds * 2 ** Math.min(checks - 1, 20));
}
