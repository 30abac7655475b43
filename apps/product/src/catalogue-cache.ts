import { hash, randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { productApi } from '#libs/contracts/product/api';
import { CategoryTree, ProductDetail, ProductPage } from '#libs/contracts/product/views';
import { shapeOf } from '#libs/contracts/schema';
import { within } from '#libs/contracts/time-limit';
import { BusClient } from '#libs/messaging/bus-client';
import { commandConnection } from '#libs/messaging/redis';
import { Signals } from '#libs/messaging/signals';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger, InjectSettings } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import { cacheReads } from './product.metrics.ts';

/** One hash tag, so that a Redis Cluster keeps them on one slot and a script may touch both. */
const GENERATION = '{product}:generation';
/** Two versions of this service beside each other do not read what the other has kept, where a page looks different in it. */
const LAYOUT = JSON.stringify(
  [ProductPage, ProductDetail, CategoryTree].flatMap((type) => shapeOf(type).classes.map((part) => shapeOf(part).schema)),
);
const entryKey = (key: string): string => `{product}:page:${hash('sha1', `${LAYOUT}${key}`, 'base64url')}`;

/** Bounds what a replica can do that dies between its commit and its new generation. */
const ENTRY_SECONDS = 15;
const GENERATION_SECONDS = 86_400;
const MAX_ENTRY_BYTES = 512 * 1_024;
/** A cache that is slower than this is no help. */
const PATIENCE_MS = 150;
const REST_MS = 1_000;
const RENEW_AGAIN_MS = 200;
/** Renewing is tried again at once when it fails; this only bounds what a lost timer could cost. */
const ROUND_MS = 60_000;

/** Answers the generation and the entry; starts a generation where the last one was evicted or flushed. */
const READ = `
local generation = redis.call('GET', KEYS[1])
if not generation then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
  return {ARGV[1], false}
end
return {generation, redis.call('GET', KEYS[2])}`;

/** Keeps an entry only while the generation that it was read in still stands: an older one never takes a newer one's place. */
const KEEP = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return 1`;

/**
 * Catalogue pages in Redis. All entries belong to one generation, a random text that every edit replaces once it is committed; an entry of
 * another generation does not count. Entries are sealed for their key, generation and time; any other entry is ignored. Without Redis every
 * read goes to Postgres.
 */
@Injectable()
export class CatalogueCache implements OnApplicationShutdown {
  private readonly redis: Redis;
  private readonly flights = new Map<string, Promise<unknown>>();
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
  ) {
    this.redis = commandConnection(redisPlace(settings, 'cache'), (error) =>
      logger.debug({ reason: error.message }, 'catalogue_cache.redis_error'),
    );
    signals.on(productApi.signals.changed, () => this.flights.clear());
    this.renewal = rounds.every('product.cache_renewal', ROUND_MS, async () => {
      if (this.isBehind) await this.renew();
    });
  }

  /** The kept value, or the one that `load` brings, once for all callers that wait for it. `undefined` is not kept. */
  read<T extends object>(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const running = this.flights.get(key);
    // A key names its shape: only reads of the same kind share one.
    if (running !== undefined) return running as Promise<T | undefined>;
    const flight = this.fetch(key, load).finally(() => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    });
    this.flights.set(key, flight);
    return flight;
  }

  /** To be called after the commit of an edit that changes a page. Never fails; a Redis that is away is told when it is back. */
  async renew(): Promise<void> {
    this.flights.clear();
    try {
      await this.patiently(this.redis.set(GENERATION, randomUUID(), 'EX', GENERATION_SECONDS));
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

  private async fetch<T extends object>(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const place = entryKey(key);
    const found = await this.lookUp(place);
    cacheReads.inc({ outcome: found?.outcome ?? 'away' });
    if (found?.value !== undefined) return found.value as T;
    const value = await load();
    if (value !== undefined && found !== undefined) await this.keep(place, found.generation, JSON.stringify(value));
    return value;
  }

  /** Undefined while there is no usable cache. */
  private async lookUp(place: string): Promise<Found | undefined> {
    if (this.isBehind || performance.now() < this.restUntil) return undefined;
    try {
      const reply = await this.patiently(this.redis.eval(READ, 2, GENERATION, place, randomUUID(), GENERATION_SECONDS));
      const [generation, entry] = reply as [string, string | null];
      if (entry?.startsWith(`${generation}\n`) !== true) return { generation, outcome: 'miss' };
      const value = this.open(place, generation, entry.slice(generation.length + 1));
      return value === undefined ? { generation, outcome: 'ignored' } : { generation, outcome: 'hit', value };
    } catch {
      this.restUntil = performance.now() + REST_MS;
      return undefined;
    }
  }

  /** Undefined for what this service has not kept here, in this generation, within the time that entries live. */
  private open(place: string, generation: string, sealed: string): unknown {
    const [until = '', json = ''] = split(this.bus.seals.open(`${place} ${generation}`, sealed) ?? '');
    return Number(until) > Date.now() ? JSON.parse(json) : undefined;
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

interface Found {
  readonly generation: string;
  readonly outcome: 'hit' | 'miss' | 'ignored';
  readonly value?: unknown;
}

/** The first line, and the rest. */
function split(content: string): string[] {
  const end = content.indexOf('\n');
  return [content.slice(0, end), content.slice(end + 1)];
}
