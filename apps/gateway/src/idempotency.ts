import { hash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Refusal, refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import { whileRenewing } from '#libs/persistence/claim';

export const CACHE_REDIS = Symbol('cache redis');

const KEPT_MS = 86_400_000;
/** The mark of a request that takes as long as its body; renewed while it runs. */
const UNREAD_MS = 15_000;
/** Refusals are kept too, a large one is not worth the room. */
const MAX_KEPT_BYTES = 65_536;

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export type KeyedRequest = NonNullable<Forwarded['idempotency']>;

/** What stands for the answer while the request runs, in front of its own token and the hash of its body. */
const RUNNING = 'running ';

/** A request that runs, by the mark which `finish` takes away or replaces by the answer. */
export interface Running {
  readonly mark: string;
}

/**
 * Writes ARGV[2] for ARGV[3] milliseconds, or nothing where that is empty, and answers 1; where the key holds neither ARGV[1] nor nothing it
 * belongs to another request by now, and stays. An eviction may have set it free while this one ran.
 */
const REPLACE = `
  local found = redis.call('GET', KEYS[1])
  if found and found ~= ARGV[1] then return 0 end
  if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) elseif found then redis.call('DEL', KEYS[1]) end
  return 1`;

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

  /** The stored answer of a repeat, or the mark of this request, which is to run; then `finish` must follow. */
  async begin(userId: string, request: KeyedRequest, deadlineMs: number): Promise<Answer | Running> {
    const key = keyFor(userId, request);
    const mark = `${RUNNING}${randomBytes(9).toString('base64url')} ${request.bodyHash}`;
    const forMs = deadlineMs + 1_000;
    const found = await this.cache.set(key, mark, 'PX', forMs, 'NX', 'GET').catch(() => null);
    if (found === null) return { mark };
    if (found.startsWith(RUNNING)) throw found.endsWith(` ${request.bodyHash}`) ? isRunning() : refuse('idempotency_key_reused');
    // Bound to its caller, route and key; what was changed, moved or is no answer counts as lost.
    const kept = this.bus.seals.open(key, found);
    if (kept !== undefined) return replay(kept, request);
    if (!(await this.replace(key, found, mark, forMs))) throw isRunning();
    return { mark };
  }

  /** Runs alone a request whose body nobody has read yet, and which may take minutes: where this process dies, a repeat is let in soon. */
  async runUnread<T>(userId: string, request: KeyedRequest, work: () => Promise<T>): Promise<T> {
    const key = keyFor(userId, request);
    const mark = `${RUNNING}${randomBytes(9).toString('base64url')}`;
    const found = await this.cache.set(key, mark, 'PX', UNREAD_MS, 'NX', 'GET').catch(() => null);
    if (found !== null) throw isRunning();
    try {
      return await whileRenewing(() => this.replace(key, mark, mark, UNREAD_MS), UNREAD_MS / 3, work);
    } finally {
      await this.replace(key, mark, '', 0);
    }
  }

  /** Keeps answers that will not change (2xx and most 4xx), and otherwise ends the mark. */
  async finish(userId: string, request: KeyedRequest, { mark }: Running, answer: Answer): Promise<void> {
    const key = keyFor(userId, request);
    const { status } = answer;
    const isFinal = status < 500 && status !== 401 && status !== 403 && status !== 429;
    if (isFinal && answer.body.length <= MAX_KEPT_BYTES) {
      const head = JSON.stringify({ status, contentType: answer.contentType, bodyHash: request.bodyHash });
      await this.replace(key, mark, this.bus.seals.seal(key, `${head}\n${answer.body.toString()}`), KEPT_MS);
    } else await this.replace(key, mark, '', 0);
  }

  /** False when the key is another request's; true also when Redis does not answer. */
  private async replace(key: string, expected: string, value: string, forMs: number): Promise<boolean> {
    return (await this.cache.eval(REPLACE, 1, key, expected, value, forMs).catch(() => 1)) === 1;
  }
}

const isRunning = (): Refusal =>
  new Refusal('idempotency_in_flight', 'conflict', 'The first request with this key is still running', {}, 1);

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
