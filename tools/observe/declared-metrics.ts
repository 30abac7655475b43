import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from '../build.ts';

export interface DeclaredMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly labels: readonly string[];
  /** Absent for what every process has. */
  readonly app?: string;
}

/** What the code declares, read from the registry itself: every file of metrics is loaded. */
export async function declaredMetrics(root: string): Promise<readonly DeclaredMetric[]> {
  await build(root);
  const program = join(root, 'dist/libs/observability/print-metrics.js');
  return JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as readonly DeclaredMetric[];
}

/** The series that a metric has: a histogram has three. */
export const seriesOf = ({ name, type }: DeclaredMetric): readonly string[] =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
