import type { Alert } from '../alert.ts';

const webhooks = (outcome: string): string => `only2u_payment_webhooks_total{outcome="${outcome}"}`;
const refunds = (outcome: string): string => `only2u_payment_refunds_total{outcome="${outcome}"}`;

export const moneyAlerts: readonly Alert[] = [
  {
    name: 'RazorpaySilent',
    expr: 'max(only2u_payment_razorpay_breaker_open) == 1',
    for: '1m',
    severity: 'page',
    summary: 'Razorpay does not answer: nobody can pay',
    silences: ['CheckoutFailing', 'CheckoutSlow', 'SalesStopped', 'RoundFailing'],
    rings: { series: { only2u_payment_razorpay_breaker_open: '0x4 1x20' }, after: '4m' },
    quiet: { series: { only2u_payment_razorpay_breaker_open: '0x4 1x2 0x20' }, after: '4m' },
  },
  {
    name: 'RazorpayKeyRefused',
    expr: 'max(only2u_payment_razorpay_key_refused) == 1',
    severity: 'page',
    summary: 'Razorpay refuses our key: nobody can pay until a person mends it',
    silences: ['CheckoutFailing', 'SalesStopped', 'RoundFailing'],
    rings: { series: { only2u_payment_razorpay_key_refused: '0x4 1x20' }, after: '4m' },
    quiet: { series: { only2u_payment_razorpay_key_refused: '0x24' }, after: '4m' },
  },
  {
    name: 'RefundsFailing',
    expr: 'sum(increase(only2u_payment_refunds_total{outcome="failed"}[1h])) > 0',
    severity: 'page',
    summary: 'A refund has failed for good: a customer waits for money',
    rings: { series: { [refunds('failed')]: '0x4 1x20' }, after: '4m' },
    quiet: { series: { [refunds('failed')]: '0x24', [refunds('processed')]: '0+1x24' }, after: '4m' },
  },
  {
    name: 'WebhooksRefused',
    expr: 'sum(increase(only2u_payment_webhooks_total{outcome="refused"}[10m])) > 3',
    severity: 'page',
    summary: 'Webhooks come with a signature that does not fit: the secret differs, or somebody forges',
    rings: { series: { [webhooks('refused')]: '0x4 0+2x20' }, after: '5m' },
    quiet: { series: { [webhooks('refused')]: '0x24', [webhooks('recorded')]: '0+2x24' }, after: '5m' },
  },
  {
    name: 'WebhooksFailing',
    expr: 'sum(increase(only2u_payment_webhooks_total{outcome="failed"}[10m])) > 0',
    severity: 'page',
    summary: 'The effect of a webhook failed; it is kept, and tried again',
    isEffect: true,
    rings: { series: { [webhooks('failed')]: '0x4 1x20' }, after: '4m' },
    quiet: { series: { [webhooks('failed')]: '0x24', [webhooks('recorded')]: '0+2x24' }, after: '4m' },
  },
  {
    name: 'SettlementDiffers',
    expr: 'max(abs(only2u_payment_settlement_difference_paise)) > 0',
    severity: 'ticket',
    summary: "Our books of yesterday and Razorpay's differ",
    rings: { series: { only2u_payment_settlement_difference_paise: '0x4 -100x20' }, after: '4m' },
    quiet: { series: { only2u_payment_settlement_difference_paise: '0x24' }, after: '4m' },
  },
  {
    name: 'DisputeOpened',
    expr: 'sum(increase(only2u_payment_disputes_total{outcome="opened"}[1d])) > 0',
    severity: 'ticket',
    summary: 'A bank disputes a payment: staff answers in Razorpay’s dashboard, in time',
    rings: { series: { 'only2u_payment_disputes_total{outcome="opened"}': '0x4 1x20' }, after: '4m' },
    quiet: { series: { 'only2u_payment_disputes_total{outcome="opened"}': '0x24' }, after: '4m' },
  },
  {
    name: 'SalesStopped',
    expr: `sum(increase(only2u_orders_placed_total[30m])) > 20
  and
sum(increase(only2u_orders_confirmed_total[30m])) == 0`,
    for: '5m',
    severity: 'page',
    summary: 'Orders are placed, and for half an hour none was confirmed',
    isEffect: true,
    rings: {
      series: {
        'only2u_orders_placed_total{payment_method="razorpay"}': '0+1x200',
        'only2u_orders_confirmed_total{payment_method="razorpay"}': '0x200',
      },
      after: '45m',
    },
    quiet: {
      series: {
        'only2u_orders_placed_total{payment_method="razorpay"}': '0+1x200',
        'only2u_orders_confirmed_total{payment_method="razorpay"}': '0+0.5x200',
      },
      after: '45m',
    },
  },
];
