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
  help: 'Messages that were not served: forged, late',
  labelNames: ['reason'],
  registers: [metrics],
});
// A counter that begins with its first event hides that event from rate() and increase().
for (const reason of ['forged', 'late']) refusedMessages.inc({ reason }, 0);

export const laneMessages = new Gauge({
  name: 'only2u_bus_lane_messages',
  help: 'Requests that wait for this service, by lane',
  labelNames: ['service', 'lane'],
  registers: [metrics],
});

export const busSlots = new Gauge({
  name: 'only2u_bus_slots',
  help: 'Messages that a service of this process can handle at once, by state (busy or free)',
  labelNames: ['service', 'state'],
  registers: [metrics],
});

export const databaseConnections = new Gauge({
  name: 'only2u_database_connections',
  help: 'The pool of a service in this process: connections used and idle, and callers waiting for one',
  labelNames: ['service', 'state'],
  registers: [metrics],
});

export const cassandraSeconds = new Histogram({
  name: 'only2u_cassandra_seconds',
  help: 'Time of calls at Cassandra by outcome: ok, failed, no_answer, or not_asked while it does not answer',
  labelNames: ['outcome'],
  buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1.5],
  registers: [metrics],
});

export const tableBytes = new Gauge({
  name: 'only2u_table_bytes',
  help: 'Size of a table with its indexes',
  labelNames: ['service', 'table'],
  registers: [metrics],
});

export const tableRows = new Gauge({
  name: 'only2u_table_rows',
  help: 'Rows of a table, as Postgres estimates them',
  labelNames: ['service', 'table'],
  registers: [metrics],
});

const buildInfo = new Gauge({
  name: 'only2u_build_info',
  help: 'Always 1; which service and release this process is',
  labelNames: ['service', 'version'],
  registers: [metrics],
});

const loopDelay = new Histogram({
  name: 'only2u_event_loop_delay_seconds',
  help: 'How late a timer of this process ran, looked at twice a second',
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
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
  help: 'Calls of a service that wait for an answer',
  labelNames: ['service'],
  registers: [metrics],
});

export const readyProcess = new Gauge({
  name: 'only2u_ready',
  help: 'Whether a service of this process takes work: 1, or 0 while a connection it needs is away or it drains',
  labelNames: ['service'],
  registers: [metrics],
});

export const connectionUp = new Gauge({
  name: 'only2u_connection_up',
  help: 'Whether a service of this process reaches what it works with: 1, or 0',
  labelNames: ['service', 'connection'],
  registers: [metrics],
});

export const redisSeconds = new Histogram({
  name: 'only2u_redis_seconds',
  help: "Time of a command at the bus' Redis, asked every ten seconds, by outcome (ok or failed)",
  labelNames: ['outcome'],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 3],
  registers: [metrics],
});
for (const outcome of ['ok', 'failed']) redisSeconds.zero({ outcome });

export const openSockets = new Gauge({
  name: 'only2u_open_sockets',
  help: "Clients' sockets that this gateway has let in",
  labelNames: ['namespace'],
  registers: [metrics],
});

export const outboxRows = new Gauge({
  name: 'only2u_outbox_rows',
  help: 'Events of this service that are not delivered: waiting or dead',
  labelNames: ['service', 'event', 'subscriber', 'state'],
  registers: [metrics],
});

export const eventAge = new Histogram({
  name: 'only2u_event_age_seconds',
  help: 'Age of an event when it took effect in a service of this process, each once',
  labelNames: ['event'],
  buckets: [0.05, 0.25, 1, 5, 10, 60, 600],
  registers: [metrics],
});

export const outboxAge = new Gauge({
  name: 'only2u_outbox_oldest_seconds',
  help: 'Age of the oldest waiting event',
  labelNames: ['service'],
  registers: [metrics],
});

const LOOK_MS = 500;
const RARELY_MS = 86_400_000;
/** Gauges that are named like counters, and quantiles of the event loop that hold their own 10 ms and begin anew at every scrape. */
const NOT_OURS = /^only2u_nodejs_(eventloop_lag|active_(resources|handles|requests)_total)/;

let isCollecting = false;

/** What the runtime says of itself, once a process, and which release each service in it is. */
export function collectProcessMetrics(service: string, version: string): void {
  buildInfo.set({ service, version }, 1);
  if (isCollecting) return;
  isCollecting = true;
  // Its histogram of the event loop, which is dropped below, would wake an idle process a hundred times a second until it is collected.
  collectDefaultMetrics({ register: metrics, prefix: 'only2u_', eventLoopMonitoringPrecision: RARELY_MS });
  for (const { name } of metrics.getMetricsAsArray()) if (NOT_OURS.test(name)) metrics.removeSingleMetric(name);
  let due = performance.now() + LOOK_MS;
  setInterval(() => {
    const now = performance.now();
    loopDelay.observe(Math.max(0, now - due) / 1_000);
    due = now + LOOK_MS;
  }, LOOK_MS).unref();
}
