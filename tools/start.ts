/** `npm start`: builds, starts the stores that are missing, migrates, fills the demo shop, starts every service, and says where they are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Stack, startStack } from '#libs/local-stack/stack';
import { EnvironmentError, isProduction } from '#libs/runtime/environment';
import { cloneRoot } from '#libs/runtime/project-root';
import { builtServices, isServiceName, type ServiceName, serviceNames } from '#libs/runtime/topology';
import { build, buildWeb } from './build.ts';
import { parsed } from './help.ts';
import { complain, explain, phaseDone, processLog, say, table, timed } from './progress.ts';
import { onStop } from './stopping.ts';

const help = `npm start [services] [-- options]      Only2U on this machine, until Ctrl-C

  gateway product            these services, and auth, instead of all; --only gateway,product is the same
  --replicas order=2         how many processes of a service; may be repeated or a list
  --together                 all of them in one process; further replicas in their own
  --no-seed                  do not fill the demo shop
  --help                     this text

Services: ${serviceNames.join(', ')}
Variables: docs/environment.md; a file .env beside package.json is read. PORT_OFFSET and DATA_DIR allow a second stack beside the first.`;

export interface StartFlags {
  readonly only?: readonly ServiceName[];
  readonly replicas?: Partial<Record<ServiceName, number>>;
  readonly together?: boolean;
  readonly seed: boolean;
}

/** A wrong command line; the message is one line. */
class BadFlags extends Error {}

export function readFlags(args: readonly string[], root = cloneRoot()): StartFlags | 'help' {
  const options = {
    only: { type: 'string', multiple: true },
    replicas: { type: 'string', multiple: true },
    together: { type: 'boolean' },
    'no-seed': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, strict: true, allowPositionals: true }));
  if (values.help) return 'help';
  const built = builtServices(root).map(({ name }) => name);
  const serviceFrom = (name: string): ServiceName => {
    if (!isServiceName(name) || !built.includes(name)) throw new BadFlags(`There is no service ${name}; there are ${built.join(', ')}`);
    return name;
  };
  const named = [...positionals, ...(values.only ?? [])].flatMap((list) => list.split(','));
  const only = named.length === 0 ? undefined : named.map((name) => serviceFrom(name.trim()));
  const replicas = values.replicas
    ?.flatMap((list) => list.split(','))
    .map((pair) => {
      const [, name = '', count = ''] = /^\s*([a-z-]+)=(\d{1,2})\s*$/.exec(pair) ?? [];
      if (!(Number(count) >= 1)) throw new BadFlags(`--replicas takes service=number, such as order=2, and not ${pair}`);
      return [serviceFrom(name), Number(count)] as const;
    });
  return {
    seed: values['no-seed'] !== true,
    ...(values.together && { together: true }),
    ...(only && { only }),
    // The keys were checked one by one above.
    ...(replicas && { replicas: Object.fromEntries(replicas) as Partial<Record<ServiceName, number>> }),
  };
}

/**
 * npm keeps options before `--` to itself and tells the script by a variable, if at all: of `--only` with a value that it does not know,
 * npm 11 leaves no trace, so services may be named without an option.
 */
export function refuseSwallowedOptions(env: NodeJS.ProcessEnv): void {
  // npm reads --no-seed as a setting `seed` that is switched off.
  const variables = {
    '--only gateway,product': 'npm_config_only',
    '--replicas order=2': 'npm_config_replicas',
    '--together': 'npm_config_together',
    '--no-seed': 'npm_config_seed',
  };
  const swallowed = Object.entries(variables).flatMap(([option, variable]) => (env[variable] === undefined ? [] : [option]));
  if (swallowed.length > 0) throw new BadFlags(`npm keeps options before -- to itself. Type npm start -- ${swallowed.join(' ')}`);
}

