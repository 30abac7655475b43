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
const BACKGROUND_SECONDS = 10;
const CASE = 'one after the other';
const REST = 'at rest, a second';
const SUMS = ['bus calls', 'database flights', 'statements', 'Redis commands'];
const WITHOUT = [
  { all: 'database flights', kind: 'flights' },
  { all: 'statements', kind: 'statements' },
] as const;
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
      cases: [REST, CASE],
      warmUp: async () => {
        await run(WARM_UP);
        await sleep(SETTLE_MS);
      },
      sample: async (name): Promise<Sample> => {
        const before = await trafficOf(shop, folder);
        if (name === REST) {
          const cost = await costOf(shop.pids, async () => {
            await sleep(BACKGROUND_SECONDS * 1_000);
            return BACKGROUND_SECONDS;
          });
          background = perRequest(before, await trafficOf(shop, folder), {}, 0, BACKGROUND_SECONDS);
          return { ...cost, counts: background };
        }
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
    const needs = means(found, CASE);
    const rest = means(found, REST);
    const topologies = found.topologies;
    // In one process nobody can say which service sent a statement.
    const withoutNotification = ({ all, kind }: (typeof WITHOUT)[number]): string[] => [
      `${all} without notification's own`,
      ...topologies.map((topology, index) =>
        topology === 'together' ? '' : (Number(needs.of(all)[index]) - Number(needs.of(`${kind} of notification`)[index])).toFixed(1),
      ),
    ];
    return {
      tables: [
        {
          title: 'What one checkout needs',
          columns: ['', ...topologies],
          rows: [...SUMS.map((name) => [name, ...needs.of(name)]), ...WITHOUT.map(withoutNotification)],
        },
        {
          title: 'Its database flights and statements, by the process that sends them',
          columns: ['process', ...topologies.flatMap((topology) => [`flights, ${topology}`, `statements, ${topology}`])],
          rows: needs
            .parts('flights of ')
            .map(([process = '']) => [
              process,
              ...topologies.flatMap((_, index) =>
                [needs.of(`flights of ${process}`), needs.of(`statements of ${process}`)].map((one) => one[index] ?? ''),
              ),
            ]),
        },
        { title: 'Its bus calls', columns: ['operation or reaction', ...topologies], rows: needs.parts('call ') },
        { title: 'Its Redis commands', columns: ['command', ...topologies], rows: needs.parts('redis ') },
        {
          title: 'What the shop does by itself in a second',
          columns: ['', ...topologies],
          rows: [
            ...SUMS.map((name) => [name, ...rest.of(name)]),
            ...rest.parts('statements of ').map(([process = '', ...shown]) => [`statements of ${process}`, ...shown]),
            ...rest.parts('call ').map(([operation = '', ...shown]) => [`calls of ${operation}`, ...shown]),
            ...rest.parts('redis ').map(([command = '', ...shown]) => [`Redis ${command}`, ...shown]),
          ],
        },
      ],
      goals: [],
      notes: [
        `Means of ${CUSTOMERS} checkouts, one after the other, on a shop of their own; what the shop does by itself in that time is taken off. Bus calls are operations and reactions that a service served. A flight ends with one Sync. Statements include BEGIN and COMMIT; Redis commands include those that scripts call. What notification adds to a checkout is its row: the mail, the SMS, the push and the list of one buyer who is told that their order is confirmed.`,
      ],
    };
  },
};

/** Means of a case: of one thing in each topology, and of all things of a kind that happen at all. */
function means(found: Found, name: string): { of: (what: string) => string[]; parts: (kind: string) => string[][] } {
  const counted = found.topologies.map((topology) => found.of(topology, name).map((sample) => sample.counts ?? {}));
  const of = (what: string): string[] => counted.map((all) => median(all.map((one) => one[what] ?? 0)).toFixed(1));
  const names = [...new Set(counted.flat().flatMap((one) => Object.keys(one)))];
  return {
    of,
    parts: (kind) =>
      names
        .filter((what) => what.startsWith(kind) && of(what).some((value) => Number(value) > SHOWN_FROM))
        .sort()
        .map((what) => [what.slice(kind.length), ...of(what)]),
  };
}
