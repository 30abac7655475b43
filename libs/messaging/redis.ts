import { Redis, type RedisOptions } from 'ioredis';
import { Wire } from './wire.ts';

/** A Redis, and what every key in it begins with. */
export interface RedisPlace {
  readonly url: string;
  /** `only2u:` */
  readonly keyPrefix: string;
}

/** Receives the connection's errors; ioredis writes to standard error without one. */
export type OnRedisError = (error: Error) => void;

const FOREVER: RedisOptions = {
  retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000),
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  connectTimeout: 2_000,
};

/** For commands: fails at once while Redis is away instead of queueing, and answers within `socketTimeout` or reconnects. */
export function commandConnection({ url, keyPrefix }: RedisPlace, onError: OnRedisError): Redis {
  return listening(
    new Redis(url, {
      ...FOREVER,
      keyPrefix,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      enableAutoPipelining: true,
      socketTimeout: 3_000,
    }),
    onError,
  );
}

/** For the bus' own commands, which name whole keys; answered within three seconds, or the connection is made anew. */
export const sendingWire = ({ url }: RedisPlace, onError: OnRedisError): Wire => new Wire({ url, onError, silenceMs: 3_000 });

/** For a command that blocks up to `BLOCK_SECONDS`. */
export const blockingWire = ({ url }: RedisPlace, onError: OnRedisError): Wire =>
  new Wire({ url, onError, silenceMs: (BLOCK_SECONDS + 3) * 1_000 });

export const BLOCK_SECONDS = 5;
/** Whoever takes asks again every few seconds, and no operation holds a slot so long. */
export const DEAF_MS = 60_000;

/** Takes up to `count` messages from the first of these lists that has any; null when none came in `BLOCK_SECONDS`. */
export async function takeFrom(wire: Wire, { keyPrefix }: RedisPlace, keys: readonly string[], count: number): Promise<Buffer[] | null> {
  const whole = keys.map((key) => keyPrefix + key);
  const taken = await wire.send('BLMPOP', BLOCK_SECONDS, whole.length, ...whole, 'LEFT', 'COUNT', count);
  // `[list, messages]`, as BLMPOP is documented.
  return taken === null ? null : (taken as [Buffer, Buffer[]])[1];
}

/** For subscriptions, which ioredis renews by itself after a reconnect; a ping that is not answered in three seconds leads to one. */
export function subscriberConnection(url: string, onError: OnRedisError): Redis {
  return listening(new Redis(url, { ...FOREVER, maxRetriesPerRequest: null, socketTimeout: 3_000 }), onError);
}

function listening(redis: Redis, onError: OnRedisError): Redis {
  redis.on('error', onError);
  return redis;
}

/** Resolves when the connection is usable, or rejects after `timeoutMs`. */
export function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onReady = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      redis.off('ready', onReady);
      reject(new Error('Redis did not answer in time'));
    }, timeoutMs);
    redis.once('ready', onReady);
  });
}
