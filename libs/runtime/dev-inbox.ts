import type { Redis } from 'ioredis';

/** A message that a sandboxed provider keeps back instead of sending. */
export interface KeptMessage {
  readonly channel: 'mail' | 'sms' | 'push';
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

const KEY = 'dev:inbox';
const KEPT_MESSAGES = 500;
const KEPT_SECONDS = 7 * 86_400;

/** Newest first, bounded, gone after a week. In production nothing is kept: a mail that no provider takes is an error there. */
export async function keepInDevInbox(redis: Redis, message: Omit<KeptMessage, 'at'>): Promise<void> {
  if (process.env.NODE_ENV === 'production') throw new Error('no provider takes this message, and production has no sandbox');
  const kept: KeptMessage = { ...message, at: new Date().toISOString() };
  await redis
    .multi()
    .lpush(KEY, JSON.stringify(kept))
    .ltrim(KEY, 0, KEPT_MESSAGES - 1)
    .expire(KEY, KEPT_SECONDS)
    .exec();
}

export async function readDevInbox(redis: Redis): Promise<KeptMessage[]> {
  const kept = await redis.lrange(KEY, 0, KEPT_MESSAGES - 1);
  return kept.map((message) => JSON.parse(message) as KeptMessage);
}
