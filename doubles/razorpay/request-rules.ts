/** What Razorpay takes in a request, and the error it answers otherwise. */
import type { CaptureRule, Notes } from './entities.ts';
import { type IdPrefix, isId } from './identifiers.ts';
import type { OrderRequest } from './orders.ts';
import { invalid, type RazorpayError } from './razorpay-error.ts';
import type { RefundRequest } from './refunds.ts';
import type { ViolationKind } from './violations.ts';

/** Notes a client's mistake; see violations. */
export type Tell = (kind: ViolationKind, detail: string) => void;

const leastAmount = 100;
const currencies = new Set(Intl.supportedValuesOf('currency'));
const orderFields = ['amount', 'currency', 'receipt', 'notes', 'partial_payment', 'payment', 'payment_capture'];
const refundFields = ['amount', 'speed', 'receipt', 'notes'];
const captureFields = ['amount', 'currency'];

export function readOrderRequest(body: unknown, tell: Tell): OrderRequest {
  const fields = fieldsOf(body, orderFields, tell);
  if (fields.partial_payment !== undefined && fields.partial_payment !== false)
    throw invalid('Partial payments are not enabled for this account', 'partial_payment');
  return {
    amount: requiredAmount(fields.amount, tell),
    currency: currencyOf(fields.currency),
    receipt: receiptOf(fields.receipt, tell),
    notes: notesOf(fields.notes, tell),
    capture: captureRule(fields),
  };
}

export function readRefundRequest(body: unknown, tell: Tell): RefundRequest {
  const fields = fieldsOf(body, refundFields, tell);
  const { speed = 'normal' } = fields;
  if (speed !== 'normal' && speed !== 'optimum') throw invalid('The speed is invalid', 'speed');
  return {
    amount: fields.amount === undefined ? undefined : requiredAmount(fields.amount, tell),
    speed,
    receipt: receiptOf(fields.receipt, tell),
    notes: notesOf(fields.notes, tell),
  };
}

export function readCaptureRequest(body: unknown, tell: Tell): { amount: number; currency: string } {
  const fields = fieldsOf(body, captureFields, tell);
  // The oldest clients send no currency; Razorpay takes it for INR.
  return { amount: requiredAmount(fields.amount, tell), currency: fields.currency === undefined ? 'INR' : currencyOf(fields.currency) };
}

export interface Page {
  count: number;
  skip: number;
  /** Unix seconds, inclusive. */
  from: number;
  to: number;
}

export function readPage(query: Readonly<Record<string, unknown>>, most = 100): Page {
  return {
    count: wholeNumber(query, 'count', 1, most) ?? 10,
    skip: wholeNumber(query, 'skip', 0) ?? 0,
    from: wholeNumber(query, 'from', 0) ?? 0,
    to: wholeNumber(query, 'to', 0) ?? Number.MAX_SAFE_INTEGER,
  };
}

export function readDay(query: Readonly<Record<string, unknown>>): { year: number; month: number; day: number | undefined } {
  const year = wholeNumber(query, 'year', 2000, 9999);
  const month = wholeNumber(query, 'month', 1, 12);
  if (year === undefined) throw invalid('The year field is required.', 'year');
  if (month === undefined) throw invalid('The month field is required.', 'month');
  return { year, month, day: wholeNumber(query, 'day', 1, 31) };
}

/** An id in a path. Anything else than an id there is a client that pasted foreign text into a URL. */
export function readId(prefix: IdPrefix, id: string, tell: Tell): string {
  if (isId(prefix, id)) return id;
  tell('malformed_id', `expected ${prefix}_ and 14 characters`);
  throw invalid(`${id.slice(0, 40)} is not a valid id`);
}

/** The key of X-Refund-Idempotency, or undefined where there is none. */
export function readRefundKey(header: string | string[] | undefined, tell: Tell): string | undefined {
  if (header === undefined) {
    tell('refund_without_idempotency_key', 'a repeat of this request would refund twice');
    return undefined;
  }
  const key = String(header);
  const wrong = (description: string): RazorpayError => {
    tell('malformed_idempotency_key', description);
    return invalid(description);
  };
  if (key.length < 10) throw wrong('The idempotency key must be at least 10 characters long.');
  if (!/^[A-Za-z0-9_-]+$/.test(key)) throw wrong('The idempotency key must only contain alphanumeric characters, underscores, and hyphens');
  return key;
}

