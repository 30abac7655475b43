import { beforeAll, expect, it, vi } from 'vitest';
import { collectProcessMetrics, metrics } from './metrics.ts';

beforeAll(() => collectProcessMetrics('suite', '1.2.3'));

/** The rules of `promtool check metrics`, as far as names, types and help go. */
function faultsOf({ name, type, help }: { readonly name: string; readonly type: string; readonly help: string }): string[] {
  const words = name.split('_');
  const rules: [boolean, string][] = [
    [help === '', 'no help text'],
    [type === 'counter' && !name.endsWith('_total'), 'counters end in _total'],
    [type !== 'counter' && name.endsWith('_total'), 'only counters end in _total'],
    [type !== 'histogram' && type !== 'summary' && /_(bucket|count|sum)$/.test(name), 'only histograms end so'],
    [/[A-Z:]/.test(name), 'lower-case letters, digits and underscores'],
    [words.some((word) => ['gauge', 'counter', 'histogram', 'summary'].includes(word)), 'its type is no part of its name'],
    [words.some((word) => ['ms', 's', 'us', 'ns', 'sec', 'kb', 'mb', 'gb', 'm', 'h', 'd', 'b'].includes(word)), 'units are written out'],
    [
      words.some((word) => ['milliseconds', 'minutes', 'hours', 'kilobytes', 'megabytes', 'percent'].includes(word)),
      'units are base units',
    ],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, rule]) => `${name}: ${rule}`);
}

it('has only names, types and help that Prometheus would not complain about', async () => {
  const all = (await metrics.getMetricsAsJSON()) as unknown as { name: string; type: string; help: string }[];
  expect(all.length).toBeGreaterThan(30);
  expect(all.flatMap(faultsOf)).toEqual([]);
});

it('begins its counters with 0, or the first event of their kind would be missed', async () => {
  // A copy that no other suite of this thread has counted on.
  vi.resetModules();
  const fresh: typeof import('./metrics.ts') = await import('./metrics.ts');
  fresh.collectProcessMetrics('suite', '1.2.3');
  const text = await fresh.metrics.metrics();
  for (const line of ['only2u_bus_refused_total{reason="forged"} 0', 'only2u_build_info{service="suite",version="1.2.3"} 1'])
    expect(text).toContain(line);
});

it('says of the event loop what was, whoever else reads it', async () => {
  const counted = async (): Promise<number> => Number(/event_loop_delay_seconds_count (\d+)/.exec(await metrics.metrics())?.[1]);
  while ((await counted()) < 1) await new Promise((resolve) => setTimeout(resolve, 50));
  const [first, second] = [await counted(), await counted()];
  expect(first).toBeGreaterThan(0);
  expect(second).toBeGreaterThanOrEqual(first);
  expect(await metrics.metrics()).not.toMatch(/eventloop_lag|active_handles_total/);
});
