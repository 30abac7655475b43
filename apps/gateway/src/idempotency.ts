import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Refusal, refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import { LIMITS_REDIS } from './rate-limits.ts';

export const CACHE_REDIS = Symbol('cache redis');

const KEPT_SECONDS = 86_400;
/** Refusals are kept too, a large one is not worth the room. */
const MAX_KEPT_BYTES = 65_536;

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export type KeyedRequest = NonNullable<Forwarded['idempotency']>;

/**
 * Answers repeats at the edge. Both marks may be lost with Redis: the services that create facts keep the key beside the fact, so a
 * repeat that gets past here still changes nothing.
 */
@Injectable()
export class Idempotency {
  constructor(
    @Inject(LIMITS_REDIS) private readonly limits: Redis,
    @Inject(CACHE_REDIS) private readonly cache: Redis,
    @Inject(BusClient) private readonly bus: Pick<BusClient, 'seals'>,
  ) {}

  /** The stored answer of a repeat, or undefined when this request is to run; then `finish` must follow. */
  async begin(userId: string, request: KeyedRequest, deadlineMs: number): Promise<Answer | undefined> {
    const name = nameOf(userId, request);
    const stored = await this.cache.get(answerKey(name)).catch(() => null);
    // Bound to its caller, route and key; what was changed, moved or is no answer counts as lost.
    const kept = this.bus.seals.open(answerKey(name), stored);
    if (kept !== undefined) return replay(kept, request);
    const running = await this.limits.set(inFlightKey(name), request.bodyHash, 'PX', deadlineMs + 1_000, 'NX', 'GET').catch(() => null);
    if (running === null) return undefined;
    if (running !== request.bodyHash) throw refuse('idempotency_key_reused');
    throw new Refusal('idempotency_in_flight', 'conflict', 'The first request with this key is still running', {}, 1);
  }

  /** Keeps answers that will not change (2xx and most 4xx) and ends the in-flight mark. */
  async finish(userId: string, request: KeyedRequest, answer: Answer): Promise<void> {
    const name = nameOf(userId, request);
    const { status } = answer;
    const isFinal = status < 500 && status !== 401 && status !== 403 && status !== 429;
    if (isFinal && answer.body.length <= MAX_KEPT_BYTES) {
      const head = JSON.stringify({ status, contentType: answer.contentType, bodyHash: request.bodyHash });
      const sealed = this.bus.seals.seal(answerKey(name), `${head}\n${answer.body.toString()}`);
      await this.cache.set(answerKey(name), sealed, 'EX', KEPT_SECONDS).catch(() => undefined);
    }
    await this.limits.del(inFlightKey(name)).catch(() => undefined);
  }
}

const nameOf = (userId: string, { key, route }: KeyedRequest): string => `${userId}:${hash('sha256', `${route}\n${key}`, 'base64url')}`;
const answerKey = (name: string): string => `idempotency:answer:${name}`;
const inFlightKey = (name: string): string => `idempotency:running:${name}`;

function replay(kept: string, request: KeyedRequest): Answer {
  const end = kept.indexOf('\n');
  const { bodyHash, status, contentType } = JSON.parse(kept.slice(0, end)) as {
    bodyHash: string;
    status: number;
    contentType: string;
  };
  if (bodyHash !== request.bodyHash) throw refuse('idempotency_key_reused');
  return { status, contentType, body: Buffer.from(kept.slice(end + 1)) };
}