type Fields = Record<string, unknown>;

function fieldsOf(body: unknown, known: readonly string[], tell: Tell): Fields {
  if (body === undefined || body === null || body === '') return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw invalid('The request body must be an object');
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    tell('unknown_field', unknown.join(', ').slice(0, 100));
    throw invalid(`${unknown.join(', ').slice(0, 100)} is/are not required and should not be sent`);
  }
  return { ...body };
}

function requiredAmount(amount: unknown, tell: Tell): number {
  if (amount === undefined || amount === null) throw invalid('The amount field is required.', 'amount');
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) {
    tell('non_integer_amount', `amount is ${typeof amount === 'number' ? 'a fraction' : `a ${typeof amount}`}`);
    throw invalid('The amount must be an integer.', 'amount');
  }
  if (amount < leastAmount) throw invalid('The amount must be at least INR 1.00', 'amount');
  return amount;
}

function currencyOf(currency: unknown): string {
  if (currency === undefined || currency === null) throw invalid('The currency field is required.', 'currency');
  if (typeof currency !== 'string' || !currencies.has(currency)) throw invalid('Currency is not supported', 'currency');
  return currency;
}

function receiptOf(receipt: unknown, tell: Tell): string | null {
  if (receipt === undefined || receipt === null) return null;
  if (typeof receipt !== 'string') throw invalid('The receipt must be a string.', 'receipt');
  if (receipt.length > 40) {
    tell('receipt_too_long', `${receipt.length} characters`);
    throw invalid('The receipt may not be greater than 40 characters.', 'receipt');
  }
  return receipt;
}

function notesOf(notes: unknown, tell: Tell): Notes {
  if (notes === undefined || notes === null) return [];
  if (typeof notes !== 'object') throw invalid('The notes must be an array.', 'notes');
  const pairs = Object.entries(notes);
  if (pairs.length === 0) return [];
  const tooLarge = (detail: string): RazorpayError => {
    tell('notes_too_large', detail);
    return invalid(detail, 'notes');
  };
  if (pairs.length > 15) throw tooLarge('The notes may not have more than 15 pairs.');
  const kept: [string, string | number][] = pairs.map(([name, value]) => {
    if (typeof value !== 'string' && typeof value !== 'number') throw invalid('The notes must hold text.', 'notes');
    if (name.length > 256 || String(value).length > 256) throw tooLarge('A note may not be greater than 256 characters.');
    return [name, value];
  });
  return Object.fromEntries(kept);
}

function captureRule({ payment, payment_capture }: Fields): CaptureRule {
  const rule: CaptureRule = { mode: 'automatic', automaticExpiryMinutes: null, manualExpiryMinutes: null };
  // The older switch: 0 leaves payments authorised.
  if (payment_capture !== undefined && [0, '0', false].some((off) => off === payment_capture)) rule.mode = 'manual';
  if (payment === undefined || payment === null) return rule;
  const { capture, capture_options: options } = nested(payment, 'payment');
  if (capture !== undefined && capture !== 'automatic' && capture !== 'manual') throw invalid('The capture is invalid', 'payment.capture');
  if (capture !== undefined) rule.mode = capture;
  if (options === undefined) return rule;
  const { automatic_expiry_period: automatic, manual_expiry_period: manual } = nested(options, 'payment.capture_options');
  if (automatic !== undefined && automatic !== null) rule.automaticExpiryMinutes = minutes(automatic, 'automatic_expiry_period', 12);
  if (manual !== undefined && manual !== null) rule.manualExpiryMinutes = minutes(manual, 'manual_expiry_period', 0);
  return rule;
}

function nested(value: unknown, field: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`The ${field} must be an object.`, field);
  return { ...value };
}

const longestExpiryMinutes = 7200;

function minutes(value: unknown, field: string, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > longestExpiryMinutes)
    throw invalid(`The ${field} must be between ${least} and ${longestExpiryMinutes} minutes.`, field);
  return value;
}

function wholeNumber(
  query: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = query[name];
  if (text === undefined || text === '') return undefined;
  const value = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw invalid(
      name === 'month'
        ? 'The month is not a valid month.'
        : `The ${name} must be ${most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `between ${least} and ${most}`}.`,
      name,
    );
  return value;
}
