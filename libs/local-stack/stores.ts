import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Source } from '#libs/runtime/environment';
import { type RedisRole, redisRoles, redisVariable } from '#libs/runtime/topology';
import { preparePostgres } from './postgres.ts';
import { redisSocket, redisSpec } from './redis.ts';
import { redisProgram } from './redis-program.ts';
import type { Supervisor } from './supervisor.ts';
import { outsideClone } from './unprivileged-account.ts';

export interface StorePorts {
  readonly postgres: number;
  readonly redis: number;
  readonly redisCache: number;
}

export interface StoreOptions {
  readonly dataDir: string;
  readonly ports: StorePorts;
  readonly postgresPassword: string;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  readonly redisSettings?: Readonly<Record<string, string>>;
  /** Lines `user …` for Redis: the services' logins. */
  readonly redisUsers?: readonly string[];
  readonly say: (sentence: string) => void;
}

export interface Stores {
  /** Of the role that creates databases and logins. */
  readonly databaseUrl: string;
  /** By role. */
  readonly redisUrls: Readonly<Record<RedisRole, string>>;
  /** Where processes of this machine reach our own stores for less than by TCP; a store that has no socket is missing. */
  readonly sockets: {
    /** The folder of Postgres' socket. */
    readonly postgres?: string | undefined;
    readonly redis: Readonly<Partial<Record<RedisRole, string | undefined>>>;
  };
}

/** Which of our own stores are wanted, since nobody named another. */
export function missingStores(env: Source): { readonly postgres: boolean; readonly redis: boolean; readonly redisCache: boolean } {
  const named = (role: RedisRole) => Boolean(env.REDIS_URL || env[redisVariable(role)]);
  return {
    postgres: !env.DATABASE_URL,
    redis: redisRoles.some((role) => role !== 'cache' && !named(role)),
    redisCache: !named('cache'),
  };
}

/** Starts the stores that `env` names no others for, with the data they had, and waits for them. */
export async function startStores(supervisor: Supervisor, env: Source, options: StoreOptions): Promise<Stores> {
  const { dataDir, ports, postgresPassword, postgresSettings = {}, redisSettings = {}, redisUsers = [], say } = options;
  const wanted = missingStores(env);
  let databaseUrl = env.DATABASE_URL ?? '';
  let postgresSocket: string | undefined;

  const postgres = async () => {
    if (!wanted.postgres) return;
    const { spec, url, socketFolder } = await preparePostgres({
      dataDir,
      port: ports.postgres,
      password: postgresPassword,
      settings: postgresSettings,
      run: (name, command) => supervisor.run(name, command),
    });
    databaseUrl = url;
    postgresSocket = socketFolder;
    await supervisor.add(spec).start();
  };
  // Looked for before anything is started: where there is none, nothing begins.
  const program = wanted.redis || wanted.redisCache ? redisProgram(say) : undefined;
  const redis = async (name: 'redis' | 'redis-cache', port: number) => {
    if (program === undefined) return;
    await supervisor.add(redisSpec({ name, dataDir, port, program, settings: redisSettings, users: redisUsers })).start();
  };
  // All of them come to an end, so that on a failure nothing is still being made while the caller clears up.
  const outcomes = await Promise.allSettled([
    postgres(),
    ...(wanted.redis ? [redis('redis', ports.redis)] : []),
    ...(wanted.redisCache ? [redis('redis-cache', ports.redisCache)] : []),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const isOurs = (role: RedisRole) => !env[redisVariable(role)] && !env.REDIS_URL;
  const nameOf = (role: RedisRole) => (role === 'cache' ? 'redis-cache' : 'redis');
  const ours = (role: RedisRole) => `redis://127.0.0.1:${role === 'cache' ? ports.redisCache : ports.redis}`;
  const entries = redisRoles.map((role) => [role, env[redisVariable(role)] || env.REDIS_URL || ours(role)]);
  const redisSockets = redisRoles.flatMap((role) =>
    program !== undefined && isOurs(role) ? [[role, redisSocket({ name: nameOf(role), dataDir, program })]] : [],
  );
  // One entry for each role, by construction.
  return {
    databaseUrl,
    redisUrls: Object.fromEntries(entries) as Stores['redisUrls'],
    sockets: { postgres: postgresSocket, redis: Object.fromEntries(redisSockets) as Stores['sockets']['redis'] },
  };
}

/** The data folder, which others may pass through (the server's account on its way to its cluster) and not look into. */
export function makeDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o711);
}

/** Where a stack's data may lie: the second folder is used by a server that runs as root's unprivileged stand-in and cannot enter the first. */
export function dataFolders(dataDir: string): readonly string[] {
  return [dataDir, outsideClone(dataDir)];
}

export function removeFolders(folders: readonly string[]): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
