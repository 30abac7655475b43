/** What customers are promised, and how fast a promise may be broken before somebody is woken. */
import type { Case } from './alert.ts';

export interface Objective {
  readonly name: string;
  /** Of the alerts that it has: one that wakes somebody, one that waits. */
  readonly alert: string;
  /** The share that is to be good. */
  readonly target: number;
  readonly promise: string;
  /** The share that was bad within a window such as `5m`; nothing where nothing happened. */
  readonly bad: (window: string) => string;
  readonly rings: Case;
  readonly quiet: Case;
}

const operations = {
  checkout: ['order.place', 'payment.createOrder', 'payment.verify'],
  browse: ['product.list', 'product.detail', 'product.search', 'product.suggest', 'product.categories', 'gateway.productPage'],
  login: ['auth.login', 'auth.register', 'auth.verifyOtp', 'auth.verifyTotp', 'auth.signInByPasskey', 'auth.refresh'],
  chat: ['chat.threads', 'chat.open', 'chat.messages', 'chat.post', 'chat.read'],
  webhook: ['payment.webhook'],
} as const satisfies Record<string, readonly string[]>;

export const objectiveOperations: readonly string[] = Object.values(operations).flat();

type Edge = keyof typeof operations;

/** In a label of the rules every dot is escaped, for it stands in a pattern. */
const pattern = (edge: Edge): string => operations[edge].join('|').replaceAll('.', '[.]');

/** The share of requests that were answered with 5xx. */
function failing(edge: Edge, target: number): Objective {
  const of = `operation=~"${pattern(edge)}"`;
  const series = (status: string): string => `only2u_http_seconds_count{operation="${operations[edge][0]}",status="${status}"}`;
  const bad = (window: string): string => `(sum(rate(only2u_http_seconds_count{${of},status=~"5.."}[${window}])) or vector(0))
  / (sum(rate(only2u_http_seconds_count{${of}}[${window}])) > 0)`;
  return {
    name: `${edge}_availability`,
    alert: `${titled(edge)}Failing`,
    target,
    promise: `${percent(target)} of the requests of ${edge} are answered without 5xx`,
    bad,
    rings: { series: { [series('503')]: '0+30x300', [series('200')]: '0+70x300' }, after: '70m' },
    quiet: { series: { [series('503')]: '0x300', [series('404')]: '0+30x300', [series('200')]: '0+70x300' }, after: '70m' },
  };
}

/** The share of answers that took longer than `seconds`, which is a bucket's bound. Failures are not counted as quick. */
function slow(edge: Edge, seconds: number, target: number): Objective {
  const of = `operation=~"${pattern(edge)}",status!~"5.."`;
  const series = (le: string): string => `only2u_http_seconds_bucket{operation="${operations[edge][0]}",status="200",le="${le}"}`;
  const count = `only2u_http_seconds_count{operation="${operations[edge][0]}",status="200"}`;
  const bad = (window: string): string => `1 - sum(rate(only2u_http_seconds_bucket{${of},le="${seconds}"}[${window}]))
  / (sum(rate(only2u_http_seconds_count{${of}}[${window}])) > 0)`;
  return {
    name: `${edge}_latency`,
    alert: `${titled(edge)}Slow`,
    target,
    promise: `${percent(target)} of the answers of ${edge} take at most ${seconds} s`,
    bad,
    rings: { series: { [series(String(seconds))]: '0+70x300', [count]: '0+100x300' }, after: '70m' },
    quiet: { series: { [series(String(seconds))]: '0+100x300', [count]: '0+100x300' }, after: '70m' },
  };
}

/** The share of time in which the oldest of what waits was older than `seconds`. */
function late({ name, alert, gauge, seconds, target, promise }: Late): Objective {
  return {
    name,
    alert,
    target,
    promise,
    bad: (window) => `avg_over_time(only2u:late:bool{objective="${name}"}[${window}])`,
    rings: { series: { [gauge]: `${seconds * 3}x300` }, after: '70m' },
    quiet: { series: { [gauge]: `${seconds / 3}x300` }, after: '70m' },
  };
}

interface Late {
  readonly name: string;
  readonly alert: string;
  /** As a series of the metric that tells of it. */
  readonly gauge: string;
  readonly expr: string;
  readonly seconds: number;
  readonly target: number;
  readonly promise: string;
}

export const lates: readonly Late[] = [
  {
    name: 'outbox_age',
    alert: 'OutboxLate',
    gauge: 'only2u_outbox_oldest_seconds{service="order"}',
    expr: 'max(only2u_outbox_oldest_seconds)',
    seconds: 60,
    target: 0.995,
    promise: 'For 99.5 % of the time every event arrives within a minute',
  },
  {
    name: 'codes_age',
    alert: 'CodesLate',
    gauge: 'only2u_notification_oldest_seconds{lane="otp"}',
    expr: 'max(only2u_notification_oldest_seconds{lane="otp"})',
    seconds: 15,
    target: 0.995,
    promise: 'For 99.5 % of the time no code to sign in with waits longer than 15 s',
  },
  {
    name: 'messages_age',
    alert: 'MessagesLate',
    gauge: 'only2u_notification_oldest_seconds{lane="transactional"}',
    expr: 'max(only2u_notification_oldest_seconds{lane="transactional"})',
    seconds: 300,
    target: 0.99,
    promise: 'For 99 % of the time no message about an order waits longer than five minutes',
  },
];

const webhookAge: Objective = {
  name: 'webhook_age',
  alert: 'WebhooksLate',
  target: 0.99,
  promise: '99 % of the webhooks have their effect within a minute of what they tell of',
  bad: (window) => `1 - sum(rate(only2u_payment_webhook_age_seconds_bucket{le="60"}[${window}]))
  / (sum(rate(only2u_payment_webhook_age_seconds_count[${window}])) > 0)`,
  rings: {
    series: {
      'only2u_payment_webhook_age_seconds_bucket{le="60"}': '0+5x300',
      only2u_payment_webhook_age_seconds_count: '0+10x300',
    },
    after: '70m',
  },
  quiet: {
    series: {
      'only2u_payment_webhook_age_seconds_bucket{le="60"}': '0+10x300',
      only2u_payment_webhook_age_seconds_count: '0+10x300',
    },
    after: '70m',
  },
};

const confirmation: Objective = {
  name: 'confirmation_latency',
  alert: 'ConfirmationSlow',
  target: 0.99,
  promise: '99 % of the orders are confirmed within 10 s of their payment',
  bad: (window) => `1 - sum(rate(only2u_event_age_seconds_bucket{event="payment.captured",le="10"}[${window}]))
  / (sum(rate(only2u_event_age_seconds_count{event="payment.captured"}[${window}])) > 0)`,
  rings: {
    series: {
      'only2u_event_age_seconds_bucket{event="payment.captured",le="10"}': '0+5x300',
      'only2u_event_age_seconds_count{event="payment.captured"}': '0+10x300',
    },
    after: '70m',
  },
  quiet: {
    series: {
      'only2u_event_age_seconds_bucket{event="payment.captured",le="10"}': '0+10x300',
      'only2u_event_age_seconds_count{event="payment.captured"}': '0+10x300',
    },
    after: '70m',
  },
};

export const objectives: readonly Objective[] = [
  failing('checkout', 0.999),
  slow('checkout', 1, 0.99),
  failing('browse', 0.999),
  slow('browse', 0.25, 0.99),
  failing('login', 0.999),
  slow('login', 1, 0.99),
  failing('chat', 0.995),
  slow('chat', 0.5, 0.99),
  webhookAge,
  confirmation,
  ...lates.map(late),
];

function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
