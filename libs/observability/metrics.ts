import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One registry a process; what is measured is declared here, so that dashboards have one place to look. */
export const metrics = new Registry();

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export const operationSeconds = new Histogram({
  name: 'only2u_operation_seconds',
  help: 'Time a service spends on an operation or a reaction, by outcome (ok or the error code)',
  labelNames: ['operation', 'outcome'],
  buckets: SECONDS,
  registers: [metrics],
});

export const httpSeconds = new Histogram({
  name: 'only2u_http_seconds',
  help: 'Time the gateway spends on a request, by operation and status',
  labelNames: ['operation', 'status'],
  buckets: SECONDS,
  registers: [metrics],
});

export const refusedMessages = new Counter({
  name: 'only2u_bus_refused_total',
  help: 'Messages that were not served: forged, late, unknown',
  labelNames: ['reason'],
  registers: [metrics],
});

export const roundSeconds = new Histogram({
  name: 'only2u_round_seconds',
  help: 'Time a run of a background loop takes, by outcome (ok or failed)',
  labelNames: ['round', 'outcome'],
  buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
  registers: [metrics],
});

export const pendingReplies = new Gauge({
  name: 'only2u_bus_pending_replies',
  help: 'Calls that wait for an answer',
  registers: [metrics],
});

export const readyProcess = new Gauge({
  name: 'only2u_ready',
  help: 'Whether this process takes work: 1, or 0 while a connection it needs is away or it drains',
  registers: [metrics],
});

export const openSockets = new Gauge({
  name: 'only2u_open_sockets',
  help: "Clients' sockets that this gateway has let in",
  labelNames: ['namespace'],
  registers: [metrics],
});

export const outboxRows = new Gauge({
  name: 'only2u_outbox_rows',
  help: 'Events of this service that are not delivered: waiting or dead',
  labelNames: ['state'],
  registers: [metrics],
});

export const outboxAge = new Gauge({ name: 'only2u_outbox_oldest_seconds', help: 'Age of the oldest waiting event', registers: [metrics] });

/** The event loop's delay is looked at by a timer: at prom-client's 10 ms that is most of what a process at rest costs. Its quantiles include the 100 ms. */
export const collectProcessMetrics = (): void =>
  collectDefaultMetrics({ register: metrics, prefix: 'only2u_', eventLoopMonitoringPrecision: 100 });
