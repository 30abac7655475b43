import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '#libs/runtime/environment';
import { redisUserLines, redisUserOfAll, redisUsers, TOGETHER } from '#libs/runtime/redis-users';
import {
  builtServices,
  databaseVariable,
  migrationDatabaseVariable,
  passwordVariable,
  type Service,
  type ServiceName,
  serviceOf,
} from '#libs/runtime/topology';
import { withPassword } from '#libs/runtime/url-password';
import { ensureDatabases } from './databases.ts';
import { type Facts, jobEnvironment, serviceEnvironment } from './process-environment.ts';
import { appFile, hasRazorpaySimulator, nodeCommand, type RazorpaySandbox, razorpaySandbox, razorpaySpec } from './process-specs.ts';
import { loginPassword, redisPassword, type Secrets } from './secrets.ts';
import { type Place, ServiceProcesses } from './service-processes.ts';
import { throughSockets } from './sockets.ts';
import { openStack, type StackContext, type StackOptions } from './stack-context.ts';
import { dataFolders, type Stores, startStores } from './stores.ts';
import { ProcessFailed, type SupervisedProcess } from './supervised-process.ts';

export type { StackOptions } from './stack-context.ts';

/** Who can sign in to the demo shop, as the seeding job reports it over IPC: `process.send({ logins: [{ role, login, password }] })`. */
export interface DemoLogin {
  readonly role: string;
  readonly login: string;
  readonly password: string;
}

