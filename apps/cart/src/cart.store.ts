import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import type { OrderLine } from '#libs/contracts/reservation';
import { commandConnection, whenReady } from '#libs/messaging/redis';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger, InjectSettings } from '#libs/runtime/core.module';
import { Readiness } from '#libs/runtime/probes';
import { redisUrl, type Settings } from '#libs/runtime/settings';
import { CartRepository } from './cart.repository.ts';
import type { KeptCart, Snapshot } from './cart.ts';
import { digestsOf, fromFields, toFields } from './cart-value.ts';
import { keepingScripts } from './scripts/keeping.ts';
import { writingScripts } from './scripts/writing.ts';

/** Carts that have changed and are not in Postgres yet, by when that began or until when a replica is at it (ms). */
const DIRTY = 'only2u:carts:dirty';
/** Lives until the next flush. */
const GENERATION = 'only2u:carts:generation';
const cartKey = (owner: string): string => `only2u:cart:${owner}`;

const CONNECT_MS = 10_000;
/** Between two tries only a flush can come, or the end of 30 idle days. */
const MAX_TRIES = 5;

export type WriteRefusal = 'reused' | 'stale' | 'line_limit' | 'too_many_lines' | 'out_of_stock' | 'no_line';
/** What a write made of the cart, or why it made nothing. */
export type Written = KeptCart | WriteRefusal;

/** What guards a write: `If-Match` and the idempotency key. */
export type Guard = Pick<Call, 'ifMatch' | 'idempotency'>;

export interface NewQuantity {
  readonly variantId: string;
  readonly quantity: number;
  /** Units that can be bought now; the whole new quantity must be among them. */
  readonly available: number;
  readonly written: Snapshot;
}

/** Carts in Redis, each read and changed in one step; one that is missing there is fetched from Postgres first. */
@Injectable()
export class CartStore implements OnApplicationShutdown {
  private readonly redis: Redis;

  constructor(
    private readonly repository: CartRepository,
    @InjectSettings() settings: Settings,
    @InjectLogger() logger: Logger,
    readiness: Readiness,
  ) {
    this.redis = commandConnection(redisUrl(settings, 'cart'), (error) => logger.warn({ reason: error.message }, 'cart.redis_error'));
    for (const [name, lua] of Object.entries(writingScripts)) this.redis.defineCommand(name, { numberOfKeys: 2, lua });
    this.redis.defineCommand('cartRestore', { numberOfKeys: 2, lua: keepingScripts.cartRestore });
    this.redis.defineCommand('cartClaim', { numberOfKeys: 1, lua: keepingScripts.cartClaim });
    this.redis.defineCommand('cartSettle', { lua: keepingScripts.cartSettle });
    readiness.require({ name: 'redis-cart', isUp: () => this.redis.status === 'ready' });
  }

