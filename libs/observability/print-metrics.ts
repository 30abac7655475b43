/** Prints every metric that the code declares, as JSON, with the app that does; read from the registry itself. For tools. */
import { globSync } from 'node:fs';
import { collectProcessMetrics, metrics } from './metrics.ts';

/** What prom-client keeps of a metric beside its name and help. */
interface Kept {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

const kept = () => metrics.getMetricsAsArray() as unknown as readonly Kept[];
const apps = new Map<string, string>();

collectProcessMetrics('gateway', 'development');
for (const file of globSync('apps/*/src/**/*metrics.js', { cwd: new URL('../..', import.meta.url).pathname }).sort()) {
  const known = new Set(kept().map(({ name }) => name));
  await import(new URL(`../../${file}`, import.meta.url).href);
  for (const { name } of kept()) if (!known.has(name)) apps.set(name, file.split('/')[1] ?? '');
}
const all = kept().map(({ name, help, type, labelNames = [] }) => ({ name, help, type, labels: labelNames, app: apps.get(name) }));
process.stdout.write(JSON.stringify(all.sort((one, other) => (one.name < other.name ? -1 : 1))));
// Timers of what was loaded would keep it here.
process.exit(0);