/**
 * Starts Only2U on this machine: the stores that `env` names no others for, databases and migrations, demo data if asked for, the Razorpay
 * simulator unless `env` has RAZORPAY_KEY_ID, and the services whose code exists, all ready when it resolves. `dist` must be built.
 * On any failure everything is stopped again.
 * @throws DataDirInUse, PortsTaken, EnvironmentError, ProcessFailed; each message is for people.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const context = await openStack(options);
  const abort = () => void context.halt();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    options.signal?.throwIfAborted();
    const stack = new Stack(context);
    await stack.start();
    options.signal?.throwIfAborted();
    return stack;
  } catch (error) {
    await context.close();
    throw options.signal?.aborted ? options.signal.reason : error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

export class Stack {
  readonly dataDir: string;
  readonly portOffset: number;
  readonly secrets: Secrets;
  /** Set when the simulator stands for Razorpay. */
  readonly razorpay: RazorpaySandbox | undefined;
  logins: readonly DemoLogin[] = [];
  readonly #context: StackContext;
  readonly #services: ServiceProcesses;
  #stores: Stores | undefined;
  /** By TCP, which serves tools too. */
  #databaseUrls: Readonly<Record<string, string>> = {};
  #facts: Facts | undefined;

  constructor(context: StackContext) {
    this.#context = context;
    this.#services = new ServiceProcesses(context, (...which) => this.#environmentOf(...which));
    this.dataDir = context.dataDir;
    this.portOffset = context.values.PORT_OFFSET;
    this.secrets = context.secrets;
    const sandboxed = !context.given.RAZORPAY_KEY_ID && hasRazorpaySimulator(context.root);
    this.razorpay = sandboxed ? razorpaySandbox(this.portOffset, context.secrets) : undefined;
  }

  /** Whether the first replicas run in one process. */
  get isTogether(): boolean {
    return this.#context.options.together === true;
  }

  /** By name: `postgres`, `redis`, `redis-cache`, `razorpay-sim`, a service's name or `all`, and `order-2` for its second replica. */
  get processes(): ReadonlyMap<string, SupervisedProcess> {
    return this.#context.supervisor.processes;
  }

  /** The process of that name, or the one that runs the service of that name. @throws Error when there is none. */
  process(name: string): SupervisedProcess {
    const found = this.processes.get(name) ?? (this.#services.places.has(name) ? this.processes.get(TOGETHER) : undefined);
    if (found === undefined) throw new Error(`The stack has no process ${name}; it has ${[...this.processes.keys()].join(', ')}`);
    return found;
  }

  replicasOf(service: ServiceName): readonly SupervisedProcess[] {
    return this.#services.replicasOf(service);
  }

  /** Where the data lies. */
  get folders(): readonly string[] {
    return dataFolders(this.dataDir).filter((folder) => existsSync(folder));
  }

  /** By process name. */
  get ports(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.processes.values()].map(({ name, port }) => [name, port]));
  }

  /** `http://127.0.0.1:<port>` of a service or process: `url('gateway')`. */
  url(name: string): string {
    return `http://127.0.0.1:${this.#services.places.get(name)?.port ?? this.process(name).port}`;
  }

  /** Where a service's replica serves probes and metrics: `probeUrl('order-2')`. */
  probeUrl(name: string): string {
    return `http://127.0.0.1:${this.#services.places.get(name)?.probePort}`;
  }

  /** URL of every service's replicas and of the simulator, by process name. */
  get urls(): Readonly<Record<string, string>> {
    const simulator = this.processes.has('razorpay-sim') ? ['razorpay-sim'] : [];
    return Object.fromEntries([...this.#services.places.keys(), ...simulator].map((name) => [name, this.url(name)]));
  }

  /** The login that may do everything, database `postgres` (or the DATABASE_URL that was given). */
  get adminDatabaseUrl(): string {
    return this.#started().stores.databaseUrl;
  }

  /** The service's own database, as the login it runs as, or as the one that owns its tables. */
  databaseUrl(service: ServiceName, as: 'service' | 'owner' = 'service'): string {
    const all = this.#databaseUrls;
    const url = (as === 'owner' ? all[migrationDatabaseVariable(service)] : undefined) ?? all[databaseVariable(service)];
    if (url === undefined) throw new Error(`The stack has no database for ${service}`);
    return url;
  }

  get redisUrls(): Stores['redisUrls'] {
    return this.#started().stores.redisUrls;
  }

  /** Starts one more replica on a free port and waits until it is ready. `env` goes over what its siblings have. */
  async addReplica(service: ServiceName, env: Readonly<Record<string, string>> = {}): Promise<SupervisedProcess> {
    const added = await this.#services.addFurther(serviceOf(service), env);
    await added.start();
    return added;
  }

  /** What goes over the environment of a process, from its next start on. */
  setEnvironment(name: string, env: Readonly<Record<string, string>>): void {
    this.#services.extra.set(name, env);
  }

  async removeReplica(name: string): Promise<void> {
    await this.#context.supervisor.remove(name);
  }

  /** Whether deaths are answered by new starts, for all processes or those named. */
  setAutoRestart(value: boolean, ...names: readonly string[]): void {
    for (const process of this.processes.values()) if (names.length === 0 || names.includes(process.name)) process.autoRestart = value;
  }

  /** Ends every process in good order, services before stores; leaves no process, port or lock, and of a scratch stack no data. */
  stop(): Promise<void> {
    return this.#context.close();
  }

  /** Called once, by `startStack`. */
  async start(): Promise<void> {
    const context = this.#context;
    const { options, values } = context;
    this.#requireBuild();
    const built = builtServices(context.root).map(({ name }) => name);
    const stores = await context.phase('stores', () =>
      startStores(context.supervisor, context.given, {
        dataDir: context.dataDir,
        ports: context.storePorts,
        postgresPassword: context.secrets.POSTGRES_PASSWORD,
        ...context.storeSettings,
        redisUsers: redisUserLines([...redisUsers(values.REDIS_PREFIX, built), redisUserOfAll(values.REDIS_PREFIX, built)], (service) =>
          redisPassword(context.secrets, service),
        ),
        say: (sentence) => options.onRemark?.('stack', sentence),
      }),
    );
    this.#stores = stores;
    const owners = builtServices(context.root).filter(({ database }) => database);
    const own = Object.fromEntries(
      owners.flatMap(({ name }) =>
        [databaseVariable(name), migrationDatabaseVariable(name)].flatMap((variable) => named(variable, context.given)),
      ),
    );
    const made = owners.filter(({ name }) => own[databaseVariable(name)] === undefined).map(({ name }) => name);
    const databaseUrls = await context.phase('databases', async () => ({
      ...own,
      ...(await ensureDatabases({
        url: stores.databaseUrl,
        prefix: values.DATABASE_PREFIX,
        services: made,
        passwordOf: (service, as) => loginPassword(context.secrets, service, as),
      })),
    }));
    this.#databaseUrls = databaseUrls;
    this.#facts = {
      given: context.given,
      shared: this.#shared(),
      secrets: context.secrets,
      ...throughSockets(stores, databaseUrls, own),
      redisPrefix: values.REDIS_PREFIX,
      razorpaySandbox: this.razorpay !== undefined,
      smallHeap: options.smallHeap ?? true,
    };
    const names = owners.map(({ name }) => name);
    await context.phase('migrations', () => this.#job('migrate', names));
    if (options.seed === true) await context.phase('demo shop', () => this.#job('seed', names));
    await context.phase('services', () => this.#startServices());
  }

  #shared(): Record<string, string> {
    const { values, gatewayPort, dataDir, given } = this.#context;
    return {
      STORAGE_DIR: given.STORAGE_DIR || join(dataDir, 'files'),
      NODE_ENV: values.NODE_ENV,
      PORT_OFFSET: String(values.PORT_OFFSET),
      HOST: values.HOST,
      LOG_FORMAT: 'json',
      PUBLIC_URL: values.PUBLIC_URL ?? `http://localhost:${gatewayPort}`,
      ...(this.razorpay && { RAZORPAY_BASE_URL: this.razorpay.url, RAZORPAY_CHECKOUT_URL: this.razorpay.url }),
    };
  }

  /** Runs `dist/libs/runtime/<name>.js`. */
  async #job(name: 'migrate' | 'seed', args: readonly string[]): Promise<void> {
    const { root, supervisor } = this.#context;
    const file = join(root, 'dist', 'libs', 'runtime', `${name}.js`);
    if (!existsSync(file)) throw new ProcessFailed(`${file} is missing: build first (npm run build)`);
    await supervisor.run(name, nodeCommand(root, [file, ...args], jobEnvironment(this.#started().facts)), (message) => {
      if (typeof message === 'object' && message !== null && 'logins' in message && Array.isArray(message.logins))
        this.logins = message.logins;
    });
  }

  async #startServices(): Promise<void> {
    const { root, options, supervisor, chosen, dataDir, gatewayPort } = this.#context;
    const all: SupervisedProcess[] = [];
    if (this.razorpay !== undefined) {
      const webhook = `http://127.0.0.1:${gatewayPort}/api/payments/webhook`;
      all.push(supervisor.add(razorpaySpec(root, this.razorpay, webhook, join(dataDir, 'razorpay-ledger.jsonl'))));
    }
    if (this.isTogether && chosen.length > 0) all.push(this.#services.addTogether(chosen));
    for (const service of chosen) {
      for (let replica = this.isTogether ? 2 : 1; replica <= (options.replicas?.[service.name] ?? 1); replica += 1)
        all.push(await this.#services.addReplica(service, replica));
    }
    let ready = 0;
    const outcomes = all.map(async (process) => {
      await process.start();
      ready += 1;
      options.onProgress?.(ready, all.length);
    });
    // The first failure stops the start; the others' own failures follow from that and are not news.
    for (const outcome of outcomes) outcome.catch(() => undefined);
    await Promise.all(outcomes);
  }

  #environmentOf(members: readonly Service[], name: string, ports: Place, replica: number): Record<string, string> {
    const isEdge = members.some((service) => service.name === 'gateway');
    return {
      ...serviceEnvironment(this.#started().facts, members, name, ports, replica),
      ...(isEdge && this.logins.length > 0 && { DEMO_LOGINS: JSON.stringify(this.logins) }),
    };
  }

  #requireBuild(): void {
    const missing = this.#context.chosen.filter((service) => !existsSync(appFile(this.#context.root, service)));
    if (missing.length > 0)
      throw new ProcessFailed(`Not built: ${missing.map(({ name }) => name).join(', ')}. Build first (npm run build).`);
  }

  #started(): { stores: Stores; facts: Facts } {
    if (this.#stores === undefined || this.#facts === undefined) throw new Error('The stack has not started its stores yet');
    return { stores: this.#stores, facts: this.#facts };
  }
}

function named(name: string, given: Source): [string, string][] {
  return given[name] ? [[name, withPassword(given[name], given[passwordVariable(name)] || undefined)]] : [];
}