  async connect(): Promise<void> {
    await whenReady(this.redis, CONNECT_MS);
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  async read(owner: string): Promise<KeptCart> {
    return this.restoring(owner, async () => fromFields(owner, flat(await this.reach(this.redis.hgetall(cartKey(owner))))));
  }

  /** The same variant adds up. */
  add(owner: string, { variantId, quantity, available, written }: NewQuantity, guard: Guard): Promise<Written> {
    return this.write('cartAdd', owner, guard, [variantId, quantity, available, uuidv7(), JSON.stringify(written)]);
  }

  /** 0 removes the line, whatever is available. */
  set(owner: string, itemId: string, { variantId, quantity, available, written }: NewQuantity, guard: Guard): Promise<Written> {
    return this.write('cartSet', owner, guard, [variantId, itemId, quantity, available, JSON.stringify(written)]);
  }

  clear(owner: string, guard: Guard): Promise<Written> {
    return this.write('cartClear', owner, guard, []);
  }

  /** Takes the lines out of the cart unless it has seen this event. `isNew`: it had not. */
  async consume(owner: string, eventId: string, lines: readonly OrderLine[]): Promise<{ cart: KeptCart; isNew: boolean }> {
    const quantities = lines.flatMap(({ variantId, quantity }) => [variantId, quantity]);
    return this.restoring(owner, async () => {
      const [outcome, ...fields] = await this.script('cartConsume', owner, {}, [eventId, ...quantities]);
      const cart = fromFields(owner, fields);
      return cart === undefined ? undefined : { cart, isNew: outcome === 'written' };
    });
  }

  /** Owners of changed carts that this replica is to store, for `leaseMs`. */
  async claim(limit: number, leaseMs: number): Promise<string[]> {
    return (await this.run('cartClaim', [DIRTY, limit, leaseMs])) as string[];
  }

  /** Those that Redis has. */
  async readAll(owners: readonly string[]): Promise<KeptCart[]> {
    const found = await Promise.all(
      owners.map(async (owner) => fromFields(owner, flat(await this.reach(this.redis.hgetall(cartKey(owner)))))),
    );
    return found.filter((cart) => cart !== undefined);
  }

  /**
   * Ends the claim of carts that are stored, with what was stored (sequence 0 for a cart that was not there); one written since is due
   * again after `pauseMs`. Answers those of which Redis has an older state than Postgres.
   */
  async settle(stored: readonly Pick<KeptCart, 'owner' | 'sequence'>[], pauseMs: number): Promise<string[]> {
    const keys = stored.map(({ owner }) => cartKey(owner));
    const sequences = stored.flatMap(({ owner, sequence }) => [owner, sequence]);
    return (await this.run('cartSettle', [keys.length + 1, DIRTY, ...keys, pauseMs, ...sequences])) as string[];
  }

  /** Brings the copy in Postgres to Redis where that has none, or an older one. */
  async restore(owner: string): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const fresh = randomUUID();
      const generation = (await this.reach(this.redis.set(GENERATION, fresh, 'NX', 'GET'))) ?? fresh;
      const cart = (await this.repository.find(owner)) ?? neverWritten(owner);
      const outcome = await this.run('cartRestore', [cartKey(owner), GENERATION, generation, cart.sequence, ...toFields(cart)]);
      if (outcome !== 'flushed') return;
    }
    throw refuse('unavailable');
  }

  private async write(
    script: keyof typeof writingScripts,
    owner: string,
    guard: Guard,
    own: readonly (string | number)[],
  ): Promise<Written> {
    return this.restoring(owner, async () => {
      const [outcome, ...fields] = await this.script(script, owner, guard, own);
      if (outcome === 'missing') return undefined;
      return fromFields(owner, fields) ?? (outcome as WriteRefusal);
    });
  }

  private async script(
    name: keyof typeof writingScripts,
    owner: string,
    { ifMatch, idempotency }: Guard,
    own: readonly (string | number)[],
  ): Promise<string[]> {
    const { key, body } = idempotency === undefined ? { key: '', body: '' } : digestsOf(idempotency);
    // `If-Match: *` asks only that there is a cart, and there always is.
    const expected = ifMatch === '*' ? '' : (ifMatch ?? '');
    return (await this.run(name, [cartKey(owner), DIRTY, expected, key, body, randomUUID(), owner, ...own])) as string[];
  }

  private async restoring<T>(owner: string, attempt: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const result = await attempt();
      if (result !== undefined) return result;
      await this.restore(owner);
    }
    throw refuse('unavailable');
  }

  private run(script: string, args: readonly (string | number)[]): Promise<unknown> {
    // ioredis adds a method for each defined command and cannot type it.
    const scripted = this.redis as unknown as Record<string, (...args: readonly (string | number)[]) => Promise<unknown>>;
    return this.reach(scripted[script]?.(...args) ?? Promise.reject(new Error(`${script} is not defined`)));
  }

  /** A Redis that is away, still loading, full or a replica may do the same later; any other error it answers is a bug. */
  private async reach<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } catch (error) {
      const isAnswer = error instanceof Error && error.name === 'ReplyError';
      if (isAnswer && !/^(LOADING|OOM|READONLY|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|-?MISCONF)/.test(error.message)) throw error;
      throw refuse('unavailable');
    }
  }
}

const flat = (fields: Record<string, string>): string[] => Object.entries(fields).flat();

/** Kept in Redis too: the next read does not ask Postgres again, and the first `If-Match` has something to match. */
const neverWritten = (owner: string): KeptCart => ({
  owner,
  version: randomUUID(),
  sequence: 0,
  updatedAt: Date.now(),
  lines: [],
  keys: '',
  events: '',
});
