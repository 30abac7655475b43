import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Source, Values } from '#libs/runtime/environment';
import { cloneRoot } from '#libs/runtime/project-root';
import { builtServices, probePortDistance, type Service, type ServiceName, serviceOf, storePorts } from '#libs/runtime/topology';
import { judgeDeclaredVariables } from './declared-variables.ts';
import { lockDataDir } from './lock.ts';
import { requireFreePorts, type WantedPort } from './ports.ts';
import { scratchSettings } from './postgres.ts';
import { refuseMakeshiftsInProduction } from './process-environment.ts';
import { hasRazorpaySimulator, razorpaySandbox } from './process-specs.ts';
import { type Secrets, secretsOf } from './secrets.ts';
import { stackEnv } from './stack.env.ts';
import { dataFolders, makeDataDir, missingStores, removeFolders, type StorePorts } from './stores.ts';
import { Supervisor, sweepLeftovers } from './supervisor.ts';

export interface StackOptions {
  /**
   * Every variable that the processes may see, beside the machine's own (PATH, HOME, proxies …): `npm start` passes `process.env`, a test
   * passes what it means. `PORT_OFFSET`, `DATA_DIR`, `HOST`, `DATABASE_URL`, `REDIS_URL` … act here as they do for `npm start`.
   */
  readonly env: Source;
  /** Wins over `env.PORT_OFFSET`. Tests: `await freePortOffset()`. */
  readonly portOffset?: number;
  /** Wins over `env.DATA_DIR`; relative to the clone. */
  readonly dataDir?: string;
  /** Data in a new temporary folder that goes with the stack (and when we are killed); its Postgres does not fsync. */
  readonly scratch?: boolean;
  /** These services alone, and auth, without which nobody gets ready; none for an empty list. Otherwise all whose code exists. */
  readonly only?: readonly ServiceName[];
  /** The first replica has the service's port, the others free ones. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** The first replicas in one process, named `all`, instead of one process each. */
  readonly together?: boolean;
  /** Fill the demo shop. */
  readonly seed?: boolean;
  /** Whether dead processes are started again; true unless said otherwise. */
  readonly autoRestart?: boolean;
  /** The memory saving setting of small services, on unless said otherwise; benches leave it off. */
  readonly smallHeap?: boolean;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  readonly redisSettings?: Readonly<Record<string, string>>;
  /** The lines of all processes; each process keeps its last 300 anyway (`process(name).lines()`). */
  readonly onLog?: (process: string, line: string) => void;
  /** What the stack has to say: a death, a restart, an installation. */
  readonly onRemark?: (process: string, sentence: string) => void;
  readonly onPhase?: (phase: string, seconds: number) => void;
  readonly onProgress?: (ready: number, all: number) => void;
  /** Aborting stops the start and all it started. */
  readonly signal?: AbortSignal;
  /** The clone; for tests of the stack itself. */
  readonly root?: string;
}

/** The parts of a stack whose folder is locked and whose ports are free. */
export interface StackContext {
  readonly options: StackOptions;
  readonly root: string;
  readonly dataDir: string;
  readonly given: Source;
  readonly values: Values<typeof stackEnv>;
  readonly gatewayPort: number;
  /** Where health checks find processes that listen on HOST. */
  readonly healthHost: string;
  readonly storePorts: StorePorts;
  readonly storeSettings: {
    readonly postgresSettings: Readonly<Record<string, string>>;
    readonly redisSettings: Readonly<Record<string, string>>;
  };
  readonly chosen: readonly Service[];
  readonly secrets: Secrets;
  readonly supervisor: Supervisor;
  phase<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Ends all processes and lets no new one begin; what waits for them then fails. */
  halt(): Promise<void>;
  /** Halts, and gives up the folder; further calls wait for the first. */
  close(): Promise<void>;
}

