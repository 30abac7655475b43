import { setTimeout as sleep } from 'node:timers/promises';
import { needLargeYoungGeneration } from '#libs/local-stack/process-environment';
import { type AtRest, costOf, medianTotal, type Sample } from '../load.ts';
import { cpuOf, memoryOf } from '../processes.ts';
import type { Found, Goal, Scenario, Topology } from '../scenario.ts';

const STORES = ['postgres', 'redis', 'redis-cache', 'razorpay-sim'];
/** After a start, before anything is read: code is still compiled and the first rounds of everything run. */
const SETTLE_MS = 6_000;
/** The clock of `/proc` ticks every 10 ms, which a shorter look would show as a goal that is met or missed. */
const LOOK_MS = 12_000;
const CASE = 'at rest, a second';
/** Milliseconds of CPU a second. */
const BUSY_LIMIT = 20;

/** What each process takes while nobody asks for anything, and how long it needs to be ready. */
export const idle: Scenario = {
  name: 'idle',
  shop: { smallHeap: true },
  stages: async (shop) => {
    const starts = new Map<string, AtRest['start']>();
    return [
      {
        rounds: 1,
        cases: [CASE],
        warmUp: async () => {
          for (const process of shop.stack.processes.values()) {
            if (STORES.includes(process.name)) continue;
            await process.stop();
            const began = performance.now();
            await process.start();
            const seconds = (performance.now() - began) / 1_000;
            starts.set(process.name, { seconds, cpuSeconds: cpuOf(process.pid ?? 0) / 1_000 });
          }
          await sleep(SETTLE_MS);
        },
        sample: async (): Promise<Sample> => {
          const cost = await costOf(shop.pids, async () => {
            await sleep(LOOK_MS);
            return LOOK_MS / 1_000;
          });
          const atRest = Object.entries(shop.pids).map(
            ([name, pid]): AtRest => ({ name, memory: memoryOf(pid), start: starts.get(name), busy: cost.by[name] ?? 0 }),
          );
          return { ...cost, atRest };
        },
      },
    ];
  },
  report: (found) => ({
    tables: found.topologies.map((topology) => ({
      title: `Processes at rest, ${topology}: MB, and seconds from start to ready`,
      columns: ['process', 'RSS', 'own', 'shared once', 'ready after', 'CPU to ready', 'CPU at rest'],
      rows: atRestOf(found, topology).map(({ name, memory: { rss, own, shared }, start, busy }) => [
        name,
        ...[rss, own, shared].map((value) => value.toFixed(0)),
        start?.seconds.toFixed(2) ?? '',
        start?.cpuSeconds.toFixed(2) ?? '',
        `${(busy / 10).toFixed(1)} %`,
      ]),
    })),
    goals: found.topologies.flatMap((topology) => goalsOf(found, topology)),
    notes: [
      ...found.topologies.map((topology) => {
        const services = servicesOf(found, topology);
        const shared = services.reduce((sum, { memory }) => sum + memory.shared, 0);
        return `${services.length} Node processes ${topology}, shared pages counted once: ${shared.toFixed(0)} MB.`;
      }),
      `Each was started again alone on a running shop and read ${SETTLE_MS / 1_000} s after the last start; CPU at rest is the mean of the ${LOOK_MS / 1_000} s after that. Own: private pages. Shared once: Pss, in which pages used by n processes count 1/n; Postgres with all its backends.`,
    ],
  }),
};

const atRestOf = (found: Found, topology: Topology): readonly AtRest[] => found.of(topology, CASE).at(-1)?.atRest ?? [];
const servicesOf = (found: Found, topology: Topology): readonly AtRest[] =>
  atRestOf(found, topology).filter(({ name }) => !STORES.includes(name));

/** Whether it keeps V8's usual young generation. */
const isLarge = (name: string): boolean => needLargeYoungGeneration.some((one) => one === name);

function goalsOf(found: Found, topology: Topology): Goal[] {
  const services = servicesOf(found, topology);
  const rest: Goal = {
    what: `CPU at rest in a second, ${topology}`,
    measured: medianTotal(found.of(topology, CASE)),
    limit: BUSY_LIMIT,
    unit: 'ms',
  };
  if (topology === 'together') {
    const rss = services.reduce((sum, { memory }) => sum + memory.rss, 0);
    return [rest, { what: 'idle RSS, together', measured: rss, limit: 260, unit: 'MB' }];
  }
  const small = services.filter(({ name }) => !isLarge(name));
  const large = services.filter(({ name }) => isLarge(name));
  const most = (all: readonly AtRest[], which: 'rss' | 'own'): number => Math.max(...all.map(({ memory }) => memory[which]));
  return [
    rest,
    { what: 'idle RSS, the largest of the services with a small heap', measured: most(small, 'rss'), limit: 130, unit: 'MB' },
    { what: 'idle private memory, the largest of the same', measured: most(small, 'own'), limit: 75, unit: 'MB' },
    { what: `idle RSS, the largest of ${needLargeYoungGeneration.join(' and ')}`, measured: most(large, 'rss'), limit: 160, unit: 'MB' },
  ];
}
