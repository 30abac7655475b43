import { serviceNames } from '#libs/runtime/topology';
import type { Alert } from '../alert.ts';

/** Every service that is there, of which each case takes some away. */
const everybody = Object.fromEntries(serviceNames.map((service) => [`only2u_ready{service="${service}"}`, '1x60']));
const order = 'only2u_ready{service="order"}';

export const serviceAlerts: readonly Alert[] = [
  {
    name: 'ServiceDown',
    expr: serviceNames.map((service) => `absent(only2u_ready{service="${service}"})`).join('\nor\n'),
    for: '1m',
    severity: 'page',
    summary: 'No replica of {{ $labels.service }} can be asked for its metrics',
    silences: 'effects',
    rings: { series: { ...everybody, [order]: '1x4 stale' }, after: '4m', labels: { service: 'order' } },
    quiet: { series: everybody, after: '4m' },
  },
  {
    name: 'ServiceNotReady',
    expr: 'max by (service) (only2u_ready) == 0',
    for: '2m',
    severity: 'page',
    summary: 'No replica of {{ $labels.service }} takes work',
    isEffect: true,
    rings: { series: { [order]: '1x4 0x30' }, after: '5m', labels: { service: 'order' } },
    quiet: {
      series: { 'only2u_ready{service="order",instance="a"}': '0x40', 'only2u_ready{service="order",instance="b"}': '1x40' },
      after: '5m',
    },
  },
  {
    name: 'ReplicaDown',
    expr: 'up{job="only2u"} == 0',
    for: '5m',
    severity: 'ticket',
    summary: 'A replica of {{ $labels.app }} does not answer at {{ $labels.instance }}',
    isEffect: true,
    rings: {
      series: { 'up{job="only2u",app="order",instance="a:4003"}': '1x4 0x40' },
      after: '8m',
      labels: { job: 'only2u', app: 'order', instance: 'a:4003' },
    },
    quiet: { series: { 'up{job="only2u",app="order",instance="a:4003"}': '1x44' }, after: '8m' },
  },
  {
    name: 'CrashLoop',
    expr: 'sum by (app) (changes(only2u_process_start_time_seconds[15m])) > 3',
    severity: 'page',
    summary: '{{ $labels.app }} has begun anew more than three times in a quarter of an hour',
    rings: {
      series: { 'only2u_process_start_time_seconds{app="cart",instance="a:4005"}': '100x4 200x4 300x4 400x4 500x4' },
      after: '6m',
      labels: { app: 'cart' },
    },
    quiet: { series: { 'only2u_process_start_time_seconds{app="cart",instance="a:4005"}': '100x10 200x20' }, after: '6m' },
  },
  {
    name: 'BreakerOpen',
    expr: 'max by (service, lane) (only2u_breaker_open) == 1',
    for: '2m',
    severity: 'page',
    summary: 'The gateway has stopped asking {{ $labels.service }} ({{ $labels.lane }})',
    isEffect: true,
    rings: {
      series: { 'only2u_breaker_open{service="cart",lane="browse"}': '0x4 1x30' },
      after: '5m',
      labels: { service: 'cart', lane: 'browse' },
    },
    quiet: { series: { 'only2u_breaker_open{service="cart",lane="browse"}': '0x4 1x4 0x30' }, after: '5m' },
  },
  {
    name: 'ProxyNotTrusted',
    expr: 'sum(increase(only2u_forwarded_not_trusted_total[15m])) > 0',
    severity: 'page',
    summary: 'A proxy in front is not named in TRUST_PROXY: all customers share the limits of one address',
    rings: { series: { only2u_forwarded_not_trusted_total: '0x4 5x20' }, after: '4m' },
    quiet: { series: { only2u_forwarded_not_trusted_total: '0x24' }, after: '4m' },
  },
  {
    name: 'CertificateExpiring',
    expr: `(probe_ssl_earliest_cert_expiry or certmanager_certificate_expiration_timestamp_seconds) - time() < 14 * 86400`,
    for: '1h',
    severity: 'ticket',
    summary: 'A certificate ends in less than 14 days: {{ $labels.instance }}{{ $labels.name }}',
    rings: {
      series: { 'probe_ssl_earliest_cert_expiry{instance="https://shop.example.com"}': '86400x300' },
      after: '70m',
      labels: { instance: 'https://shop.example.com' },
    },
    quiet: { series: { 'probe_ssl_earliest_cert_expiry{instance="https://shop.example.com"}': '7776000x300' }, after: '70m' },
  },
];
