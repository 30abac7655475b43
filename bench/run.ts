/** `npm run bench`: what the promises of the design cost on this machine. `--help` says more. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parsed } from '../tools/help.ts';
import { complain, explain, say, timed } from '../tools/progress.ts';
import { onStop } from '../tools/stopping.ts';
import { chartOf } from './chart.ts';
import { type Code, codeAt, thisCode } from './code.ts';
import { measure, Shops } from './measure.ts';
import { pairTables } from './pairs.ts';
import { columned, goalsOf, machineOf, markdown, type Outcome, type Run, terminal } from './report.ts';
import { Found, type Scenario, type Setting, type Topology, topologies } from './scenario.ts';
import { addToCart } from './scenarios/cart.ts';
import { catalogue } from './scenarios/catalogue.ts';
import { chat } from './scenarios/chat.ts';
import { checkout, durableCheckout } from './scenarios/checkout.ts';
import { counts } from './scenarios/counts.ts';
import { feed, feedOnCassandra } from './scenarios/feed.ts';
import { orderHistory } from './scenarios/history.ts';
import { hotRead } from './scenarios/hot-read.ts';
import { idle } from './scenarios/idle.ts';
import { lanes } from './scenarios/lanes.ts';
import { pictures } from './scenarios/pictures.ts';
import { reviews } from './scenarios/reviews.ts';
import { search } from './scenarios/search.ts';
import { sockets } from './scenarios/sockets.ts';
import { transport } from './scenarios/transport.ts';
import { wishes } from './scenarios/wishes.ts';

/** In this order; the last on the shared shop fills its catalogue. */
const onOneShop = [transport, hotRead, addToCart, checkout, orderHistory, wishes, pictures, catalogue];
const scenarios: readonly Scenario[] = [
  ...onOneShop,
  durableCheckout,
  counts,
  feed,
  feedOnCassandra,
  reviews,
  search,
  lanes,
  sockets,
  chat,
  idle,
];
const names = scenarios.map(({ name }) => name);

const HELP = `npm run bench [-- options]

  --only <names>       only these scenarios, with commas between: ${names.join(', ')}
  --topology <name>    separate (each service its process), together (one process), or both;
                       separate where --only or --against is given, else both
  --against <commit>   this code, with what is not committed, and that commit in turns (A B A B …):
                       the ratio is the median of the pairs
  --quick              shorter loads and fewer checkouts to warm up (300 instead of 1,500),
                       and no catalogue of 100,000 products
  --write              write the results of this run, although it is quick or not of everything
  --no-profile         do not look into the processes afterwards
  --help

A run of everything without --quick writes bench/results.md and bench/results.svg. Linux only.

  npm run bench -- --only checkout --against main --quick       is a checkout cheaper than before? (3 minutes on a quiet machine)
  npm run bench -- --only cart,hot-read --against HEAD~1        the same for two other loads
  npm run bench -- --only counts                                calls, flights, statements, commands (1 minute)`;

/** A scenario that takes longer than this counts as failed. The longest fills a catalogue of 100,000, some 60 s of CPU before it measures. */
const LIMIT_MS = 600_000;

const stopping = new AbortController();
onStop((signal) => stopping.abort(new Error(`stopped by ${signal}`)));