/** Brings everything up and prints what a person wants to see. Resolves when all is ready. */
export async function bringUp(flags: StartFlags, signal: AbortSignal): Promise<Stack> {
  const root = cloneRoot();
  const began = performance.now();
  const log = processLog(process.env.LOG_FORMAT === 'json' ? 'json' : 'pretty');
  say('Only2U');
  const asBuilt = ({ changed, files }: { changed: boolean; files: number }) => (changed ? `${files} files` : 'nothing changed');
  await timed('build', () => build(root), asBuilt);
  if (existsSync(join(root, 'apps', 'web', 'vite.config.ts'))) await timed('web pages', () => buildWeb(root), asBuilt);
  signal.throwIfAborted();
  const stack = await startStack({
    env: process.env,
    ...flags,
    signal,
    onLog: log.write,
    onRemark: (name, sentence) => say(`  ${name}: ${sentence}`),
    onPhase: (name, seconds) => phaseDone(name, seconds),
  });
  say(`\nReady in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  log.open();
  describe(stack);
  return stack;
}

function describe(stack: Stack): void {
  const gateway = stack.urls.gateway;
  if (gateway !== undefined) {
    const address = process.env.PUBLIC_URL || `http://localhost:${new URL(gateway).port}`;
    table('Addresses', [
      ['API', `${address}/api`],
      ['API documentation', `${address}/api/docs`],
      ['Demo shop', `${address}/demo`],
      ...(isProduction(process.env) ? [] : [['Dev inbox (mail, SMS, push)', `${address}/dev/inbox`]]),
      ...(stack.razorpay === undefined
        ? []
        : [
            ['Razorpay sandbox', stack.razorpay.url],
            ['  its controls', stack.razorpay.controlUrl],
          ]),
    ]);
  }
  table(
    'Demo logins',
    stack.logins.map(({ role, login, password }) => [role, login, password]),
  );
  table(
    'Processes',
    [...stack.processes.values()].map(({ name, port, pid }) => [name, String(port), `pid ${pid ?? '-'}`]),
  );
  say(`\n  Data: ${stack.folders.join(' and ')}\n  Ctrl-C stops everything.\n`);
}

/** Reads `.env` where there is one; what the shell has set wins. */
export function loadDotEnv(root = cloneRoot()): void {
  const file = join(root, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

const insistMs = 1_500;

/** Runs until a signal, then stops in good order. A later second one leaves the rest to the watchdog. */
export async function runUntilSignal(up: (signal: AbortSignal) => Promise<Stack>): Promise<void> {
  const stopping = new AbortController();
  let stack: Stack | undefined;
  let firstAt = 0;
  const stopped = new Promise<void>((resolve) => {
    const onSignal = () => {
      // npm passes on what a terminal or `timeout` has sent to us already; a person who insists takes longer.
      if (stopping.signal.aborted) {
        if (performance.now() - firstAt > insistMs) process.exit(130);
        return;
      }
      firstAt = performance.now();
      say('\nStopping …');
      stopping.abort(new Error('Stopped'));
      resolve();
    };
    onStop(onSignal);
  });
  try {
    stack = await up(stopping.signal);
    await stopped;
  } catch (error) {
    if (!stopping.signal.aborted) {
      complain(`\n${explain(error)}${npmsDoing(error)}`);
      process.exitCode = 1;
    }
  }
  const began = performance.now();
  await stack?.stop();
  if (stopping.signal.aborted) say(`Stopped in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** npm itself sets NODE_ENV=production where its setting `omit` has `dev`, which nobody would look for. */
function npmsDoing(error: unknown): string {
  const isNpm = error instanceof EnvironmentError && isProduction(process.env) && process.env.npm_config_omit?.includes('dev') === true;
  return isNpm ? '\nNODE_ENV is production because npm is set to omit dev packages; unset npm_config_omit for a development start.' : '';
}

if (import.meta.main) {
  try {
    refuseSwallowedOptions(process.env);
    loadDotEnv();
    const flags = readFlags(process.argv.slice(2));
    if (flags === 'help') say(help);
    else await runUntilSignal((signal) => bringUp(flags, signal));
  } catch (error) {
    complain(explain(error));
    process.exitCode = 1;
  }
}
