import { type Dashboard, lines, quantile, query, rate } from './panel.ts';

const up = (pattern: string): string => `min by (service, connection) (only2u_connection_up{connection=~"${pattern}"})`;

export const storeDashboards: readonly Dashboard[] = [
  {
    uid: 'only2u-postgres',
    title: 'Only2U: PostgreSQL',
    rows: [
      {
        title: 'Connections',
        panels: [
          lines('Reached', 'short', query(up('postgres'), '{{service}}')),
          lines('In use', 'short', query('sum by (service) (only2u_database_connections{state="used"})', '{{service}}')),
          lines('Callers that wait', 'short', query('sum by (service) (only2u_database_connections{state="waiting"})', '{{service}}')),
        ],
      },
      {
        title: 'Tables',
        panels: [
          lines('Size by service', 'bytes', query('only2u:table_bytes:sum', '{{service}}')),
          lines('Largest tables', 'bytes', query('topk(10, max by (service, table) (only2u_table_bytes))', '{{service}}.{{table}}')),
          lines('Longest tables', 'short', query('topk(10, max by (service, table) (only2u_table_rows))', '{{service}}.{{table}}')),
          lines(
            'Retention, rows in rounds',
            'ops',
            query(rate('only2u_round_seconds_count{round="tables.retention"}', ['app', 'outcome']), '{{app}} {{outcome}}'),
          ),
        ],
      },
      {
        title: 'Events',
        panels: [
          lines('Age of the oldest that waits', 's', query('max by (service) (only2u_outbox_oldest_seconds)', '{{service}}')),
          lines(
            'Age when they took effect (95 %)',
            's',
            query(`topk(10, ${quantile(0.95, 'only2u_event_age_seconds', '', ['event'])})`, '{{event}}'),
          ),
          lines('Delivered', 'ops', query(rate('only2u_event_age_seconds_count', ['event']), '{{event}}')),
        ],
      },
    ],
  },
  {
    uid: 'only2u-redis',
    title: 'Only2U: Redis',
    rows: [
      {
        title: 'Connections',
        panels: [
          lines('Reached', 'short', query(up('redis.*'), '{{service}} {{connection}}')),
          lines(
            'A command at the bus',
            's',
            query(quantile(0.5, 'only2u_redis_seconds', '', []), 'half'),
            query(quantile(0.95, 'only2u_redis_seconds', '', []), '95 %'),
          ),
          lines('Commands that failed', 'ops', query(rate('only2u_redis_seconds_count', ['outcome']), '{{outcome}}')),
        ],
      },
      {
        title: 'The bus',
        panels: [
          lines('Requests that wait', 'short', query('max by (service, lane) (only2u_bus_lane_messages)', '{{service}} {{lane}}')),
          lines(
            'Slots in use',
            'percentunit',
            query('sum by (service) (only2u_bus_slots{state="busy"}) / sum by (service) (only2u_bus_slots)', '{{service}}'),
          ),
          lines('Calls that wait for an answer', 'short', query('sum by (service) (only2u_bus_pending_replies)', '{{service}}')),
          lines('Refused messages', 'ops', query(rate('only2u_bus_refused_total', ['app', 'reason']), '{{app}} {{reason}}')),
        ],
      },
      {
        title: 'The cache',
        panels: [
          lines('Reads of the catalogue', 'ops', query(rate('only2u_catalogue_cache_reads_total', ['outcome']), '{{outcome}}')),
          lines('Answered by the gateway itself', 'ops', query(rate('only2u_http_hot_reads_total'), 'reads')),
        ],
      },
    ],
  },
  {
    uid: 'only2u-cassandra',
    title: 'Only2U: Cassandra',
    needs: 'cassandra',
    rows: [
      {
        title: 'Calls',
        panels: [
          lines('Reached', 'short', query(up('cassandra'), '{{service}}')),
          lines('Calls', 'ops', query(rate('only2u_cassandra_seconds_count', ['app', 'outcome']), '{{app}} {{outcome}}')),
          lines('Time (95 %)', 's', query(quantile(0.95, 'only2u_cassandra_seconds', '', ['app']), '{{app}}')),
        ],
      },
    ],
  },
  {
    uid: 'only2u-files',
    title: 'Only2U: files and pictures',
    rows: [
      {
        title: 'The store of the bytes',
        panels: [
          lines('Reached', 'short', query('min(only2u_storage_store_up)', 'up')),
          lines('Requests', 'ops', query(rate('only2u_storage_store_seconds_count', ['request', 'outcome']), '{{request}} {{outcome}}')),
          lines('Time (95 %)', 's', query(quantile(0.95, 'only2u_storage_store_seconds', '', ['request']), '{{request}}')),
          lines('Objects due to be deleted', 'short', query('max(only2u_storage_leftovers)', 'objects')),
        ],
      },
      {
        title: 'Pictures',
        panels: [
          lines('Work that waits', 'short', query('max(only2u_storage_pictures_waiting)', 'waiting')),
          lines('Time with the queue (95 %)', 's', query(quantile(0.95, 'only2u_storage_picture_seconds', '', ['work']), '{{work}}')),
          lines('Memory of the workers', 'bytes', query('max(only2u_storage_picture_memory_bytes)', 'memory')),
        ],
      },
    ],
  },
];
