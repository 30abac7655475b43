import { hash, randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { productApi } from '#libs/contracts/product/api';
import { SearchPage } from '#libs/contracts/product/search';
import { CategoryTree, ProductDetail, ProductPage } from '#libs/contracts/product/views';
import { shapeOf } from '#libs/contracts/schema';
import { within } from '#libs/contracts/time-limit';
import { BusClient } from '#libs/messaging/bus-client';
import { commandConnection } from '#libs/messaging/redis';
import { Signals } from '#libs/messaging/signals';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger, InjectSettings } from '#libs/runtime/core.module';
import { Readiness } from '#libs/runtime/probes';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import { cacheReads } from './product.metrics.ts';

/** One hash tag, so that a Redis Cluster keeps them on one slot and a script may touch both. */
const GENERATION = '{product}:generation';
/** Two versions of this service beside each other do not read what the other has kept, where a page looks different in it. */
const LAYOUT = hash(
  'sha1',
  JSON.stringify(
    [ProductPage, SearchPage, ProductDetail, CategoryTree].flatMap((type) => shapeOf(type).classes.map((part) => shapeOf(part).schema)),
  ),
  'base64url',
);
const entryKey = (key: string): string => `{product}:page:${hash('sha1', `${LAYOUT}${key}`, 'base64url')}`;

/** Edits on their way to their commit, by the time at which they were noted; each leaves with its new generation. */
const EDITS = '{product}:edits';
/** An edit that is older was cut off, or its transaction was undone or takes long: pages are read anew while it stands. */
const EDIT_MS = 500;
const ENTRY_SECONDS = 15;
const GENERATION_SECONDS = 86_400;
const MAX_ENTRY_BYTES = 512 * 1_024;
/** Pages that are remembered as asked for, so that they are kept when they are asked for again. */
const MAX_REMEMBERED = 5_000;
/** A cache that is slower than this is no help. */
const PATIENCE_MS = 150;
const REST_MS = 1_000;
const RENEW_AGAIN_MS = 200;
/** Renewing is tried again at once when it fails; this only bounds what a lost timer could cost. */
const ROUND_MS = 60_000;