export async function openStack(options: StackOptions): Promise<StackContext> {
  const root = options.root ?? cloneRoot();
  const scratch = options.scratch ?? false;
  const given = { ...options.env, ...(options.portOffset !== undefined && { PORT_OFFSET: String(options.portOffset) }) };
  const values = stackEnv.read(given);
  const chosen = choose(root, options.only);
  refuseMakeshiftsInProduction(given, chosen);
  if (values.NODE_ENV === 'production') await judgeDeclaredVariables(root, chosen, given);

  const dataDir =
    options.dataDir !== undefined || !scratch ? resolve(root, options.dataDir ?? values.DATA_DIR) : mkdtempSync(join(tmpdir(), 'only2u-'));
  makeDataDir(dataDir);
  const lock = lockDataDir(dataDir);
  const ports = storePortsAt(values.PORT_OFFSET);
  const gatewayPort = values.GATEWAY_PORT ?? serviceOf('gateway').port + values.PORT_OFFSET;
  try {
    await sweepLeftovers(dataDir);
    const secrets = secretsOf(dataDir);
    await requireFreePorts(wantedPorts(options, root, given, chosen, ports, gatewayPort, values.PORT_OFFSET, secrets), values.HOST);
    const supervisor = new Supervisor({
      dataDir,
      log: options.onLog ?? (() => undefined),
      remark: options.onRemark ?? (() => undefined),
      autoRestart: options.autoRestart ?? true,
      scratch: scratch ? dataFolders(dataDir) : [],
    });
    let closing: Promise<void> | undefined;
    const halt = () => supervisor.stopAll(({ name }) => stopRank(name));
    const close = async () => {
      await halt();
      lock.release();
      if (scratch) removeFolders(dataFolders(dataDir));
    };
    return {
      ...{ options, root, dataDir, given, values, gatewayPort, chosen, secrets, supervisor },
      healthHost: ['0.0.0.0', '::'].includes(values.HOST) ? '127.0.0.1' : values.HOST,
      storePorts: ports,
      storeSettings: {
        postgresSettings: { ...(scratch && scratchSettings), ...options.postgresSettings },
        redisSettings: options.redisSettings ?? {},
      },
      phase: async (name, work) => {
        const began = performance.now();
        const result = await work();
        options.onPhase?.(name, (performance.now() - began) / 1000);
        return result;
      },
      halt,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    lock.release();
    if (scratch) removeFolders(dataFolders(dataDir));
    throw error;
  }
}

/** auth comes along: no process is ready before it has read auth's keys and revocations. */
function choose(root: string, only: readonly ServiceName[] | undefined): readonly Service[] {
  const built = builtServices(root);
  if (only?.length === 0) return [];
  return only === undefined ? built : built.filter(({ name }) => name === 'auth' || only.includes(name));
}

function storePortsAt(offset: number): StorePorts {
  const { postgres, redis, redisCache } = storePorts;
  return { postgres: postgres + offset, redis: redis + offset, redisCache: redisCache + offset };
}

function wantedPorts(
  { together }: StackOptions,
  root: string,
  given: Source,
  chosen: readonly Service[],
  ports: StorePorts,
  gatewayPort: number,
  offset: number,
  secrets: Secrets,
): readonly WantedPort[] {
  const variable = 'PORT_OFFSET';
  const stores = missingStores(given);
  const sandbox = razorpaySandbox(offset, secrets);
  return [
    ...(stores.postgres ? [{ port: ports.postgres, name: 'postgres', variable }] : []),
    ...(stores.redis ? [{ port: ports.redis, name: 'redis', variable }] : []),
    ...(stores.redisCache ? [{ port: ports.redisCache, name: 'redis-cache', variable }] : []),
    ...(given.RAZORPAY_KEY_ID || !hasRazorpaySimulator(root)
      ? []
      : [
          { port: sandbox.port, name: 'razorpay-sim', variable },
          { port: sandbox.controlPort, name: "razorpay-sim's controls", variable },
        ]),
    ...chosen.flatMap(({ name, port: usual }) => {
      const [port, moves] = name === 'gateway' ? [gatewayPort, 'GATEWAY_PORT'] : [usual + offset, variable];
      // A process of its own can be told of another port for its probes; several in one are found at their usual ones.
      const probes = { port: port + probePortDistance, name: `${name}'s probes`, variable: moves };
      return [{ port, name, variable: moves }, ...(together ? [probes] : [])];
    }),
  ];
}

/** Services first, then what they talk to, the stores last. */
function stopRank(name: string): number {
  if (name === 'postgres' || name === 'redis' || name === 'redis-cache') return 0;
  return name === 'razorpay-sim' ? 1 : 2;
}
