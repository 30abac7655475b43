import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { notFound, refuse } from '#libs/contracts/errors';
import type { OrderLine } from '#libs/contracts/product/messages';
import { commandConnection, whenReady } from '#libs/messaging/redis';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger, InjectSettings } from '#libs/runtime/core.module';
import { Readiness } from '#libs/runtime/probes';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import { CartRepository } from './cart.repository.ts';
import { isGuest, isOpen, type KeptCart, type Snapshot } from './cart.ts';
import { digestsOf, fromFields, mergeEventOf, toFields, unreadableLines } from './cart-value.ts';
import { keepingScripts } from './scripts/keeping.ts';
import { mergingScripts } from './scripts/merging.ts';
import { writingScripts } from './scripts/writing.ts';

/** Carts that have changed and are not in Postgres yet, by when that began or until when a replica is at it (ms). */
const DIRTY = 'carts:dirty';
/** Lives until the next flush. */
const GENERATION = 'carts:generation';
const cartKey = (owner: string): string => `cart:${owner}`;

const CONNECT_MS = 10_000;
/** Between two tries only a flush can come, or the end of 30 idle days. */
const MAX_TRIES = 5;

export type WriteRefusal = 'reused' | 'stale' | 'line_limit' | 'too_many_lines' | 'out_of_stock' | 'no_line' | 'no_variant' | 'merged';
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

/** A variant that product does not know: only a repeat of a known write passes with it. */
export type UnknownVariant = Pick<NewQuantity, 'variantId' | 'quantity'>;

/** A cart that has taken an event in; `isNew`: just now. */
export interface EventInCart {
  readonly cart: KeptCart;
  readonly isNew: boolean;
}

/** A guest's line on its way into a user's cart. */
export interface GuestLine {
  readonly variantId: string;
  readonly available: number;
  /** Undefined where the variant was withdrawn: then what the guest's line was written with stays. */
  readonly written: Snapshot | undefined;
}

