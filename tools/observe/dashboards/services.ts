import type { Service } from '#libs/runtime/topology';
import type { DeclaredMetric } from '../declared-metrics.ts';
import { type Dashboard, lines, type Panel, quantile, query, type Row, rate, type Unit } from './panel.ts';

/** One for each service: what all of them have, and below it what the service alone measures, drawn by what its metrics are. */
export function serviceDashboard({ name, database }: Pick<Service, 'name' | 'database'>, declared: readonly DeclaredMetric[]): Dashboard {
  const own = declared.filter(({ app }) => app === name);
  return {
    uid: `only2u-${name}`,
    title: `Only2U: ${name}`,
    rows: [
      name === 'gateway' ? edge : work(name),
      processes(name),
      ...(database ? [tables(name)] : []),
      ...(own.length === 0 ? [] : [{ title: 'Its own', panels: own.map(panelOf) }]),
    ],
  };
}

const edge: Row = {
  title: 'Requests',
  panels: [
    lines('By status', 'reqps', query(rate('only2u_http_seconds_count', ['status']), '{{status}}')),
    lines('Time (95 %)', 's', query('topk(10, only2u:http_seconds:p95_5m)', '{{operation}}')),
    lines(
      'Refused by guard, router and parser',
      'reqps',
      query(rate('only2u_http_seconds_count{operation="none"}', ['status']), '{{status}}'),
    ),
  ],
};

function work(service: string): Row {
  const of = `{app="${service}"}`;
  return {
    title: 'Work',
    panels: [
      lines(
        'Operations and reactions',
        'ops',
        query(`topk(10, ${rate(`only2u_operation_seconds_count${of}`, ['operation'])})`, '{{operation}}'),
      ),
      lines('Without success', 'ops', query(rate(`only2u_operation_seconds_count{app="${service}"}`, ['outcome']), '{{outcome}}')),
      lines('Time (95 %)', 's', query(`topk(10, ${quantile(0.95, 'only2u_operation_seconds', of, ['operation'])})`, '{{operation}}')),
      lines('Slots', 'short', query(`sum by (state) (only2u_bus_slots{service="${service}"})`, '{{state}}')),
      lines('Requests that wait', 'short', query(`max by (lane) (only2u_bus_lane_messages{service="${service}"})`, '{{lane}}')),
      lines('Calls of peers that wait', 'short', query(`sum(only2u_bus_pending_replies{service="${service}"})`, 'calls')),
    ],
  };
}

function processes(service: string): Row {
  const of = `{app="${service}"}`;
  return {
    title: 'Processes',
    panels: [
      lines('Replicas that take work', 'short', query(`sum(only2u_ready{service="${service}"})`, 'ready')),
      lines('Connections', 'short', query(`min by (connection) (only2u_connection_up{service="${service}"})`, '{{connection}}')),
      lines('Releases', 'short', query(`sum by (version) (only2u_build_info{service="${service}"})`, '{{version}}')),
      lines('CPU', 'short', query(rate(`only2u_process_cpu_seconds_total${of}`, ['instance']), '{{instance}}')),
      lines('Memory', 'bytes', query(`only2u_process_resident_memory_bytes${of}`, '{{instance}}')),
      lines(
        'Delay of the event loop (95 %)',
        's',
        query(quantile(0.95, 'only2u_event_loop_delay_seconds', of, ['instance']), '{{instance}}'),
      ),
      lines('Background loops', 'ops', query(rate(`only2u_round_seconds_count${of}`, ['round', 'outcome']), '{{round}} {{outcome}}')),
      lines('Open files and sockets', 'short', query(`only2u_process_open_fds${of}`, '{{instance}}')),
      lines('Collecting garbage', 'percentunit', query(rate(`only2u_nodejs_gc_duration_seconds_sum${of}`, ['kind']), '{{kind}}')),
    ],
  };
}

const tables = (service: string): Row => ({
  title: 'Database',
  panels: [
    lines('Connections', 'short', query(`sum by (state) (only2u_database_connections{service="${service}"})`, '{{state}}')),
    lines('Tables', 'bytes', query(`max by (table) (only2u_table_bytes{service="${service}"})`, '{{table}}')),
    lines(
      'Events that wait or are dead',
      'short',
      query(`sum by (state) (max by (event, subscriber, state) (only2u_outbox_rows{service="${service}"}))`, '{{state}}'),
    ),
  ],
});

function panelOf({ name, type, help, labels }: DeclaredMetric): Panel {
  const legend = labels.length === 0 ? 'all' : labels.map((label) => `{{${label}}}`).join(' ');
  const title = help.length > 70 ? name : help;
  const about = help === title ? name : help;
  if (type === 'counter') return { ...lines(title, 'cps', query(rate(name, labels), legend)), about };
  if (type === 'histogram') return { ...lines(title, 's', query(quantile(0.95, name, '', labels), `95 % ${legend}`)), about };
  return { ...lines(title, unitOf(name), query(`max${labels.length === 0 ? '' : ` by (${labels.join(', ')})`} (${name})`, legend)), about };
}

const unitOf = (name: string): Unit => (name.endsWith('_bytes') ? 'bytes' : name.endsWith('_seconds') ? 's' : 'short');
