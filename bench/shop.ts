import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { createApiClient, type Schemas, sessionIn } from '#libs/client/client';
import { freePortOffset } from '#libs/local-stack/ports';
import type { Stack } from '#libs/local-stack/stack';
import type { ServiceName } from '#libs/runtime/topology';
import { say } from '../tools/progress.ts';
import { Buyer, buy, type Purchase } from './buyer.ts';
import { type BenchCassandra, openCassandra } from './cassandra.ts';
import type { Code } from './code.ts';
import { inTurn, type Pids } from './load.ts';
import { PROFILABLE } from './profiler.ts';
import type { Setting, Topology } from './scenario.ts';

export type Api = ReturnType<typeof createApiClient>;
export interface Customer {
  readonly api: Api;
  readonly token: string;
  /** The same customer, for loads. */
  readonly buyer: Buyer;
}
export interface Variant {
  readonly productId: string;
  readonly variantId: string;
}

export interface ShopOptions {
  readonly only?: readonly ServiceName[];
  readonly smallHeap?: boolean;
  /** Whether a commit waits for the disk, as in a shop that keeps its data. */
  readonly durable?: boolean;
  /** A Cassandra beside it, where notification keeps what grows. */
  readonly cassandra?: boolean;
  /** A program of bench/programs that every process of the shop loads first, and the folder it writes to. */
  readonly preload?: { readonly program: string; readonly folder: string };
}

/** Razorpay's double and the load generator are no part of the cost. */
const NOT_COUNTED = 'razorpay-sim';
const PLENTY = 1_000_000;

/** A whole shop on scratch stores, with rate limits out of the way. */
export class Shop {
  readonly code: Code;
  readonly topology: Topology;
  readonly stack: Stack;
  readonly admin: Customer;
  readonly url: string;
  readonly cassandra: BenchCassandra | undefined;
  private readonly agent: Agent;

  private constructor(code: Code, topology: Topology, stack: Stack, admin: Customer, agent: Agent, cassandra: BenchCassandra | undefined) {
    this.code = code;
    this.topology = topology;
    this.stack = stack;
    this.admin = admin;
    this.url = stack.url('gateway');
    this.agent = agent;
    this.cassandra = cassandra;
  }

  /** @throws Error when this code cannot run in that topology. */
  static async open(code: Code, setting: Setting, topology: Topology, options: ShopOptions = {}): Promise<Shop> {
    const { preload } = options;
    const cassandra = options.cassandra === true ? await openCassandra(say) : undefined;
    const starting = startedSomewhere(code, setting, (portOffset) => ({
      env: {
        LOG_LEVEL: 'warn',
        RATE_LIMIT_SCALE: '100000',
        SOCKETS_PER_USER: '10000',
        SOCKETS_PER_ADDRESS: '100000',
        ...(setting.profile ? PROFILABLE : {}),
        ...(preload && { NODE_OPTIONS: `--import=file://${preload.program}`, BENCH_COUNTS: preload.folder }),
        ...(cassandra && { CASSANDRA_CONTACT_POINTS: cassandra.contactPoint }),
      },
      scratch: true,
      seed: true,
      autoRestart: false,
      smallHeap: options.smallHeap ?? false,
      portOffset,
      signal: setting.signal,
      ...(options.durable === true && { postgresSettings: { fsync: 'on', full_page_writes: 'on' } }),
      ...(options.only === undefined ? {} : { only: options.only }),
      ...(topology === 'together' && { together: true }),
    }));
    const stack = await starting.catch(async (error: unknown) => {
      await cassandra?.stop();
      throw error;
    });
    try {
      if (topology === 'together' && stack.processes.has('auth')) throw new Error(`${code.name} cannot run its services together`);
      const login = stack.logins.find(({ role }) => role === 'admin');
      if (login === undefined) throw new Error('the demo data has no admin');
      const url = stack.url('gateway');
      const api = createApiClient({ baseUrl: url });
      const signedIn = sessionIn(await taken(api.POST('/api/auth/login', { body: { email: login.login, password: login.password } })));
      if (signedIn === undefined) throw new Error('the demo admin has a second factor');
      const agent = new Agent({ keepAlive: true });
      return new Shop(code, topology, stack, customerOf(url, signedIn, agent), agent, cassandra);
    } catch (error) {
      await stack.stop();
      await cassandra?.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.stack.stop();
    await this.cassandra?.stop();
  }

  /** All processes that a request may cost something. */
  get pids(): Pids {
    const counted = [...this.stack.processes.values()].filter(({ name }) => name !== NOT_COUNTED);
    const { cassandra } = this;
    return {
      ...Object.fromEntries(counted.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]]))),
      ...(cassandra && { cassandra: cassandra.pid }),
    };
  }

  /** Signed in: what a password costs is no part of a checkout. */
  async customers(count: number): Promise<Customer[]> {
    const api = createApiClient({ baseUrl: this.url });
    const customers: Customer[] = [];
    await inTurn(count, 4, async () => {
      const body = { email: `bench-${randomUUID()}@example.com`, password: 'saffron kites over jaipur', name: 'Bench Customer' };
      customers.push(customerOf(this.url, await taken(api.POST('/api/auth/register', { body })), this.agent));
    });
    return customers;
  }

  /** Variants of as many products, with stock for any bench: one each, so that orders do not queue for one row. */
  async variants(count: number): Promise<Variant[]> {
    const { items } = await taken(this.admin.api.GET('/api/products', { params: { query: { limit: count } as never } }));
    const variants: Variant[] = [];
    for (const { id } of items) {
      const { variants: all } = await taken(this.admin.api.GET('/api/products/{id}', { params: { path: { id } } }));
      const variantId = all[0]?.id;
      if (variantId === undefined) continue;
      await taken(
        this.admin.api.PUT('/api/products/{id}/variants/{variantId}/stock', {
          params: { path: { id, variantId } },
          body: { onHand: PLENTY },
        }),
      );
      variants.push({ productId: id, variantId });
    }
    return variants;
  }

  /** One whole checkout of one piece. */
  buy({ buyer }: Customer, { variantId }: Variant): Promise<Purchase> {
    return buy(buyer, variantId, this.stack.razorpay?.controlUrl ?? '', this.agent);
  }
}

/** A program that takes one of the ports between the look and the start is no reason to give a bench up. */
async function startedSomewhere(
  { startStack }: Code,
  { signal }: Setting,
  optionsAt: (portOffset: number) => Parameters<Code['startStack']>[0],
): Promise<Stack> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startStack(optionsAt(await freePortOffset()));
    } catch (error) {
      const isTaken = error instanceof Error && (error.name === 'PortsTaken' || error.message.includes('EADDRINUSE'));
      if (!isTaken || tries === 3 || signal.aborted) throw error;
    }
  }
}

/** The answer's body. @throws Error with the problem document of a refusal. */
export async function taken<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`);
  return data;
}

function customerOf(baseUrl: string, { accessToken }: Schemas['SignedIn'], agent: Agent): Customer {
  return {
    api: createApiClient({ baseUrl, accessToken: () => accessToken }),
    token: accessToken,
    buyer: new Buyer(baseUrl, accessToken, agent),
  };
}
