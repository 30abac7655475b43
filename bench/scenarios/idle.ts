import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, memoryOf } from '../processes.ts';
import { type Findings, type Goal, type Setting } from '../scenario.ts';
import { Shop } from '../shop.ts';

const STORES = ['postgres', 'redis', 'redis-cache', 'razorpay-sim'];
/** These two keep V8's usual young generation. */
const LARGE = ['gateway', 'product'];
const SETTLE_MS = 4_000;

/** What each process takes while nobody asks for anything, and how long it needs to be ready. */
export async function idle(setting: Setting): Promise<Findings> {
  const shop = await Shop.open({ ...setting, profile: false }, { smallHeap: true });
  try {
    const starts = new Map<string, { seconds: number; cpu: number }>();
    for (const process of shop.stack.processes.values()) {
      if (STORES.includes(process.name)) continue;
      await process.stop();
      const began = performance.now();
      await process.start();
      starts.set(process.name, { seconds: (performance.now() - began) / 1_000, cpu: cpuOf(process.pid ?? 0) / 1_000 });
    }
    await sleep(SETTLE_MS);
    const all = [...shop.stack.processes.values()].filter(({ name }) => name !== 'razorpay-sim');
    const memory = new Map(all.map(({ name, pid }) => [name, memoryOf(pid ?? 0)]));
    const before = all.map(({ pid }) => cpuOf(pid ?? 0));
    await sleep(SETTLE_MS);
    const rows = all.map(({ name, pid }, index) => {
      const { rss, own, shared } = memory.get(name) ?? { rss: 0, own: 0, shared: 0 };
      const start = starts.get(name);
      const busy = ((cpuOf(pid ?? 0) - (before[index] ?? 0)) / SETTLE_MS) * 100;
      return [
        name,
        ...[rss, own, shared].map((value) => value.toFixed(0)),
        start?.seconds.toFixed(2) ?? '',
        start?.cpu.toFixed(2) ?? '',
        `${busy.toFixed(1)} %`,
      ];
    });
    const services = all
      .filter(({ name }) => !STORES.includes(name))
      .map(({ name }) => ({ name, ...(memory.get(name) ?? { rss: 0, own: 0, shared: 0 }) }));
    const small = services.filter(({ name }) => !LARGE.includes(name));
    const large = services.filter(({ name }) => LARGE.includes(name));
    const together = services.reduce((sum, { shared }) => sum + shared, 0);
    const goals: Goal[] = [
      {
        what: 'idle RSS, the largest of the services with a small heap',
        measured: Math.max(...small.map(({ rss }) => rss)),
        limit: 130,
        unit: 'MB',
      },
      { what: 'idle private memory, the largest of the same', measured: Math.max(...small.map(({ own }) => own)), limit: 75, unit: 'MB' },
      { what: 'idle RSS, gateway and product', measured: Math.max(...large.map(({ rss }) => rss)), limit: 160, unit: 'MB' },
    ];
    return {
      tables: [
        {
          title: 'Processes at rest: MB, and seconds from start to ready',
          columns: ['process', 'RSS', 'own', 'shared once', 'ready after', 'CPU to ready', 'CPU at rest'],
          rows,
        },
      ],
      goals,
      notes: [
        `All ${services.length} Node processes together, shared pages counted once: ${together.toFixed(0)} MB. The goal of 1,200 MB is for fourteen and is not judged on fewer.`,
        `Each was started again alone on a running shop and read ${SETTLE_MS / 1_000} s after the last start. Own: private pages. Shared once: Pss, in which pages used by n processes count 1/n; Postgres with all its backends.`,
      ],
    };
  } finally {
    await shop.close();
  }
}
