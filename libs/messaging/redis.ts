import { Redis, type RedisOptions } from 'ioredis';

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

/** For commands that block up to `BLOCK_SECONDS`; a connection that is silent for longer is dead (a cut network sends no RST). */
export function blockingConnection({ url, keyPrefix }: RedisPlace, onError: OnRedisError): Redis {
  return listening(
    new Redis(url, {
      ...FOREVER,
      keyPrefix,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      socketTimeout: (BLOCK_SECONDS + 3) * 1_000,
    }),
    onError,
  );
}

export const BLOCK_SECONDS = 5;

/** For subscriptions, which ioredis renews by itself after a reconnect. */
export function subscriberConnection(url: string, onError: OnRedisError): Redis {
  return listening(new Redis(url, { ...FOREVER, maxRetriesPerRequest: null }), onError);
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