async function main(): Promise<number> {
  const { values } = parsed(() =>
    parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        topology: { type: 'string' },
        against: { type: 'string' },
        quick: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
      allowNegative: true,
    }),
  );
  if (values.help) {
    say(HELP);
    return 0;
  }
  const only = values.only.flatMap((text) => text.split(',')).filter((name) => name !== '');
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}; there are ${names.join(', ')}`);
  const chosen = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
  const isAll = only.length === 0 && values.against === undefined;
  const wanted = topologiesOf(values.topology ?? (isAll ? 'both' : 'separate'));
  const setting: Setting = { quick: values.quick, profile: values.profile && values.against === undefined, signal: stopping.signal };
  const codes = [await timed('build', thisCode)];
  try {
    const { against } = values;
    if (against !== undefined) codes.push(await timed(`build ${against}`, () => codeAt(against)));
    const began = performance.now();
    const [, load = 0] = loadavg();
    const results = await measureAll(chosen, codes, wanted, setting);
    const seconds = (performance.now() - began) / 1_000;
    const [here, there] = codes;
    const isWhole = isAll && wanted.length === topologies.length && !setting.quick && !stopping.signal.aborted;
    if (there === undefined)
      reportOf(results, here as Code, { writes: isWhole || values.write, run: { seconds, isQuick: setting.quick, load } });
    else reportPairs(results, here as Code, there);
    stopping.signal.throwIfAborted();
    return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
  } finally {
    for (const code of codes) code.remove();
  }
}

function topologiesOf(text: string): readonly Topology[] {
  if (text === 'both') return topologies;
  const found = topologies.find((topology) => topology === text);
  if (found === undefined) throw new Error(`There is no topology ${text}; there are ${topologies.join(', ')} and both`);
  return [found];
}

interface Result {
  readonly scenario: Scenario;
  readonly found: ReadonlyMap<Code, Found>;
  readonly failures: string[];
}

async function measureAll(
  chosen: readonly Scenario[],
  codes: readonly Code[],
  wanted: readonly Topology[],
  setting: Setting,
): Promise<readonly Result[]> {
  const results = chosen.map((scenario): Result => ({ scenario, found: new Map(codes.map((code) => [code, new Found()])), failures: [] }));
  for (const topology of wanted) {
    const shops = new Shops(setting);
    try {
      for (const { scenario, found, failures } of results) {
        if (setting.signal.aborted || !(scenario.topologies ?? topologies).includes(topology)) continue;
        const failure = await timed(`${scenario.name}, ${topology}`, () =>
          failureOf(() => measure(scenario, codes, topology, found, shops, setting)),
        );
        if (failure === undefined) continue;
        complain(`${scenario.name}, ${topology}: ${failure}`);
        failures.push(`${topology}: ${failure}`);
      }
    } finally {
      await shops.close();
    }
  }
  return results;
}

/** What the work threw, in words; it may take so long and no longer. */
async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  const aborted = new Promise<never>((_, reject) => {
    stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason), { once: true });
  });
  try {
    await Promise.race([work(), late, aborted]);
    return undefined;
  } catch (error) {
    return explain(error);
  } finally {
    clearTimeout(timer);
  }
}

function reportOf(results: readonly Result[], code: Code, { writes, run }: { writes: boolean; run: Run }): void {
  const outcomes = results.map(({ scenario: { name, report }, found, failures }): Outcome => {
    const its = found.get(code) ?? new Found();
    if (its.cases.length === 0) return { name, failure: failures.join('\n') };
    return { name, findings: { ...report(its), failed: failures, profiles: its.profiles } };
  });
  say(`\n${terminal(outcomes)}`);
  if (writes) {
    const machine = machineOf();
    writeFileSync(join(import.meta.dirname, 'results.md'), markdown(outcomes, machine, run));
    writeFileSync(
      join(import.meta.dirname, 'results.svg'),
      chartOf(goalsOf(outcomes), `${machine.cores} cores of ${machine.model}, Node ${machine.node}`),
    );
    say(`\nWritten: bench/results.md, bench/results.svg (${run.seconds.toFixed(0)} s)`);
    return;
  }
  for (const outcome of outcomes) {
    if (!('findings' in outcome)) continue;
    for (const [process, functions] of Object.entries(outcome.findings.profiles ?? {}))
      say(
        [
          `\n${outcome.name}, ${process}:`,
          ...functions.map(({ name, share }) => `  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`),
        ].join('\n'),
      );
  }
}

function reportPairs(results: readonly Result[], here: Code, there: Code): void {
  for (const { scenario, found } of results) {
    const [mine, theirs] = [found.get(here), found.get(there)];
    if (mine === undefined || theirs === undefined || mine.cases.length === 0) continue;
    for (const table of pairTables(scenario.name, mine, theirs, there.name)) say(`\n${columned(table)}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}
