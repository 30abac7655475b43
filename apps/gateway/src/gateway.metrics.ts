import { Counter, Gauge } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

export const rateLimited = new Counter({
  name: 'only2u_http_rate_limited_total',
  help: 'Requests answered 429, by the rule that was used up',
  labelNames: ['rule'],
  registers: [metrics],
});

export const hotReadsServed = new Counter({
  name: 'only2u_http_hot_reads_total',
  help: 'Public reads answered from what the gateway keeps, before its router',
  registers: [metrics],
});

export const shedRequests = new Counter({
  name: 'only2u_http_shed_total',
  help: 'Requests answered 503 without asking the service: too many in flight, breaker open',
  labelNames: ['service', 'reason'],
  registers: [metrics],
});

export const openBreakers = new Gauge({
  name: 'only2u_breaker_open',
  help: 'Whether the gateway has stopped asking a service in a lane, because it does not answer',
  labelNames: ['service', 'lane'],
  registers: [metrics],
});

export const distrustedForwards = new Counter({
  name: 'only2u_forwarded_not_trusted_total',
  help: 'Requests with X-Forwarded-For from a private address that TRUST_PROXY does not name',
  registers: [metrics],
});

export const cutConnections = new Counter({
  name: 'only2u_socket_connections_cut_total',
  help: 'Socket connections that were cut: too many frames in a second (flood), or too much unread (slow)',
  labelNames: ['reason'],
  registers: [metrics],
});
