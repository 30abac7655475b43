import type { Alert } from '../alert.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const memory = 'only2u_process_resident_memory_bytes{app="order",instance="a:4003"}';
const delayed = (le: string): string => `only2u_event_loop_delay_seconds_bucket{app="order",instance="a:4003",le="${le}"}`;
const waiting = 'only2u_database_connections{service="order",instance="a:4003",state="waiting"}';
const table = 'only2u_table_bytes{service="order",table="orders"}';

/** What processes and databases use up. */
export const processAlerts: readonly Alert[] = [
  {
    name: 'EventLoopSlow',
    expr: 'histogram_quantile(0.95, sum by (app, instance, le) (rate(only2u_event_loop_delay_seconds_bucket[5m]))) > 0.25',
    for: '5m',
    severity: 'ticket',
    summary: '{{ $labels.app }} at {{ $labels.instance }} is kept from its work for a quarter of a second at a time',
    isEffect: true,
    rings: {
      series: { [delayed('0.25')]: '0+10x60', [delayed('1')]: '0+20x60', [delayed('+Inf')]: '0+20x60' },
      after: '14m',
      labels: { app: 'order', instance: 'a:4003' },
    },
    quiet: { series: { [delayed('0.01')]: '0+20x60', [delayed('+Inf')]: '0+20x60' }, after: '14m' },
  },
  {
    name: 'MemoryHigh',
    expr: `only2u_process_resident_memory_bytes{app!="storage"} > 0.9 * ${384 * MIB}
or
only2u_process_resident_memory_bytes{app="storage"} > 0.9 * ${GIB}`,
    for: '10m',
    severity: 'ticket',
    summary: '{{ $labels.app }} at {{ $labels.instance }} is near the memory limit that its container has',
    rings: {
      series: { [memory]: `${380 * MIB}x100` },
      after: '15m',
      labels: { app: 'order', instance: 'a:4003' },
    },
    quiet: { series: { [memory]: `${200 * MIB}x100` }, after: '15m' },
  },
  {
    name: 'PoolExhausted',
    expr: 'max by (service, instance) (only2u_database_connections{state="waiting"}) > 0',
    for: '2m',
    severity: 'ticket',
    summary: 'Work of {{ $labels.service }} at {{ $labels.instance }} waits for a connection to PostgreSQL all the time',
    isEffect: true,
    rings: { series: { [waiting]: '0x4 5x30' }, after: '5m', labels: { service: 'order', instance: 'a:4003' } },
    quiet: { series: { [waiting]: '0x4 5x4 0x30' }, after: '5m' },
  },
  {
    name: 'DatabaseLarge',
    expr: `sum by (service) (max by (service, table) (only2u_table_bytes)) > ${100 * GIB}`,
    for: '1h',
    severity: 'ticket',
    summary: 'The tables of {{ $labels.service }} are larger than 100 GiB: look at the disk, the retention and the next size',
    rings: { series: { [table]: `${120 * GIB}x300` }, after: '70m', labels: { service: 'order' } },
    quiet: { series: { [table]: `${10 * GIB}x300` }, after: '70m' },
  },
  {
    name: 'DatabaseGrowing',
    expr: `predict_linear(only2u:table_bytes:sum[1d], 7 * 86400) > 2 * only2u:table_bytes:sum and only2u:table_bytes:sum > ${GIB}`,
    for: '6h',
    severity: 'ticket',
    summary: 'The tables of {{ $labels.service }} will be twice as large in a week',
    rings: { series: { [table]: `${2 * GIB}+${4 * MIB}x2000` }, after: '8h', labels: { service: 'order' } },
    quiet: { series: { [table]: `${2 * GIB}+1024x2000` }, after: '8h' },
  },
  {
    name: 'LeftoversStay',
    expr: 'min_over_time(max(only2u_storage_leftovers)[2h:1m]) > 100',
    severity: 'ticket',
    summary: 'Objects that are due to be deleted stay in the store of the bytes',
    isEffect: true,
    rings: { series: { only2u_storage_leftovers: '200x600' }, after: '2h10m' },
    quiet: { series: { only2u_storage_leftovers: '200x100 0x500' }, after: '2h10m' },
  },
];
