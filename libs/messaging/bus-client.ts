import { randomBytes } from 'node:crypto';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { Redis } from 'ioredis';
import type { AnyEvent, AnyOperation, InputOf, Lane } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { currentRequest } from '#libs/observability/context';
import type { Logger } from '#libs/observability/logger';
import { pendingReplies } from '#libs/observability/metrics';
import { inSpan, SpanKind } from '#libs/observability/tracing';
import { BusClock } from './bus-clock.ts';
import { Envelopes, type ReplyHeader, type RequestHeader, type VouchedUser } from './envelope.ts';
import { Forgeries } from './forgeries.ts';
import { laneKey, repliesKey } from './keys.ts';
import type { Answer, Neighbours } from './neighbours.ts';
import { blockingWire, commandConnection, DEAF_MS, type RedisPlace, sendingWire, takeFrom, whenReady } from './redis.ts';
import { Seals } from './seals.ts';
import type { Wire } from './wire.ts';
import { fromWire, type WireError } from './wire-error.ts';

/** Requests that may wait in a lane; the next one is refused at once. */
const MAX_QUEUE = 1_000;
/** What a hop keeps back from its caller's deadline, to answer with. */
const HOP_MARGIN_MS = 50;
const PAUSE_AFTER_ERROR_MS = 50;
/** Milliseconds that a request waits for a service of which no replica is alive. */
const AWAY_PATIENCE_MS = 1_000;

export interface BusOptions {
  readonly redisUrl: string;
  /** What every key begins with; `only2u:` unless said. */
  readonly keyPrefix?: string;
  /** BUS_SECRET. */
  readonly secret: string;
  /** BUS_SECRET_PREVIOUS. */
  readonly previousSecret?: string | undefined;
  /** The service this process is a replica of. */
  readonly service: string;
  readonly logger: Logger;
  readonly maxQueue?: number;
  /** The services of this process, where it runs several: they are called without Redis while they have a slot free. */
  readonly neighbours?: Neighbours | undefined;
}

/** What a forwarded request may carry beside its body; the rest of the header is the bus' own. */
export type Forwarded = Omit<
  RequestHeader,
  'id' | 'pattern' | 'from' | 'to' | 'user' | 'replyTo' | 'deadline' | 'sentAt' | 'receivedAt'
> & {
  readonly receivedAt?: number;
};

interface Pending {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Refusal) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The sending side of the bus: requests go to a list of the service they name, answers come back on a list of this process.
 * At most once: nothing is repeated here, since only a caller that holds an idempotency key can know that a repeat is safe.
 */
export class BusClient extends ClientProxy {
  readonly clock: BusClock;
  readonly commands: Redis;
  readonly envelopes: Envelopes;
  readonly seals: Seals;
  readonly redis: RedisPlace;
  /** Names this process, on every start anew. */
  readonly instance: string;
  /** Messages leave by it: requests and replies. */
  private readonly outgoing: Wire;
  private readonly replies: Wire;
  private readonly pending = new Map<string, Pending>();
  private readonly logger: Logger;
  private readonly forgeries: Forgeries;
  private sequence = 0;
  private closing = false;
  /** When the reader of replies last asked for some, on the process' own clock. */
  private turnedAt: number | undefined;
  private started: Promise<void> | undefined;
  /** Whether no replica of a service is alive, as far as this process knows; told by whoever watches. */
  isAway: (service: string) => boolean = () => false;

  constructor(private readonly options: BusOptions) {
    super();
    this.logger = options.logger;
    this.seals = new Seals({ present: options.secret, previous: options.previousSecret });
    this.envelopes = new Envelopes(this.seals);
    this.forgeries = new Forgeries(options.logger, 'bus.forged_reply');
    this.redis = { url: options.redisUrl, keyPrefix: options.keyPrefix ?? 'only2u:' };
    this.instance = `${options.service}-${randomBytes(8).toString('hex')}`;
    const onError = (error: Error): void => this.logger.warn({ reason: error.message }, 'bus.redis_error');
    this.commands = commandConnection(this.redis, onError);
    this.outgoing = sendingWire(this.redis, onError);
    this.replies = blockingWire(this.redis, onError);
    this.clock = new BusClock(this.commands);
  }

  get service(): string {
    return this.options.service;
  }

  /** Whether Redis can be reached now. */
  get isConnected(): boolean {
    return this.commands.status === 'ready' && this.outgoing.isConnected && this.replies.isConnected;
  }