/** Keeps an entry only while the generation that it was read in still stands: an older one never takes a newer one's place. */
const KEEP = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return 1`;

/** Forgets edits that no entry can be older than, and says whether any of the others has waited too long. */
const WAITING = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms - ARGV[2])
return redis.call('ZCOUNT', KEYS[1], '-inf', ms - ARGV[1])`;
const NOTE = `
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/**
 * Catalogue pages in Redis. All entries belong to one generation, a random text that every edit replaces once it is committed; an entry of
 * another generation does not count. Entries are sealed for their key, generation and time; any other entry is ignored. Without Redis every
 * read goes to Postgres.
 */
@Injectable()
export class CatalogueCache implements OnApplicationShutdown {
  private readonly redis: Redis;
  private readonly flights = new Map<string, Promise<string | undefined>>();
  /** How often each was asked for lately. */
  private readonly asked = new LRUCache<string, number>({ max: MAX_REMEMBERED, ttl: ENTRY_SECONDS * 1_000, ttlResolution: 500 });
  private restUntil = 0;
  /** An edit was committed that Redis does not know of yet. */
  private isBehind = false;
  private readonly renewal: Round;

  constructor(
    @InjectSettings() settings: Settings,
    private readonly bus: BusClient,
    signals: Signals,
    rounds: Rounds,
    @InjectLogger() logger: Logger,
    readiness: Readiness,
  ) {
    this.redis = commandConnection(redisPlace(settings, 'cache'), (error) =>
      logger.debug({ reason: error.message }, 'catalogue_cache.redis_error'),
    );
    readiness.watch({ name: 'redis-cache', isUp: () => this.redis.status === 'ready' });
    signals.on(productApi.signals.changed, () => this.flights.clear());
    this.renewal = rounds.every('product.cache_renewal', ROUND_MS, async () => {
      if (this.isBehind) await this.renew();
    });
  }

  /**
   * The kept page as JSON, or the one that `load` brings, once for all callers that wait for it. `load` gets the generation that it reads in;
   * `undefined` is not kept. Of the many lists that there can be, most are asked for once: such a one is kept when it is asked for again.
   */
  read(key: string, load: Load, keeping: 'at once' | 'when asked again' = 'at once'): Promise<string | undefined> {
    if (keeping === 'when asked again') this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
    const running = this.flights.get(key);
    if (running !== undefined) return running;
    const isWorthIt = (): boolean => keeping === 'at once' || (this.asked.get(key) ?? 0) > 1;
    const flight = this.fetch(key, load, isWorthIt).finally(() => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    });
    this.flights.set(key, flight);
    return flight;
  }

  /**
   * Notes an edit before its commit, so that other replicas renew for it where this one dies in between. The note leaves before the commit does,
   * which need not wait for it. Answers its name for `renew`.
   */
  noteEdit(): string {
    const edit = randomUUID();
    this.redis.eval(NOTE, 1, EDITS, edit, ENTRY_SECONDS * 1_000).catch(() => undefined);
    return edit;
  }

  /** Whether an edit was noted a while ago and has not renewed yet. */
  async isOwed(): Promise<boolean> {
    const waiting = await this.patiently(this.redis.eval(WAITING, 1, EDITS, EDIT_MS, ENTRY_SECONDS * 1_000)).catch(() => 0);
    return Number(waiting) > 0;
  }

  /** To be called after the commit of an edit that changes a page. Never fails; a Redis that is away is told when it is back. */
  async renew(edit?: string): Promise<void> {
    this.flights.clear();
    try {
      const renewed = this.redis.set(GENERATION, randomUUID(), 'EX', GENERATION_SECONDS);
      if (edit !== undefined) this.redis.zrem(EDITS, edit).catch(() => undefined);
      await this.patiently(renewed);
      this.isBehind = false;
    } catch {
      this.isBehind = true;
      this.renewal.wake(RENEW_AGAIN_MS);
    }
    this.flights.clear();
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  private async fetch(key: string, load: Load, isWorthIt: () => boolean): Promise<string | undefined> {
    const place = entryKey(key);
    const found = await this.lookUp(place);
    cacheReads.inc({ outcome: found?.outcome ?? 'away' });
    if (found?.text !== undefined) return found.text;
    const text = await load(found?.generation);
    if (text !== undefined && found !== undefined && isWorthIt()) await this.keep(place, found.generation, text);
    return text;
  }

  /** Undefined while there is no usable cache. */
  private async lookUp(place: string): Promise<Found | undefined> {
    if (this.isBehind || performance.now() < this.restUntil) return undefined;
    try {
      const [known = null, entry = null] = await this.patiently(this.redis.mget(GENERATION, place));
      const generation = known ?? (await this.begin());
      if (entry?.startsWith(`${generation}\n`) !== true) return { generation, outcome: 'miss' };
      const text = this.open(place, generation, entry.slice(generation.length + 1));
      return text === undefined ? { generation, outcome: 'ignored' } : { generation, outcome: 'hit', text };
    } catch {
      this.restUntil = performance.now() + REST_MS;
      return undefined;
    }
  }

  /** A generation where the last one was evicted or flushed; of several who begin one at once the first. */
  private async begin(): Promise<string> {
    const fresh = randomUUID();
    return (await this.patiently(this.redis.set(GENERATION, fresh, 'EX', GENERATION_SECONDS, 'NX', 'GET'))) ?? fresh;
  }

  /** Undefined for what this service has not kept here, in this generation, within the time that entries live. */
  private open(place: string, generation: string, sealed: string): string | undefined {
    const [until = '', json = ''] = split(this.bus.seals.open(`${place} ${generation}`, sealed) ?? '');
    return Number(until) > Date.now() ? json : undefined;
  }

  private async keep(place: string, generation: string, json: string): Promise<void> {
    if (json.length > MAX_ENTRY_BYTES) return;
    const sealed = this.bus.seals.seal(`${place} ${generation}`, `${Date.now() + ENTRY_SECONDS * 1_000}\n${json}`);
    await this.patiently(this.redis.eval(KEEP, 2, GENERATION, place, generation, `${generation}\n${sealed}`, ENTRY_SECONDS)).catch(
      () => undefined,
    );
  }

  private patiently<T>(command: Promise<T>): Promise<T> {
    command.catch(() => undefined);
    return within(PATIENCE_MS, command, () => {
      throw new Error('the cache is too slow');
    });
  }
}

type Load = (generation: string | undefined) => Promise<string | undefined>;

interface Found {
  readonly generation: string;
  readonly outcome: 'hit' | 'miss' | 'ignored';
  readonly text?: string;
}

/** The first line, and the rest. */
function split(content: string): string[] {
  const end = content.indexOf('\n');
  return [content.slice(0, end), content.slice(end + 1)];
}