/** Carts in Redis, each read and changed in one step; a cart that is missing there is fetched from Postgres first. */
@Injectable()
export class CartStore implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly redis: Redis;

  constructor(
    private readonly repository: CartRepository,
    @InjectSettings() settings: Settings,
    @InjectLogger() logger: Logger,
    readiness: Readiness,
  ) {
    this.redis = commandConnection(redisPlace(settings, 'cart'), (error) => logger.warn({ reason: error.message }, 'cart.redis_error'));
    for (const [name, lua] of Object.entries(writingScripts)) this.redis.defineCommand(name, { numberOfKeys: 2, lua });
    this.redis.defineCommand('cartMerge', { numberOfKeys: 3, lua: mergingScripts.cartMerge });
    this.redis.defineCommand('cartRestore', { numberOfKeys: 2, lua: keepingScripts.cartRestore });
    this.redis.defineCommand('cartClaim', { numberOfKeys: 1, lua: keepingScripts.cartClaim });
    this.redis.defineCommand('cartForget', { numberOfKeys: 1, lua: keepingScripts.cartForget });
    this.redis.defineCommand('cartSettle', { lua: keepingScripts.cartSettle });
    readiness.require({ name: 'redis-cart', isUp: () => this.redis.status === 'ready' });
  }

  async onApplicationBootstrap(): Promise<void> {
    await whenReady(this.redis, CONNECT_MS);
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  async read(owner: string): Promise<KeptCart> {
    return this.restoring(owner, async () => {
      const fields = await this.fieldsOf(owner);
      const cart = fromFields(owner, fields);
      if (cart !== undefined) await this.forgetUnreadable(cart, fields);
      return cart;
    });
  }

  /** A guest's cart that is not taken over. @throws not_found */
  async readOpen(owner: string): Promise<KeptCart> {
    const cart = await this.read(owner);
    if (!isOpen(cart, Date.now())) throw notFound();
    return cart;
  }

  /** A new guest's cart. */
  async open(owner: string): Promise<KeptCart> {
    const cart = fromFields(owner, (await this.script('cartOpen', owner, {}, [])).slice(1));
    if (cart === undefined) throw new Error('a cart that was just written has no fields');
    return cart;
  }

  setCoupon(owner: string, code: string, guard: Guard): Promise<Written> {
    return this.write('cartCoupon', owner, guard, [code]);
  }

  /**
   * Adds a guest's lines to the cart, as that guest's cart was read, once. `known`: the cart has them already. `guest_changed`: nothing was
   * done, read it again. @throws not_found when somebody else has taken the guest's cart over.
   */
  async merge(
    owner: string,
    guest: Pick<KeptCart, 'owner' | 'version'>,
    lines: readonly GuestLine[],
    guard: Guard,
  ): Promise<{ outcome: 'written' | 'known'; cart: KeptCart } | Extract<WriteRefusal, 'stale' | 'too_many_lines'> | 'guest_changed'> {
    const own = lines.flatMap(({ variantId, available, written }) => [
      ...[variantId, available, uuidv7()],
      written === undefined ? '' : JSON.stringify(written),
    ]);
    const keys = [cartKey(owner), DIRTY, cartKey(guest.owner)];
    const about = [guest.owner, guest.version, randomUUID(), mergeEventOf(guest.owner), ...own];
    return this.restoring(owner, async () => {
      const [outcome = '', ...fields] = (await this.run('cartMerge', [...keys, ...guards(owner, guard), ...about])) as string[];
      if (outcome === 'missing') return undefined;
      if (outcome === 'merged') throw notFound();
      const cart = fromFields(owner, fields);
      if (cart !== undefined) return { outcome: outcome as 'written' | 'known', cart };
      // Only a flush makes it missing after it was read.
      return outcome === 'guest_missing' ? 'guest_changed' : (outcome as 'stale' | 'too_many_lines' | 'guest_changed');
    });
  }

  /** The same variant adds up. */
  async add(owner: string, change: NewQuantity | UnknownVariant, guard: Guard): Promise<Written> {
    const own = lineIn(change);
    const outcome = await this.write('cartAdd', owner, guard, own);
    if (outcome !== 'too_many_lines') return outcome;
    // Lines that cannot be read fill a cart until it is read.
    await this.read(owner);
    return this.write('cartAdd', owner, guard, own);
  }

  /** 0 removes the line, whatever is available. */
  set(owner: string, itemId: string, { variantId, quantity, available, written }: NewQuantity, guard: Guard): Promise<Written> {
    return this.write('cartSet', owner, guard, [variantId, itemId, quantity, available, JSON.stringify(written)]);
  }

  clear(owner: string, guard: Guard): Promise<Written> {
    return this.write('cartClear', owner, guard, []);
  }

  /** Empty for good. */
  erase(owner: string): Promise<Written> {
    return this.write('cartErase', owner, {}, []);
  }

  /** Takes the lines out of the cart unless it has seen this event. `isNew`: it had not. */
  async consume(owner: string, eventId: string, lines: readonly OrderLine[]): Promise<EventInCart> {
    const quantities = lines.flatMap(({ variantId, quantity }) => [variantId, quantity]);
    return this.restoring(owner, async () => {
      const [outcome, ...fields] = await this.script('cartConsume', owner, {}, [eventId, ...quantities]);
      const cart = fromFields(owner, fields);
      return cart === undefined ? undefined : { cart, isNew: outcome === 'written' };
    });
  }

  /** Adds it unless the cart has seen this id. `isNew`: it had not. */
  async take(owner: string, takeId: string, change: NewQuantity | UnknownVariant): Promise<EventInCart | WriteRefusal> {
    return this.restoring(owner, async () => {
      const [outcome, ...fields] = await this.script('cartTake', owner, {}, [takeId, ...lineIn(change)]);
      if (outcome === 'missing') return undefined;
      const cart = fromFields(owner, fields);
      return cart === undefined ? (outcome as WriteRefusal) : { cart, isNew: outcome === 'written' };
    });
  }

  /** Owners of changed carts that this replica is to store, for `leaseMs`. */
  async claim(limit: number, leaseMs: number): Promise<string[]> {
    return (await this.run('cartClaim', [DIRTY, limit, leaseMs])) as string[];
  }

  /** Those that Redis has, and that can be read. */
  async readAll(owners: readonly string[]): Promise<KeptCart[]> {
    const found = await Promise.all(owners.map(async (owner) => fromFields(owner, await this.fieldsOf(owner))));
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
      const found = await this.repository.find(owner);
      if (found === undefined && isGuest(owner)) throw notFound();
      const cart = found ?? neverWritten(owner);
      const outcome = await this.run('cartRestore', [cartKey(owner), GENERATION, generation, cart.sequence, ...toFields(cart)]);
      if (outcome !== 'flushed') return;
    }
    throw refuse('unavailable');
  }

  /** A key of another type holds no cart, as one that is not there. */
  private fieldsOf(owner: string): Promise<string[]> {
    const fields = this.redis.hgetall(cartKey(owner)).catch((error: Error) => {
      if (error.message.startsWith('WRONGTYPE')) return {};
      throw error;
    });
    return this.reach(fields.then(flat));
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
      const cart = fromFields(owner, fields);
      if (cart !== undefined) await this.forgetUnreadable(cart, fields);
      return cart ?? (outcome as WriteRefusal);
    });
  }

  /** They would count among the lines of a cart that is full. */
  private async forgetUnreadable(cart: KeptCart, fields: readonly string[]): Promise<void> {
    const junk = unreadableLines(cart, fields);
    if (junk.length > 0) await this.run('cartForget', [cartKey(cart.owner), ...junk]);
  }

  private async script(
    name: keyof typeof writingScripts,
    owner: string,
    guard: Guard,
    own: readonly (string | number)[],
  ): Promise<string[]> {
    return (await this.run(name, [cartKey(owner), DIRTY, ...guards(owner, guard), ...own])) as string[];
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

function lineIn(change: NewQuantity | UnknownVariant): (string | number)[] {
  const [available, written] = 'written' in change ? [change.available, JSON.stringify(change.written)] : [-1, ''];
  return [change.variantId, change.quantity, available, uuidv7(), written];
}

/** What every script takes before its own arguments. */
function guards(owner: string, { ifMatch, idempotency }: Guard): string[] {
  const { key, body } = idempotency === undefined ? { key: '', body: '' } : digestsOf(idempotency);
  // `If-Match: *` asks only that there is a cart, and there always is.
  return [ifMatch === '*' ? '' : (ifMatch ?? ''), key, body, randomUUID(), owner];
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
  coupon: '',
  mergedBy: '',
});
