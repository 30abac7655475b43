import { Counter, Gauge, Histogram } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

export const WEBHOOK_OUTCOMES = ['recorded', 'ignored', 'unknown_order', 'unreadable', 'duplicate', 'refused', 'failed'] as const;

export const webhooks = new Counter({
  name: 'only2u_payment_webhooks_total',
  help: 'Webhooks of Razorpay by outcome',
  labelNames: ['outcome'],
  registers: [metrics],
});
for (const outcome of WEBHOOK_OUTCOMES) webhooks.inc({ outcome }, 0);

export const webhookAge = new Histogram({
  name: 'only2u_payment_webhook_age_seconds',
  help: 'Age of a webhook by its own word when it had its effect, each once',
  buckets: [1, 5, 15, 60, 300, 3_600, 86_400],
  registers: [metrics],
});

export type RazorpayOperation =
  | 'createOrder'
  | 'orderByReceipt'
  | 'payment'
  | 'paymentsOf'
  | 'capture'
  | 'refund'
  | 'refundsOf'
  | 'refundById'
  | 'settledOn'
  | 'probe';
const RAZORPAY_FAILURES = ['refused', 'unauthorised', 'busy', 'no_answer', 'not_asked'] as const;
export type RazorpayOutcome = (typeof RAZORPAY_FAILURES)[number];

export const razorpaySeconds = new Histogram({
  name: 'only2u_payment_razorpay_seconds',
  help: 'Time of calls at Razorpay, by operation and outcome (ok, or the kind of failure)',
  labelNames: ['operation', 'outcome'],
  buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 5],
  registers: [metrics],
});

export const razorpayErrors = new Counter({
  name: 'only2u_payment_razorpay_errors_total',
  help: 'Calls at Razorpay that failed, by kind; not_asked: the breaker was open',
  labelNames: ['kind'],
  registers: [metrics],
});
for (const kind of RAZORPAY_FAILURES) razorpayErrors.inc({ kind }, 0);

export const razorpayBreakerOpen = new Gauge({
  name: 'only2u_payment_razorpay_breaker_open',
  help: '1 while this process leaves Razorpay alone because it does not answer',
  registers: [metrics],
});

export const razorpayKeyRefused = new Gauge({
  name: 'only2u_payment_razorpay_key_refused',
  help: '1 while Razorpay refuses our key (401): nobody can pay until staff mends it',
  registers: [metrics],
});

export const paymentOutcomes = new Counter({
  name: 'only2u_payment_payments_total',
  help: 'Payments that were captured or failed, each once',
  labelNames: ['outcome'],
  registers: [metrics],
});
for (const outcome of ['captured', 'failed']) paymentOutcomes.inc({ outcome }, 0);

export const capturedPaise = new Counter({
  name: 'only2u_payment_captured_paise_total',
  help: 'Paise captured at Razorpay',
  registers: [metrics],
});

export const refundOutcomes = new Counter({
  name: 'only2u_payment_refunds_total',
  help: 'Refunds by what became of them, and sends that were put off (postponed); failed ones need a person',
  labelNames: ['outcome'],
  registers: [metrics],
});
for (const outcome of ['pending', 'processed', 'failed', 'postponed']) refundOutcomes.inc({ outcome }, 0);

export const disputeOutcomes = new Counter({
  name: 'only2u_payment_disputes_total',
  help: 'Disputes that were opened, won, lost or closed',
  labelNames: ['outcome'],
  registers: [metrics],
});
for (const outcome of ['opened', 'won', 'lost', 'closed']) disputeOutcomes.inc({ outcome }, 0);

export const settlementDifference = new Gauge({
  name: 'only2u_payment_settlement_difference_paise',
  help: "Sum of all differences between our books and Razorpay's on the last day that was checked; not 0 needs a person",
  registers: [metrics],
});
