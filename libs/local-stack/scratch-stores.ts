import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { startCassandra } from './cassandra.ts';
import { cassandraProgram } from './cassandra-program.ts';
import { freePort } from './ports.ts';
import { scratchSettings } from './postgres.ts';
import { dataFolders, makeDataDir, removeFolders, startStores } from './stores.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import { Supervisor } from './supervisor.ts';

export interface ScratchStores {
  readonly dataDir: string;
  /** Of the superuser, database `postgres`. */
  readonly databaseUrl: string;
  /** Keeps what it accepted; for every role but the cache. */
  readonly redisUrl: string;
  /** May evict. */
  readonly redisCacheUrl: string;
  /** Where Cassandra answers, when one was asked for. */
  readonly cassandraContactPoint?: string;
  /** `postgres`, `redis`, `redis-cache`, `cassandra`. */
  process(name: 'postgres' | 'redis' | 'redis-cache' | 'cassandra'): SupervisedProcess;
  /** Leaves no process, port or data. */
  stop(): Promise<void>;
}

export interface ScratchStoresOptions {
  /** Hears of an installation of Redis, a death, a restart. */
  readonly say?: (sentence: string) => void;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  readonly redisSettings?: Readonly<Record<string, string>>;
  /** A Cassandra beside them: some 10 s and 650 MB more. */
  readonly cassandra?: boolean;
}

/** A Postgres and two Redis of our own on free ports, whose data goes with them, also when we are killed. About 1.5 s. */
export async function startScratchStores({
  say = () => undefined,
  postgresSettings,
  redisSettings,
  cassandra = false,
}: ScratchStoresOptions = {}): Promise<ScratchStores> {
  const dataDir = mkdtempSync(join(tmpdir(), 'only2u-'));
  makeDataDir(dataDir);
  const scratch = dataFolders(dataDir);
  const remark = (name: string, sentence: string) => say(`${name}: ${sentence}`);
  const supervisor = new Supervisor({ dataDir, log: () => undefined, remark, autoRestart: true, scratch });
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await supervisor.stopAll(() => 0);
    removeFolders(scratch);
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  try {
    const postgres = await freePort();
    const redis = await freePort(new Set([postgres]));
    const redisCache = await freePort(new Set([postgres, redis]));
    const cassandraPort = await freePort(new Set([postgres, redis, redisCache]));
    const storagePort = await freePort(new Set([postgres, redis, redisCache, cassandraPort]));
    const starts = [
      startStores(
        supervisor,
        {},
        {
          dataDir,
          ports: { postgres, redis, redisCache },
          postgresPassword: randomBytes(24).toString('base64url'),
          postgresSettings: { ...scratchSettings, ...postgresSettings },
          ...(redisSettings && { redisSettings }),
          say,
        },
      ),
      ...(cassandra
        ? [
            startCassandra(supervisor, {
              folder: join(dataDir, 'cassandra'),
              port: cassandraPort,
              storagePort,
              program: cassandraProgram(cloneRoot(), say),
            }),
          ]
        : []),
    ] as const;
    // All come to an end, so that on a failure nothing is still being made while `stop` clears up.
    await Promise.allSettled(starts);
    const [stores] = await Promise.all(starts);
    return {
      dataDir,
      databaseUrl: stores.databaseUrl,
      redisUrl: stores.redisUrls.bus,
      redisCacheUrl: stores.redisUrls.cache,
      ...(cassandra && { cassandraContactPoint: `127.0.0.1:${cassandraPort}` }),
      process: (name) => {
        const found = supervisor.processes.get(name);
        if (found === undefined) throw new Error(`No process ${name}`);
        return found;
      },
      stop: stopOnce,
    };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}
