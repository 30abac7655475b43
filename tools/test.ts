/** `npm test [-- vitest's arguments]`: a Postgres and two Redis of its own, a build, then every suite. Whatever happens, all of it is stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScratchStores, startScratchStores } from '#libs/local-stack/scratch-stores';
import { cloneRoot } from '#libs/runtime/project-root';
import { build, buildWeb } from './build.ts';
import { helpAsked } from './help.ts';
import { complain, explain, say, timed } from './progress.ts';
import { onStop } from './stopping.ts';
import { testEnv } from './test.env.ts';

const root = cloneRoot();
let stores: ScratchStores | undefined;
let runner: ChildProcess | undefined;
let interrupted = false;

onStop((signal) => {
  interrupted = true;
  runner?.kill(signal);
});

const HELP = `npm test [-- <path> …] [-- <options of vitest>]

Starts a PostgreSQL and two Redis of its own, builds, runs every suite or those whose path is named, and stops all of it.
npm test -- apps/order -t "a name"     one folder, one test
REQUIRE_CASSANDRA=1                    a Cassandra beside them, and the suites that need one
REQUIRE_S3=1                           versitygw has to be there, for the suites that need an S3 server
REQUIRE_BROWSER=1                      a suite that needs a browser fails without one instead of being skipped`;

try {
  if (!helpAsked(HELP)) process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
} finally {
  await stores?.stop();
  if (interrupted) process.exitCode = 130;
}

async function main(args: readonly string[]): Promise<number> {
  const given = testEnv.read(process.env);
  const env: Record<string, string | undefined> = { ...process.env };
  const needsCassandra = given.REQUIRE_CASSANDRA && given.TEST_CASSANDRA_CONTACT_POINTS === undefined;
  if (
    given.TEST_DATABASE_URL === undefined ||
    given.TEST_REDIS_URL === undefined ||
    given.TEST_REDIS_CACHE_URL === undefined ||
    needsCassandra
  ) {
    stores = await timed('stores for tests', () => startScratchStores({ say, cassandra: needsCassandra }));
    env.TEST_DATABASE_URL = given.TEST_DATABASE_URL ?? stores.databaseUrl;
    env.TEST_REDIS_URL = given.TEST_REDIS_URL ?? stores.redisUrl;
    if (stores.cassandraContactPoint !== undefined) env.TEST_CASSANDRA_CONTACT_POINTS = stores.cassandraContactPoint;
    env.TEST_REDIS_CACHE_URL = given.TEST_REDIS_CACHE_URL ?? given.TEST_REDIS_URL ?? stores.redisCacheUrl;
  }
  await timed(
    'build',
    () => build(root),
    ({ changed, files }) => (changed ? `${files} files` : 'nothing changed'),
  );
  await timed('web pages', () => buildWeb(root));
  announceSkipped('REQUIRE_CASSANDRA', given.REQUIRE_CASSANDRA);
  announceSkipped('REQUIRE_BROWSER', given.REQUIRE_BROWSER);
  announceSkipped('REQUIRE_S3', given.REQUIRE_S3);
  return interrupted ? 130 : await run(join(root, 'node_modules', 'vitest', 'vitest.mjs'), ['run', ...args], env);
}

function run(file: string, args: readonly string[], env: Record<string, string | undefined>): Promise<number> {
  return new Promise((resolve, reject) => {
    runner = spawn(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit', env });
    runner.once('error', reject);
    runner.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Suites say themselves which of the variables they wait for. */
function announceSkipped(variable: 'REQUIRE_CASSANDRA' | 'REQUIRE_BROWSER' | 'REQUIRE_S3', required: boolean): void {
  if (required) return;
  const suites = globSync(['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'e2e/**/*.spec.ts'], {
    cwd: root,
    exclude: (path) => path === 'node_modules',
  }).filter((path) => readFileSync(join(root, path), 'utf8').includes(variable));
  if (suites.length > 0) complain(`\nSKIPPED without ${variable}=1:\n${suites.map((path) => `  ${path}`).join('\n')}`);
}
