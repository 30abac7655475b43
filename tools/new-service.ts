/**
 * `npm run new:service loyalty`: a new service that builds, migrates, starts, answers two operations and has a green spec; what is left to write is
 * its rules. It writes the app, its contract and its spec, and registers it in the table of services, at the gateway and in nest-cli.json; the rest is generated from those.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { isServiceName, serviceNames, serviceOf } from '#libs/runtime/topology';
import { helpAsked } from './help.ts';
import { filesOf } from './new-service-files.ts';
import { complain, say, timed } from './progress.ts';

const HELP = `npm run new:service <name> [port]

  <name>  one lower-case word, such as loyalty
  [port]  where it listens; the next free one unless given`;

class Refused extends Error {}

const [name = '', givenPort] = process.argv.slice(2);
if (!helpAsked(HELP)) {
  try {
    await create(name, portFor(givenPort));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    complain(`${error.message}\n\n${HELP}`);
    process.exitCode = 2;
  }
}

function portFor(given: string | undefined): number {
  const taken = serviceNames.map((service) => serviceOf(service).port);
  const port = given === undefined ? Math.max(3_017, ...taken) + 1 : Number(given);
  if (!Number.isInteger(port) || port < 1_024 || port > 9_999) throw new Refused(`${given} is not a port from 1024 to 9999`);
  if (taken.includes(port)) throw new Refused(`Port ${port} is taken`);
  return port;
}

async function create(service: string, port: number): Promise<void> {
  if (!/^[a-z]{3,20}$/.test(service))
    throw new Refused(service === '' ? 'Which service?' : `${service} is not one lower-case word of 3 to 20 letters`);
  if (isServiceName(service)) throw new Refused(`There is a service ${service} already`);
  const root = cloneRoot();
  const files = filesOf(service);
  for (const file of files.keys()) if (existsSync(join(root, file))) throw new Refused(`${file} exists already`);
  say(`Service ${service} on port ${port}`);
  await timed('files of the service', async () => {
    for (const [file, content] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), content);
    }
  });
  await timed('registrations', async () => register(root, service, port));
  await timed('format', async () =>
    run(root, 'node_modules/@biomejs/biome/bin/biome', [
      'check',
      '--write',
      `apps/${service}`,
      'apps/gateway/src/gateway.contracts.ts',
      'libs/contracts',
      'libs/runtime/topology.ts',
    ]),
  );
  await timed('generated files', async () => run(root, 'tools/generate.ts', [], ['--conditions=source']));
  say(`
apps/${service} listens on ${port} once the shop is started again. Next:
  npm test -- apps/${service}                  its spec, on a real Postgres and Redis
  libs/contracts/${service}/api.ts            what it can do: its operations, events and errors
  apps/${service}/src/${service}.handlers.ts  how it does it
  apps/${service}/migrations/                 the tables it needs`);
}

/** In the table of services, at the gateway and in nest-cli.json; the rest is generated from those. */
function register(root: string, service: string, port: number): void {
  edit(
    root,
    'libs/runtime/topology.ts',
    /\n} as const satisfies Record<string, Line>/,
    `\n  ${service}: { port: ${port}, database: true, redis: ['bus'], secrets: [] },$&`,
  );
  edit(
    root,
    'apps/gateway/src/gateway.contracts.ts',
    /(import type \{ AnyContract \}[^\n]*\n)/,
    `$1import { ${service}Api } from '#libs/contracts/${service}/api';\n`,
  );
  edit(
    root,
    'apps/gateway/src/gateway.contracts.ts',
    /(serviceContracts: readonly AnyContract\[\] = \[[^\]]*?),?\s*\]/,
    `$1, ${service}Api]`,
  );
  const nest = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
  nest.projects[service] = JSON.parse(JSON.stringify(nest.projects.gateway).replaceAll('gateway', service));
  writeFileSync(join(root, 'nest-cli.json'), `${JSON.stringify(nest, null, 2)}\n`);
}

function edit(root: string, file: string, pattern: RegExp, replacement: string): void {
  const before = readFileSync(join(root, file), 'utf8');
  const after = before.replace(pattern, replacement);
  if (after === before) throw new Error(`${file} has changed its shape; register the service there by hand and mend this tool`);
  writeFileSync(join(root, file), after);
}

function run(root: string, file: string, args: readonly string[], flags: readonly string[] = []): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(root, file), ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} failed:\n${stdout}${stderr}`);
}
