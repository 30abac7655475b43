import { builtServices } from '#libs/runtime/topology';
import type { DeclaredMetric } from '../declared-metrics.ts';
import { money } from './money.ts';
import { overview } from './overview.ts';
import type { Dashboard } from './panel.ts';
import { serviceDashboard } from './services.ts';
import { storeDashboards } from './stores.ts';

export function allDashboards(root: string, declared: readonly DeclaredMetric[]): readonly Dashboard[] {
  return [overview, money, ...storeDashboards, ...builtServices(root).map((service) => serviceDashboard(service, declared))];
}

/** Every query, with where it stands; `$__rate_interval` as Grafana would fill it for a scrape each 15 s. */
export function queriesOf(
  dashboards: readonly Dashboard[],
): readonly { readonly dashboard: Dashboard; readonly panel: string; readonly expr: string }[] {
  return dashboards.flatMap((dashboard) =>
    dashboard.rows.flatMap(({ panels }) =>
      panels.flatMap(({ title: panel, queries }) =>
        queries.map(({ expr }) => ({ dashboard, panel, expr: expr.replaceAll('$__rate_interval', '1m') })),
      ),
    ),
  );
}
