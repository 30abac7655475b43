import type { Alert } from '../alert.ts';

const up = (connection: string, service: string): string => `only2u_connection_up{connection="${connection}",service="${service}"}`;

/** What the shop stands on. Each names itself, and what follows from it keeps quiet meanwhile. */
export const storeAlerts: readonly Alert[] = [
  {
    name: 'PostgresDown',
    expr: 'max by (service) (only2u_connection_up{connection="postgres"}) == 0',
    for: '1m',
    severity: 'page',
    summary: 'No replica of {{ $labels.service }} reaches its PostgreSQL',
    silences: 'effects',
    rings: { series: { [up('postgres', 'order')]: '1x4 0x20' }, after: '4m', labels: { service: 'order' } },
    quiet: { series: { [up('postgres', 'order')]: '1x4 0x2 1x20' }, after: '4m' },
  },
  {
    name: 'RedisDown',
    expr: 'max by (connection) (only2u_connection_up{connection=~"redis|redis-cart|redis-limits|redis-realtime"}) == 0',
    for: '30s',
    severity: 'page',
    summary: 'No process reaches the Redis behind {{ $labels.connection }}',
    silences: 'effects',
    rings: {
      series: { [up('redis', 'order')]: '1x4 0x20', [up('redis', 'auth')]: '1x4 0x20' },
      after: '3m',
      labels: { connection: 'redis' },
    },
    quiet: { series: { [up('redis', 'order')]: '1x4 0x20', [up('redis', 'auth')]: '1x24' }, after: '3m' },
  },
  {
    name: 'RedisCacheDown',
    expr: 'max(only2u_connection_up{connection="redis-cache"}) == 0',
    for: '1m',
    severity: 'ticket',
    summary: 'No process reaches the Redis that caches; the shop is slower and dearer',
    silences: ['BrowseSlow', 'EventLoopSlow', 'PoolExhausted', 'LanesGrowing'],
    rings: { series: { [up('redis-cache', 'gateway')]: '1x4 0x20' }, after: '4m' },
    quiet: { series: { [up('redis-cache', 'gateway')]: '1x24' }, after: '4m' },
  },
  {
    name: 'CassandraDown',
    expr: 'max by (service) (only2u_connection_up{connection="cassandra"}) == 0',
    for: '1m',
    severity: 'page',
    summary: 'Cassandra answers no replica of {{ $labels.service }}',
    silences: ['ChatFailing', 'ChatSlow', 'RoundFailing', 'MessagesLate'],
    rings: { series: { [up('cassandra', 'chat')]: '1x4 0x20' }, after: '4m', labels: { service: 'chat' } },
    quiet: { series: { [up('cassandra', 'chat')]: '1x24' }, after: '4m' },
  },
  {
    name: 'FileStoreDown',
    expr: 'max(only2u_connection_up{connection="files"}) == 0',
    for: '1m',
    severity: 'page',
    summary: 'Storage does not reach the store of its bytes (S3 or disk)',
    silences: ['ServiceNotReady', 'RoundFailing'],
    rings: { series: { [up('files', 'storage')]: '1x4 0x20' }, after: '4m' },
    quiet: { series: { [up('files', 'storage')]: '1x24' }, after: '4m' },
  },
  {
    name: 'RedisSlow',
    expr: `histogram_quantile(0.9, sum by (le) (rate(only2u_redis_seconds_bucket{outcome="ok"}[5m]))) > 0.1`,
    for: '5m',
    severity: 'ticket',
    summary: "One in ten commands at the bus' Redis takes longer than a tenth of a second",
    isEffect: true,
    rings: {
      series: {
        'only2u_redis_seconds_bucket{outcome="ok",le="0.1"}': '0+1x60',
        'only2u_redis_seconds_bucket{outcome="ok",le="0.5"}': '0+2x60',
        'only2u_redis_seconds_bucket{outcome="ok",le="+Inf"}': '0+2x60',
      },
      after: '14m',
    },
    quiet: {
      series: {
        'only2u_redis_seconds_bucket{outcome="ok",le="0.001"}': '0+2x60',
        'only2u_redis_seconds_bucket{outcome="ok",le="+Inf"}': '0+2x60',
      },
      after: '14m',
    },
  },
];