  get neighbours(): Neighbours | undefined {
    return this.options.neighbours;
  }

  /** Whether the reader of replies has stopped asking, though nobody told it to. */
  get isDeaf(): boolean {
    return !this.closing && this.turnedAt !== undefined && performance.now() - this.turnedAt > DEAF_MS;
  }

  get waiting(): number {
    return this.pending.size;
  }

  connect(): Promise<void> {
    this.started ??= (async () => {
      await Promise.all([whenReady(this.commands, 10_000), this.outgoing.whenReady(10_000), this.replies.whenReady(10_000)]);
      await this.clock.start();
      void this.readReplies();
    })();
    return this.started;
  }

  /** Waits for the answers that are due, then leaves. */
  async close(): Promise<void> {
    this.closing = true;
    while (this.pending.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    this.commands.disconnect();
    this.outgoing.close();
    this.replies.close();
  }

  /** Calls an operation of another service as this service. */
  async call<O extends AnyOperation>(operation: O, input: InputOf<O>): Promise<unknown> {
    const body = await this.forward(operation, JSON.stringify(input), { requestId: currentRequest()?.requestId ?? this.nextId() });
    return body.length === 0 ? undefined : JSON.parse(body.toString());
  }

  /** Passes a client's bytes on to an operation and gives its answer back as bytes. */
  forward(operation: AnyOperation, body: string | Uint8Array, forwarded: Forwarded): Promise<Buffer> {
    return inSpan(operation.key, SpanKind.CLIENT, {}, () =>
      this.post(operation.service, operation.lane, operation.key, operation.timeoutMs, body, forwarded),
    );
  }

  /**
   * Delivers an event to one subscriber, or `count` of them in one message; resolves once their effect is committed there, with what the
   * event's contract lets it answer.
   */
  deliver(
    event: Pick<AnyEvent, 'key' | 'lane'>,
    subscriber: string,
    body: string,
    about: { id: string; version: number; count?: number } & Pick<Forwarded, 'requestId' | 'traceparent'>,
  ): Promise<Buffer> {
    const { id, version, count, ...rest } = about;
    const header = { ...rest, event: { id, version, ...(count === undefined ? {} : { count }) } };
    return this.post(subscriber, event.lane, `event ${event.key}`, EVENT_TIMEOUT_MS, body, header);
  }

  /** What asks one replica for bytes, over HTTP: good there alone, and with the user's name instead of their token. */
  sealForBytes(operation: AnyOperation, { token: _, ...forwarded }: Forwarded, to: string, user: VouchedUser | undefined): string {
    const header: RequestHeader = { ...this.headerOf(operation, forwarded), to, ...(user === undefined ? {} : { user }) };
    return this.envelopes.seal(header, '').toString('base64url');
  }

  /** The header of a request that does not cross Redis: one for bytes, or one that this process answers itself. */
  headerOf(operation: AnyOperation, forwarded: Forwarded): RequestHeader {
    return this.headerFor(operation.key, this.nextId(), this.clock.now() + operation.timeoutMs, forwarded);
  }

  override unwrap<T>(): T {
    return this.commands as T;
  }

  /** Nest's own `send()`: the pattern's first word names the service. */
  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const pattern = String(packet.pattern);
    this.post(pattern.slice(0, pattern.indexOf('.')), 'browse', pattern, 2_000, JSON.stringify(packet.data ?? {}), {
      requestId: this.nextId(),
    }).then(
      (body) => callback({ response: body.length === 0 ? undefined : JSON.parse(body.toString()), isDisposed: true }),
      (error: unknown) => callback({ err: error, isDisposed: true }),
    );
    return () => undefined;
  }

  protected override dispatchEvent(): Promise<never> {
    return Promise.reject(new Error('events leave through the outbox, so that they arrive'));
  }

  private nextId(): string {
    this.sequence += 1;
    return `${this.instance}.${this.sequence.toString(36)}`;
  }

