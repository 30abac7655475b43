import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cloneRoot } from '#libs/runtime/project-root';
import { costOf, inTurn, median, type Sample } from '../load.ts';
import type { Found, Scenario, Stage } from '../scenario.ts';
import { type Counts, perRequest, trafficOf } from '../traffic.ts';

const CUSTOMERS = 40;
const WARM_UP = 80;
const SETTLE_MS = 1_500;
const BACKGROUND_SECONDS = 5;
const CASE = 'one after the other';
const SUMS = ['bus calls', 'database flights', 'statements', 'Redis commands'];
/** What happens less than once in twenty checkouts belongs to the background. */
const SHOWN_FROM = 0.05;

const folder = mkdtempSync(join(tmpdir(), 'only2u-bench-counts-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** How many calls, flights, statements and commands a checkout needs. */
export const counts: Scenario = {
  name: 'counts',
  shop: { preload: { program: join(cloneRoot(), 'dist', 'bench', 'programs', 'count-traffic.js'), folder } },
  stages: async (shop) => {
    const customers = await shop.customers(CUSTOMERS);
    const variants = await shop.variants(CUSTOMERS);
    const run = (count: number): Promise<void> =>
      inTurn(count, 1, async (index) => {
        await shop.buy(customers[index % customers.length]!, variants[index % variants.length]!);
      });
    let background: Counts = {};
    const stage: Stage = {
      rounds: 1,
      cases: [CASE],
      warmUp: async () => {
        await run(WARM_UP);
        await sleep(SETTLE_MS);
        const before = await trafficOf(shop, folder);
        await sleep(BACKGROUND_SECONDS * 1_000);
        background = perRequest(before, await trafficOf(shop, folder), {}, 0, BACKGROUND_SECONDS);
      },
      sample: async (): Promise<Sample> => {
        const before = await trafficOf(shop, folder);
        const cost = await costOf(shop.pids, async () => {
          await run(CUSTOMERS);
          await sleep(SETTLE_MS);
          return CUSTOMERS;
        });
        const after = await trafficOf(shop, folder);
        return { ...cost, counts: perRequest(before, after, background, cost.seconds, CUSTOMERS) };
      },
    };
    return [stage];
  },
  report: (found: Found) => {
    const counted = found.topologies.map((topology) => found.of(topology, CASE).map((sample) => sample.counts ?? {}));
    const of = (name: string): string[] => counted.map((all) => median(all.map((one) => one[name] ?? 0)).toFixed(1));
    const names = [...new Set(counted.flat().flatMap((one) => Object.keys(one)))];
    const parts = (prefix: string): string[][] =>
      names
        .filter((name) => name.startsWith(prefix) && of(name).some((value) => Number(value) > SHOWN_FROM))
        .sort()
        .map((name) => [name.slice(prefix.length), ...of(name)]);
    return {
      tables: [
        { title: 'What one checkout needs', columns: ['', ...found.topologies], rows: SUMS.map((name) => [name, ...of(name)]) },
        { title: 'Its bus calls', columns: ['operation or reaction', ...found.topologies], rows: parts('call ') },
        { title: 'Its Redis commands', columns: ['command', ...found.topologies], rows: parts('redis ') },
      ],
      goals: [],
      notes: [
        `Means of ${CUSTOMERS} checkouts, one after the other, on a shop of their own; what the shop does by itself in that time is taken off. Bus calls are operations and reactions that a service served. A flight ends with one Sync. Statements include BEGIN and COMMIT; Redis commands include those that scripts call.`,
      ],
    };
  },
};
