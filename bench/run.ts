/** `npm run bench`: what the promises of the design cost on this machine. `--help` says more. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { build } from '../tools/build.ts';
import { parsed } from '../tools/help.ts';
import { complain, explain, say, timed } from '../tools/progress.ts';
import { onStop } from '../tools/stopping.ts';
import { chartOf } from './chart.ts';
import { goalsOf, type Machine, machineOf, markdown, type Outcome, terminal } from './report.ts';
import type { Findings, Setting } from './scenario.ts';
import { addToCart } from './scenarios/cart.ts';
import { catalogue } from './scenarios/catalogue.ts';
import { checkout } from './scenarios/checkout.ts';
import { orderHistory } from './scenarios/history.ts';
import { hotRead } from './scenarios/hot-read.ts';
import { idle } from './scenarios/idle.ts';
import { transport } from './scenarios/transport.ts';
import { Shop } from './shop.ts';

/** On stacks of their own. */
const alone: Readonly<Record<string, (setting: Setting) => Promise<Findings>>> = { transport, idle };
/** One after the other on one shop; the last fills its catalogue. */
const together: Readonly<Record<string, (setting: Setting, shop: Shop) => Promise<Findings>>> = {
  'hot-read': hotRead,
  cart: addToCart,
  checkout,
  'order-history': orderHistory,
  catalogue,
};
const names = ['transport', ...Object.keys(together), 'idle'];

const HELP = `npm run bench [-- options]

  --only <scenario>   only this one, may be repeated: ${names.join(', ')}
  --quick             shorter loads, and no catalogue of 100,000 products
  --no-profile        do not look into the processes afterwards
  --help

A run of everything without --quick writes bench/results.md and bench/results.svg. Linux only.`;

/** A scenario that takes longer than this counts as failed. The longest fills a catalogue of 100,000, some 60 s of CPU before it measures. */
const LIMIT_MS = 300_000;

const stopping = new AbortController();
onStop((signal) => stopping.abort(new Error(`stopped by ${signal}`)));

async function main(): Promise<number> {
  const { values } = parsed(() =>
    parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
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
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}; there are ${names.join(', ')}`);
  const chosen = values.only.length === 0 ? names : names.filter((name) => values.only.includes(name));
  const setting: Setting = { quick: values.quick, profile: values.profile, signal: stopping.signal };
  const began = performance.now();
  await timed('build', () => build());
  const outcomes: Outcome[] = [];
  let machine: Machine | undefined;
  const attempt = async (name: string, work: () => Promise<Findings>): Promise<void> => {
    if (!chosen.includes(name) || stopping.signal.aborted) return;
    const outcome = await timed(name, () => outcomeOf(name, work));
    const failures = 'failure' in outcome ? [outcome.failure] : (outcome.findings.failed ?? []);
    for (const failure of failures) complain(`${name}: ${failure}`);
    outcomes.push(outcome);
  };
  await attempt('transport', () => alone.transport!(setting));
  if (!stopping.signal.aborted && chosen.some((name) => name in together)) {
    const shop = await timed('a shop', () => Shop.open(setting));
    try {
      machine = machineOf(await postgresVersion(shop));
      for (const [name, scenario] of Object.entries(together)) await attempt(name, () => scenario(setting, shop));
    } finally {
      await shop.close();
    }
  }
  await attempt('idle', () => alone.idle!(setting));
  stopping.signal.throwIfAborted();
  say(`\n${terminal(outcomes)}`);
  const seconds = (performance.now() - began) / 1_000;
  if (chosen.length === names.length && !setting.quick && machine !== undefined) {
    const subtitle = `${machine.cores} cores of ${machine.model}, Node ${machine.node}`;
    writeFileSync(join(import.meta.dirname, 'results.md'), markdown(outcomes, machine, seconds));
    writeFileSync(join(import.meta.dirname, 'results.svg'), chartOf(goalsOf(outcomes), subtitle));
    say(`\nWritten: bench/results.md, bench/results.svg (${seconds.toFixed(0)} s)`);
  } else {
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
  return outcomes.some((outcome) => 'failure' in outcome || (outcome.findings.failed ?? []).length > 0) ? 1 : 0;
}

async function outcomeOf(name: string, work: () => Promise<Findings>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  const aborted = new Promise<never>((_, reject) => {
    stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason), { once: true });
  });
  try {
    return { name, findings: await Promise.race([work(), late, aborted]) };
  } catch (error) {
    return { name, failure: explain(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function postgresVersion(shop: Shop): Promise<string> {
  const client = new pg.Client(shop.stack.adminDatabaseUrl);
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  return rows[0]?.server_version ?? 'unknown';
}

try {
  process.exitCode = await main();
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}
