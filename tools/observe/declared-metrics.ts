import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from 'prom-client';

export interface DeclaredMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What the code declares, read from the registry itself: every file of metrics is loaded. */
export async function declaredMetrics(root: string): Promise<readonly DeclaredMetric[]> {
  const { collectProcessMetrics, metrics } = (await import(join(root, 'libs/observability/metrics.ts'))) as {
    collectProcessMetrics: (service: string, version: string) => void;
    metrics: Registry;
  };
  const files = globSync('apps/*/src/**/*metrics.ts', { cwd: root });
  await Promise.all(files.map((file) => import(join(root, file))));
  collectProcessMetrics('gateway', 'development');
  const found = metrics.getMetricsAsArray() as unknown as (DeclaredMetric & { labelNames?: readonly string[] })[];
  return found
    .map(({ name, type, help, labelNames = [] }) => ({ name, type: typeof type === 'string' ? type : 'gauge', help, labels: labelNames }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The series that a metric has: a histogram has three. */
export const seriesOf = ({ name, type }: DeclaredMetric): readonly string[] =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
