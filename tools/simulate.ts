/** `npm run simulate -- --seed N --runs M`: shops under loss, repetition, delay and power cuts, in one process on a real Postgres. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneRoot } from '#libs/runtime/project-root';
import { parsed } from './help.ts';
import { complain, explain, say } from './progress.ts';
import { onStop } from './stopping.ts';

const HELP = `npm run simulate -- [options]

  --seed <n>   the first seed (default 1); a run that failed says which seed repeats it
  --runs <n>   how many seeds, one after the other (default 200)
  --logs       the services' warnings and errors
  --help

Each run is a shelf with few units, a coupon with few uses and a handful of customers who order, pay, cancel, return and are refunded, while
messages are lost, repeated and delayed, Razorpay fails and services are killed between two statements. Then everything comes to rest, and
money, stock, coupon uses, line sums, invoice numbers, reviews and wishes are added up, and nobody was told anything twice. A seed repeats every choice; how
the processes interleave is left to Node and Postgres, so a rare race may need a seed more than once.`;

function whole(name: string, text: string): string {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
  return text;
}

try {
  const { values } = parsed(() =>
    parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        runs: { type: 'string', default: '200' },
        logs: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  if (values.help) say(HELP);
  else {
    const root = cloneRoot();
    const suite = spawn(process.execPath, ['--conditions=source', join(root, 'tools', 'test.ts'), 'e2e/simulation'], {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        SIMULATION_SEED: whole('seed', values.seed),
        SIMULATION_RUNS: whole('runs', values.runs),
        ...(values.logs ? { SIMULATION_LOG_LEVEL: 'warn' } : {}),
      },
    });
    onStop((signal) => suite.kill(signal));
    suite.once('exit', (code) => {
      process.exitCode = code ?? 1;
    });
  }
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}
