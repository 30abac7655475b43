import { PAYMENT_STATES, type PaymentState, REFUND_STATES, type RefundState } from '#libs/contracts/payment/views';
import { ORDER_STATES, type PaymentOrderState } from './payment.ts';

/** Razorpay's objects as far as we use them. Notes are never read: whoever pays can write them. Amounts are paise, times epoch seconds. */
export interface RazorpayOrder {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly receipt: string | null;
  readonly status: PaymentOrderState;
  readonly createdAt: number;
}

export interface RazorpayPayment {
  readonly id: string;
  /** Null for a payment without an order, which is not ours. */
  readonly orderId: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly status: PaymentState;
  readonly method: string | null;
  /** What it was paid by, in words that are the same at each payment; empty where Razorpay does not say. */
  readonly instruments: readonly string[];
  readonly createdAt: number;
}

export interface RazorpayRefund {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly status: RefundState;
  readonly receipt: string | null;
}

export interface RazorpayDispute {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly status: string;
}

/** A line of a settlement; adjustments and transfers are `other`. */
export interface SettledItem {
  readonly kind: 'payment' | 'refund' | 'other';
  readonly id: string;
  /** Gross, whatever fees were kept. */
  readonly amount: number;
}

const ID = {
  order: /^order_[A-Za-z0-9]{14}$/,
  payment: /^pay_[A-Za-z0-9]{14}$/,
  refund: /^rfnd_[A-Za-z0-9]{14}$/,
  dispute: /^disp_[A-Za-z0-9]{14}$/,
} as const;

/** Ids are pasted into URLs by the package, so one that is not an id must never get there. */
export const isRazorpayId = (kind: keyof typeof ID, id: unknown): id is string => typeof id === 'string' && ID[kind].test(id);

const isPaise = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isCurrency = (value: unknown): value is string => typeof value === 'string' && /^[A-Z]{3}$/.test(value);
const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined => values.find((candidate) => candidate === value);
const textOrNull = (value: unknown, limit: number): string | null =>
  typeof value === 'string' && value !== '' && !value.includes('\0') ? value.slice(0, limit) : null;
const secondsOf = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 0);

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** Undefined when the value is no such object. */
export function readOrder(value: unknown): RazorpayOrder | undefined {
  const { id, amount, currency, receipt, status, created_at } = fieldsOf(value);
  const state = oneOf(ORDER_STATES, status);
  if (!isRazorpayId('order', id) || !isPaise(amount) || !isCurrency(currency) || state === undefined) return undefined;
  return { id, amount, currency, receipt: textOrNull(receipt, 40), status: state, createdAt: secondsOf(created_at) };
}

export function readPayment(value: unknown): RazorpayPayment | undefined {
  const { id, order_id, amount, currency, status, method, created_at, vpa, card_id, card } = fieldsOf(value);
  const state = oneOf(PAYMENT_STATES, status);
  if (!isRazorpayId('payment', id) || !isPaise(amount) || !isCurrency(currency) || state === undefined) return undefined;
  return {
    id,
    orderId: isRazorpayId('order', order_id) ? order_id : null,
    amount,
    currency,
    status: state,
    method: textOrNull(method, 40),
    instruments: instrumentsOf({ vpa, card_id, card }),
    createdAt: secondsOf(created_at),
  };
}

/** A UPI id in any case. A card by its id, which may be another one at the next payment, and by what Razorpay tells of it. */
function instrumentsOf({ vpa, card_id, card }: Readonly<Record<'vpa' | 'card_id' | 'card', unknown>>): string[] {
  const upi = textOrNull(vpa, 255)?.trim().toLowerCase();
  const cardId = textOrNull(card_id, 40);
  const { last4, network, type, issuer } = fieldsOf(card);
  const digits = textOrNull(last4, 4);
  return [
    ...(upi === undefined || upi === '' ? [] : [`upi ${upi}`]),
    ...(cardId === null ? [] : [`card ${cardId}`]),
    ...(digits === null ? [] : [`card ${JSON.stringify([digits, network, type, issuer].map((part) => textOrNull(part, 40)))}`]),
  ];
}

export function readRefund(value: unknown): RazorpayRefund | undefined {
  const { id, payment_id, amount, status, receipt } = fieldsOf(value);
  const state = oneOf(REFUND_STATES, status);
  if (!isRazorpayId('refund', id) || !isRazorpayId('payment', payment_id) || !isPaise(amount) || state === undefined) return undefined;
  return { id, paymentId: payment_id, amount, status: state, receipt: textOrNull(receipt, 40) };
}

export function readDispute(value: unknown): RazorpayDispute | undefined {
  const { id, payment_id, amount, status } = fieldsOf(value);
  const state = textOrNull(status, 40);
  if (!isRazorpayId('dispute', id) || !isRazorpayId('payment', payment_id) || !isPaise(amount) || state === null) return undefined;
  return { id, paymentId: payment_id, amount, status: state };
}

export function readSettled(value: unknown): SettledItem | undefined {
  const { entity_id, type, amount } = fieldsOf(value);
  if (typeof type !== 'string') return undefined;
  if (type !== 'payment' && type !== 'refund') return { kind: 'other', id: '', amount: 0 };
  return isRazorpayId(type, entity_id) && isPaise(amount) ? { kind: type, id: entity_id, amount } : undefined;
}

/** `{ items: [...] }` of a list. Undefined when the value is no list, or an entry cannot be read: half an answer is none. */
export function readItems<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  const { items } = fieldsOf(value);
  if (!Array.isArray(items)) return undefined;
  const all = items.map(read);
  return all.every((item) => item !== undefined) ? (all as T[]) : undefined;
}
