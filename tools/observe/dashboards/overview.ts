import { objectives } from '../objectives.ts';
import { type Dashboard, lines, number, quantile, query, rate } from './panel.ts';

const HTTP = 'only2u_http_seconds';

export const overview: Dashboard = {
  uid: 'only2u-overview',
  title: 'Only2U: overview',
  rows: [
    {
      title: 'Now',
      panels: [
        number('Alerts that ring', 'short', 'count(ALERTS{alertstate="firing"}) or vector(0)'),
        number('Services that take work', 'short', 'sum(max by (service) (only2u_ready))'),
        number('Connections that are away', 'short', 'count(max by (service, connection) (only2u_connection_up) == 0) or vector(0)'),
        number('Requests', 'reqps', rate(`${HTTP}_count`)),
        number(
          'Answered with 5xx',
          'percentunit',
          `(sum(rate(${HTTP}_count{status=~"5.."}[5m])) or vector(0)) / sum(rate(${HTTP}_count[5m]))`,
        ),
        number('Paise sold in the last hour', 'short', 'sum(increase(only2u_orders_sold_paise_total[1h]))'),
      ],
    },
    {
      title: 'Promises',
      panels: [
        {
          ...lines(
            'How fast each budget goes',
            'short',
            ...(objectives.map(({ name, target }) =>
              query(`only2u:objective_errors:ratio_1h{objective="${name}"} / ${Math.round((1 - target) * 1e6) / 1e6}`, name),
            ) as [ReturnType<typeof query>, ...ReturnType<typeof query>[]]),
          ),
          about: '1: the budget of 30 days is just used up. 14.4 within an hour and five minutes wakes somebody.',
        },
        lines('Requests by status', 'reqps', query(rate(`${HTTP}_count`, ['status']), '{{status}}')),
        lines(
          'Time of answers',
          's',
          query(quantile(0.5, HTTP, '', []), 'half'),
          query(quantile(0.95, HTTP, '', []), '95 %'),
          query(quantile(0.99, HTTP, '', []), '99 %'),
        ),
      ],
    },
    {
      title: 'Where it goes',
      panels: [
        lines('Slowest operations (95 %)', 's', query('topk(8, only2u:http_seconds:p95_5m)', '{{operation}}')),
        lines('Most asked operations', 'reqps', query('topk(8, only2u:http_requests:rate5m)', '{{operation}}')),
        lines('Refused by limits', 'reqps', query(rate('only2u_http_rate_limited_total', ['rule']), '{{rule}}')),
        lines(
          'Requests that wait, by service',
          'short',
          query('sum by (service) (max by (service, lane) (only2u_bus_lane_messages))', '{{service}}'),
        ),
        lines(
          'Events that wait, by publisher',
          'short',
          query('sum by (service) (max by (service, event, subscriber) (only2u_outbox_rows{state="waiting"}))', '{{service}}'),
        ),
        lines(
          'Dead letters, by publisher',
          'short',
          query('sum by (service) (max by (service, event, subscriber) (only2u_outbox_rows{state="dead"}))', '{{service}}'),
        ),
        lines('Open sockets', 'short', query('sum by (namespace) (only2u_open_sockets)', '{{namespace}}')),
        lines('CPU', 'short', query(rate('only2u_process_cpu_seconds_total', ['app']), '{{app}}')),
        lines('Memory', 'bytes', query('sum by (app) (only2u_process_resident_memory_bytes)', '{{app}}')),
      ],
    },
  ],
};
