import { createHmac } from 'node:crypto';
import type { EventSubject } from './account.ts';
import { randomSuffix } from './identifiers.ts';

/** `queued` waits for its first or next attempt, `held` for a release; `abandoned` was given up; `unsent` had nowhere to go. */
export type EventState = 'queued' | 'held' | 'delivered' | 'abandoned' | 'unsent';

/** One try to deliver an event. */
export interface Attempt {
  /** ISO 8601 on the simulator's clock. */
  at: string;
  /** The answer's status, or null when none came. */
  status: number | null;
  error?: string;
  tookMs: number;
}

export interface WebhookEvent {
  /** `x-razorpay-event-id`, the same at every delivery. */
  id: string;
  event: string;
  /** The ids of the objects it tells of, and of their order. */
  about: string[];
  /** Ms on the simulator's clock. */
  createdAt: number;
  /** The exact bytes that are sent and signed: a snapshot. */
  body: string;
  state: EventState;
  /** The last twenty. */
  attempts: Attempt[];
  attemptCount: number;
  nextTryAt: number | null;
}

// Razorpay lists the payment first, except where a refund is the news.
const order = ['refund', 'payment', 'order', 'dispute'] as const;

/** An event in Razorpay's envelope, as the objects are now. */
export function newEvent(accountId: string, name: string, subject: EventSubject, nowMs: number): WebhookEvent {
  const contains = order.filter((kind) => subject[kind] !== undefined);
  const payload = Object.fromEntries(contains.map((kind) => [kind, { entity: subject[kind] }]));
  const ids = contains.map((kind) => subject[kind]?.id);
  const about = [...ids, subject.payment?.order_id].filter((id) => id !== undefined);
  return { ...rawEvent(accountId, name, contains, payload, nowMs), about: [...new Set(about)] };
}

/** An event of any name and payload: for events that the shop does not know. */
export function rawEvent(accountId: string, name: string, contains: readonly string[], payload: unknown, nowMs: number): WebhookEvent {
  const envelope = { entity: 'event', account_id: accountId, event: name, contains, payload, created_at: Math.floor(nowMs / 1000) };
  return {
    id: randomSuffix(),
    event: name,
    about: [],
    createdAt: nowMs,
    body: JSON.stringify(envelope),
    state: 'queued',
    attempts: [],
    attemptCount: 0,
    nextTryAt: null,
  };
}

/** `X-Razorpay-Signature`: hex HMAC-SHA256 of the raw body. */
export function signWebhook(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** `razorpay_signature` of Checkout: hex HMAC-SHA256 of `order_id|payment_id` by the API key's secret. */
export function signCheckout(orderId: string, paymentId: string, keySecret: string): string {
  return createHmac('sha256', keySecret).update(`${orderId}|${paymentId}`).digest('hex');
}

/** The body with one byte changed, still valid JSON: a digit of an amount where there is one, so that only the signature tells. */
export function mutate(body: string): string {
  const amount = /"amount":(\d)/.exec(body);
  const index = amount === null ? body.search(/\d/) : amount.index + '"amount":'.length;
  const digit = Number(body[index]);
  return `${body.slice(0, index)}${digit === 9 ? 8 : digit + 1}${body.slice(index + 1)}`;
}
