import { randomUUID } from 'node:crypto';
import { createApiClient, type Schemas } from '#libs/client/client';
import { freePortOffset } from '#libs/local-stack/ports';
import { type Stack, startStack } from '#libs/local-stack/stack';
import type { ServiceName } from '#libs/runtime/topology';
import { inTurn, type Pids } from './load.ts';
import { PROFILABLE } from './profiler.ts';
import type { Setting } from './scenario.ts';

export type Api = ReturnType<typeof createApiClient>;
export interface Customer {
  readonly api: Api;
  readonly token: string;
}
export interface Variant {
  readonly productId: string;
  readonly variantId: string;
}

/** Razorpay's double and the load generator are no part of the cost. */
const NOT_COUNTED = 'razorpay-sim';
const PLENTY = 1_000_000;

/** A whole shop on scratch stores, with rate limits out of the way. */
export class Shop {
  readonly stack: Stack;
  readonly admin: Customer;
  readonly url: string;

  private constructor(stack: Stack, admin: Customer) {
    this.stack = stack;
    this.admin = admin;
    this.url = stack.url('gateway');
  }

  static async open(setting: Setting, options: { only?: readonly ServiceName[]; smallHeap?: boolean } = {}): Promise<Shop> {
    const stack = await startStack({
      env: { LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100000', ...(setting.profile ? PROFILABLE : {}) },
      scratch: true,
      seed: true,
      autoRestart: false,
      smallHeap: options.smallHeap ?? false,
      portOffset: await freePortOffset(),
      signal: setting.signal,
      ...(options.only === undefined ? {} : { only: options.only }),
    });
    try {
      const login = stack.logins.find(({ role }) => role === 'admin');
      if (login === undefined) throw new Error('the demo data has no admin');
      const api = createApiClient({ baseUrl: stack.url('gateway') });
      const signedIn = await taken(api.POST('/api/auth/login', { body: { email: login.login, password: login.password } }));
      return new Shop(stack, customerOf(stack.url('gateway'), signedIn));
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.stack.stop();
  }

  /** All processes that a request may cost something. */
  get pids(): Pids {
    const counted = [...this.stack.processes.values()].filter(({ name }) => name !== NOT_COUNTED);
    return Object.fromEntries(counted.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]])));
  }

  /** Signed in: what a password costs is no part of a checkout. */
  async customers(count: number): Promise<Customer[]> {
    const api = createApiClient({ baseUrl: this.url });
    const customers: Customer[] = [];
    await inTurn(count, 4, async () => {
      const body = { email: `bench-${randomUUID()}@example.com`, password: 'saffron kites over jaipur', name: 'Bench Customer' };
      customers.push(customerOf(this.url, await taken(api.POST('/api/auth/register', { body }))));
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
}

/** The answer's body. @throws Error with the problem document of a refusal. */
export async function taken<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`);
  return data;
}

function customerOf(baseUrl: string, { accessToken }: Schemas['SignedIn']): Customer {
  return { api: createApiClient({ baseUrl, accessToken: () => accessToken }), token: accessToken };
}
