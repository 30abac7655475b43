import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A message that a sandboxed provider keeps back instead of sending. */
export interface KeptMessage {
  readonly channel: 'mail' | 'sms' | 'push';
  /** An address; of a push, the device's token. */
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  readonly template?: string;
  readonly category?: string;
  readonly locale?: string;
  /** Of a mail. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a push. */
  readonly data?: Readonly<Record<string, string>>;
  readonly dltTemplateId?: string;
  /** ISO 8601. */
  readonly at: string;
}

const KEY = 'dev:inbox';
const keyOf = (to: string): string => `${KEY}:${hash('sha256', to, 'base64url')}`;
const KEPT_MESSAGES = 500;
const KEPT_OF_EACH = 50;
const KEPT_SECONDS = 86_400;

/** Newest first, bounded, gone after a day. In production nothing is kept: a message that no provider takes is an error there. */
export async function keepInDevInbox(redis: Redis, message: Omit<KeptMessage, 'at'>): Promise<void> {
  if (process.env.NODE_ENV === 'production') throw new Error('no provider takes this message, and production has no sandbox');
  const kept = JSON.stringify({ ...message, at: new Date().toISOString() } satisfies KeptMessage);
  const writes = redis.multi();
  for (const [key, length] of [
    [KEY, KEPT_MESSAGES],
    [keyOf(message.to), KEPT_OF_EACH],
  ] as const)
    writes
      .lpush(key, kept)
      .ltrim(key, 0, length - 1)
      .expire(key, KEPT_SECONDS);
  await writes.exec();
}

/** The newest of all, or the newest of those to one address. */
export async function readDevInbox(redis: Redis, to?: string): Promise<KeptMessage[]> {
  const kept = await redis.lrange(to === undefined ? KEY : keyOf(to), 0, -1);
  return kept.map((message) => JSON.parse(message) as KeptMessage);
}
