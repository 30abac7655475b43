/** Dashboards as Grafana reads them, three panels in a row, all on one data source that the reader chooses. */

/** As Grafana calls them. */
export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops' | 'currencyINR' | 'cps';

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly [Query, ...Query[]];
  /** One number, instead of lines over time. */
  readonly isNumber?: true;
  readonly about?: string;
}

/** Panels below a heading. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Also its file's name. */
  readonly uid: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Of a store that not every shop has: without it there are no series. */
  readonly needs?: 'cassandra';
}

export const lines = (title: string, unit: Unit, ...queries: [Query, ...Query[]]): Panel => ({ title, unit, queries });
export const number = (title: string, unit: Unit, expr: string): Panel => ({
  title,
  unit,
  queries: [{ expr, legend: title }],
  isNumber: true,
});
export const query = (expr: string, legend = ''): Query => ({ expr, legend });

/** The time that a share of what a histogram counts took at most. */
export const quantile = (share: number, metric: string, selector: string, by: readonly string[]): string =>
  `histogram_quantile(${share}, sum by (${[...by, 'le'].join(', ')}) (rate(${metric}_bucket${selector}[$__rate_interval])))`;
export const rate = (series: string, by: readonly string[] = []): string =>
  `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (rate(${series}[$__rate_interval]))`;

const WIDTH = 8;
const HEIGHT = { lines: 8, number: 4 };
const SOURCE = { type: 'prometheus', uid: '$' + '{datasource}' };

export function grafana({ uid, title, rows }: Dashboard): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title: row.title, collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
    y += 1;
    for (let from = 0; from < row.panels.length; from += 3) {
      const beside = row.panels.slice(from, from + 3);
      const h = Math.max(...beside.map(({ isNumber }) => (isNumber ? HEIGHT.number : HEIGHT.lines)));
      for (const [index, panel] of beside.entries())
        panels.push({ id: panels.length + 1, ...drawn(panel), gridPos: { x: index * WIDTH, y, w: WIDTH, h } });
      y += h;
    }
  }
  return {
    uid,
    title,
    tags: ['only2u'],
    timezone: 'Asia/Kolkata',
    editable: false,
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-3h', to: 'now' },
    templating: { list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 }] },
    panels,
  };
}

function drawn({ title, unit, queries, isNumber, about }: Panel): object {
  return {
    type: isNumber ? 'stat' : 'timeseries',
    title,
    ...(about === undefined ? {} : { description: about }),
    datasource: SOURCE,
    fieldConfig: { defaults: { unit, ...(isNumber ? {} : { min: 0, custom: { fillOpacity: 8 } }) }, overrides: [] },
    options: isNumber
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
      range: !isNumber,
      instant: isNumber === true,
    })),
  };
}