  private post(
    service: string,
    lane: Lane,
    pattern: string,
    timeoutMs: number,
    body: string | Uint8Array,
    forwarded: Forwarded,
  ): Promise<Buffer> {
    if (this.closing) return Promise.reject(refuse('unavailable', 'This process is shutting down'));
    const now = this.clock.now();
    const context = currentRequest();
    const deadline = Math.min(now + timeoutMs, (context?.deadline ?? Number.POSITIVE_INFINITY) - HOP_MARGIN_MS);
    if (deadline <= now) return Promise.reject(refuse('timeout'));
    const id = this.nextId();
    const header = this.headerFor(pattern, id, deadline, forwarded);
    const nextDoor = this.neighbours?.get(service)?.serve(lane, header, body);
    if (nextDoor !== undefined) return this.answerOf(nextDoor, id, deadline - now);
    const message = this.envelopes.seal(header, body);
    const key = laneKey(service, lane);
    return new Promise((resolve, reject) => {
      // Nobody is there to begin it, though somebody may be starting: so it waits a moment, and not until the deadline.
      const patience = this.isAway(service) ? AWAY_PATIENCE_MS : Number.POSITIVE_INFINITY;
      const timer = setTimeout(() => void this.giveUp(id, key, message, 'timeout'), Math.min(deadline - now, patience));
      this.expect(id, { resolve, reject, timer });
      this.push(key, message).then(
        (length) => {
          if (length > (this.options.maxQueue ?? MAX_QUEUE)) void this.giveUp(id, key, message, 'full');
        },
        () => this.settle(id)?.reject(refuse('unavailable', 'The message bus cannot be reached')),
      );
    });
  }

  /** Of a service in this process: it has begun, so a late answer is a `timeout`. */
  private answerOf(answering: Promise<Answer>, id: string, withinMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(id)?.reject(refuse('timeout')), withinMs);
      this.expect(id, { resolve, reject, timer });
      void answering.then(({ body, failed }) => this.answered(id, failed, Buffer.from(body)));
    });
  }

  private expect(id: string, pending: Pending): void {
    this.pending.set(id, pending);
    pendingReplies.set({ service: this.service }, this.pending.size);
  }

  /** Puts a message on a list, and answers how many wait there. */
  async push(key: string, message: Buffer): Promise<number> {
    return Number(await this.outgoing.send('RPUSH', this.redis.keyPrefix + key, message));
  }

  private headerFor(pattern: string, id: string, deadline: number, forwarded: Forwarded): RequestHeader {
    const now = this.clock.now();
    const traceparent = currentRequest()?.traceparent ?? forwarded.traceparent;
    return {
      ...forwarded,
      ...(traceparent === undefined ? {} : { traceparent }),
      id,
      pattern,
      from: this.options.service,
      replyTo: repliesKey(this.instance),
      deadline,
      sentAt: now,
      receivedAt: forwarded.receivedAt ?? now,
    };
  }

  /** Takes the message back: one that nobody had begun is `unavailable`, and safe to repeat; one that runs somewhere is a `timeout`. */
  private async giveUp(id: string, key: string, message: Buffer, why: 'timeout' | 'full'): Promise<void> {
    const removed = await this.commands.lrem(key, -1, message).catch(() => 0);
    if (removed === 0 && why === 'full') return;
    this.settle(id)?.reject(
      removed > 0
        ? refuse('unavailable', why === 'full' ? 'Too many requests are waiting' : 'The service does not answer')
        : refuse('timeout'),
    );
  }

  private settle(id: string): Pending | undefined {
    const pending = this.pending.get(id);
    if (pending === undefined) return undefined;
    this.pending.delete(id);
    pendingReplies.set({ service: this.service }, this.pending.size);
    clearTimeout(pending.timer);
    return pending;
  }

  private async readReplies(): Promise<void> {
    const key = repliesKey(this.instance);
    while (!this.closing || this.pending.size > 0) {
      this.turnedAt = performance.now();
      try {
        const taken = await takeFrom(this.replies, this.redis, [key], 256);
        if (taken === null) continue;
        for (const message of taken) this.onReply(message);
        // Answers that come in meanwhile are read with one command.
        await new Promise((resolve) => setImmediate(resolve));
      } catch {
        if (this.closing && this.pending.size === 0) return;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_ERROR_MS));
      }
    }
  }

  private onReply(message: Buffer): void {
    const opened = this.envelopes.open<ReplyHeader>(message);
    if (opened === undefined) {
      this.forgeries.note(message);
      return;
    }
    this.answered(opened.header.id, opened.header.failed === true, opened.body);
  }

  private answered(id: string, failed: boolean, body: Buffer): void {
    const pending = this.settle(id);
    if (failed) pending?.reject(fromWire(JSON.parse(body.toString()) as WireError));
    else pending?.resolve(body);
  }
}

/** Milliseconds an event's effect may take before the delivery counts as lost and is repeated. */
const EVENT_TIMEOUT_MS = 10_000;
