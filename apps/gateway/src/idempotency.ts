import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Refusal, refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';

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

/** What stands for the answer while the request runs, in front of the hash of its body. */
const RUNNING = 'running ';

/**
 * Answers repeats at the edge, from one key a request: first the mark that it runs, then its answer. It may be lost with Redis: the services
 * that create facts keep the key beside the fact, so a repeat that gets past here still changes nothing.
 */
@Injectable()
export class Idempotency {
  constructor(
    @Inject(CACHE_REDIS) private readonly cache: Redis,
    @Inject(BusClient) private readonly bus: Pick<BusClient, 'seals'>,
  ) {}

  /** The stored answer of a repeat, or undefined when this request is to run; then `finish` must follow. */
  async begin(userId: string, request: KeyedRequest, deadlineMs: number): Promise<Answer | undefined> {
    const key = keyFor(userId, request);
    const mark = `${RUNNING}${request.bodyHash}`;
    const found = await this.cache.set(key, mark, 'PX', deadlineMs + 1_000, 'NX', 'GET').catch(() => null);
    if (found === null) return undefined;
    if (found === mark) throw new Refusal('idempotency_in_flight', 'conflict', 'The first request with this key is still running', {}, 1);
    if (found.startsWith(RUNNING)) throw refuse('idempotency_key_reused');
    // Bound to its caller, route and key; what was changed, moved or is no answer counts as lost.
    const kept = this.bus.seals.open(key, found);
    return kept === undefined ? undefined : replay(kept, request);
  }

  /** Keeps answers that will not change (2xx and most 4xx), and otherwise ends the mark. */
  async finish(userId: string, request: KeyedRequest, answer: Answer): Promise<void> {
    const key = keyFor(userId, request);
    const { status } = answer;
    const isFinal = status < 500 && status !== 401 && status !== 403 && status !== 429;
    if (isFinal && answer.body.length <= MAX_KEPT_BYTES) {
      const head = JSON.stringify({ status, contentType: answer.contentType, bodyHash: request.bodyHash });
      const sealed = this.bus.seals.seal(key, `${head}\n${answer.body.toString()}`);
      await this.cache.set(key, sealed, 'EX', KEPT_SECONDS).catch(() => undefined);
    } else await this.cache.del(key).catch(() => undefined);
  }
}

const keyFor = (userId: string, { key, route }: KeyedRequest): string =>
  `idempotency:answer:${userId}:${hash('sha256', `${route}\n${key}`, 'base64url')}`;

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
