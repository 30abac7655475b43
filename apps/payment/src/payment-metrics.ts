import { Counter, Gauge } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

/** Webhooks by what became of them: recorded, ignored, unknown_order, unreadable, duplicate, refused, failed. */
export const webhooks = new Counter({
  name: 'only2u_payment_webhooks_total',
  help: 'Webhooks of Razorpay by outcome',
  labelNames: ['outcome'],
  registers: [metrics],
});

export const razorpayErrors = new Counter({
  name: 'only2u_payment_razorpay_errors_total',
  help: 'Calls at Razorpay that gave no answer or a refusal, by kind',
  labelNames: ['kind'],
  registers: [metrics],
});

export const refundOutcomes = new Counter({
  name: 'only2u_payment_refunds_total',
  help: 'Attempts at refunds by outcome; refused and failed ones need a person',
  labelNames: ['outcome'],
  registers: [metrics],
});

export const settlementDifference = new Gauge({
  name: 'only2u_payment_settlement_difference_paise',
  help: "Sum of all differences between our books and Razorpay's on the last day that was checked; not 0 needs a person",
  registers: [metrics],
});
