import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import type { Lane } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { runInRequest } from '#libs/observability/context';
import type { Logger } from '#libs/observability/logger';
import { busSlots, laneMessages, operationSeconds, refusedMessages } from '#libs/observability/metrics';
import { inSpan, SpanKind } from '#libs/observability/tracing';
import type { BusClient } from './bus-client.ts';
import type { RequestHeader } from './envelope.ts';
import { Forgeries } from './forgeries.ts';
import { laneKey } from './keys.ts';
import { type Answer, type Neighbour, ownCopy } from './neighbours.ts';
import { blockingWire, DEAF_MS, takeFrom } from './redis.ts';
import type { Wire } from './wire.ts';
import { toWire } from './wire-error.ts';

const MAX_AGE_MS = 30_000;
const MAX_SKEW_MS = 5_000;
const PAUSE_AFTER_ERROR_MS = 50;
const REPLIES_EXPIRE_SECONDS = 60;
/** The share of a taker's free slots that its lists may fill while callers next door want theirs at once: one in so many. */
const NEIGHBOURLY = 4;
const LANES: readonly Lane[] = ['checkout', 'browse'];

/** Turns a message into the arguments of its handler and the handler's value into the bytes of the answer. */
export interface Route {
  readonly serve: (header: RequestHeader, body: Buffer) => Promise<string>;
}

export interface BusServerOptions {
  readonly bus: BusClient;
  /** What serves a pattern; called once for each handler that Nest found. */
  readonly routeFor: (pattern: string, extras: unknown, handle: MessageHandler) => Route;
  readonly logger: Logger;
  /** Messages handled at once; a quarter of them serves the checkout lane only. */
  readonly slots?: number;
  /** Milliseconds after which a taker that has not asked counts as deaf; `DEAF_MS` unless said. */
  readonly deafMs?: number;
}

/** One taker of messages with slots of its own. */
interface Taker {
  readonly wire: Wire;
  readonly lanes: readonly Lane[];
  readonly slots: number;
  /** Of the present connection, to wake it from a blocking command. */
  clientId: number | undefined;
  busy: number;
  /** Slots that the command it waits in may fill: nobody else gets them meanwhile. */
  promised: number;
  freed: () => void;
  /** When it last asked for messages or got one back, on the process' own clock. */
  turnedAt: number;
}

/**
 * The receiving side of the bus, in place of Nest's Redis transport: replicas compete for one list, so each request is handled by
 * exactly one of them; it never takes more than it has free slots for, because what was taken dies with the process.
 */
export class BusServer extends Server implements CustomTransportStrategy, Neighbour {
  private readonly routes = new Map<string, Route>();
  private readonly takers: Taker[];
  private readonly repliedTo = new Set<string>();
  private readonly loops: Promise<void>[] = [];
  private readonly forgeries: Forgeries;
  private closing = false;

  constructor(private readonly options: BusServerOptions) {
    super();
    this.forgeries = new Forgeries(options.logger, 'bus.forged_message');
    const slots = options.slots ?? 32;
    const reserved = Math.max(1, Math.floor(slots / 4));
    const taker = (lanes: readonly Lane[], own: number): Taker => ({
      wire: blockingWire(options.bus.redis, (error) => options.logger.warn({ reason: error.message }, 'bus.redis_error')),
      lanes,
      slots: own,
      clientId: undefined,
      busy: 0,
      promised: 0,
      freed: () => undefined,
      turnedAt: performance.now(),
    });
    this.takers = [taker(['checkout', 'browse'], slots - reserved), taker(['checkout'], reserved)];
  }

  get handling(): number {
    return this.takers.reduce((sum, taker) => sum + taker.busy, 0);
  }

  /** What waits in its lanes, and what it is at. */
  async measure(): Promise<void> {
    const { bus } = this.options;
    const [slots, busy] = [this.takers.reduce((sum, taker) => sum + taker.slots, 0), this.handling];
    const { service } = bus;
    busSlots.set({ service, state: 'busy' }, busy);
    busSlots.set({ service, state: 'free' }, slots - busy);
    for (const lane of LANES) laneMessages.set({ service, lane }, await bus.commands.llen(laneKey(service, lane)));
  }

  /** Whether a taker has stopped asking, though nobody told it to: its slots are all held by work without end, or its loop is lost. */
  get isDeaf(): boolean {
    const { deafMs = DEAF_MS } = this.options;
    return !this.closing && this.loops.length > 0 && this.takers.some(({ turnedAt }) => performance.now() - turnedAt > deafMs);
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    for (const [pattern, handler] of this.messageHandlers) {
      this.routes.set(pattern, this.options.routeFor(pattern, handler.extras, handler));
    }
    await this.options.bus.connect();
    for (const taker of this.takers) this.loops.push(this.take(taker));
    const { neighbours, service } = this.options.bus;
    neighbours?.set(service, this);
    callback();
  }

  /** Stops taking, finishes and answers what runs. */
  async close(): Promise<void> {
    this.closing = true;
    this.options.bus.neighbours?.delete(this.options.bus.service);
    // Cutting a blocked connection could lose what Redis has just popped for it; waking it cannot.
    await Promise.all(this.takers.map((taker) => this.wake(taker)));
    await Promise.all(this.loops);
    while (this.handling > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const taker of this.takers) taker.wire.close();
  }

  on(): never {
    throw new Error('the bus has no events of its own');
  }

  unwrap<T>(): T {
    return this.options.bus as T;
  }

  serve(lane: Lane, header: RequestHeader, body: string | Uint8Array): Promise<Answer> | undefined {
    const taker = this.takers.find(({ lanes, slots, busy, promised }) => lanes.includes(lane) && busy + promised < slots);
    if (this.closing || taker === undefined) return undefined;
    return this.occupying(taker, () => this.answer(ownCopy(header), typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)));
  }

  private async take(taker: Taker): Promise<void> {
    const keys = taker.lanes.map((lane) => laneKey(this.options.bus.service, lane));
    while (!this.closing) {
      taker.turnedAt = performance.now();
      try {
        taker.clientId ??= Number(await taker.wire.send('CLIENT', 'ID'));
        // Counted and promised in one go: what is next door takes a slot whenever this loop waits.
        const free = taker.slots - taker.busy;
        if (free === 0) {
          await new Promise<void>((resolve) => {
            taker.freed = resolve;
          });
          continue;
        }
        taker.promised = this.options.bus.neighbours === undefined ? free : Math.ceil(free / NEIGHBOURLY);
        const taken = await takeFrom(taker.wire, this.options.bus.redis, keys, taker.promised);
        taker.promised = 0;
        for (const message of taken ?? []) void this.occupying(taker, () => this.handle(message));
        // What comes in meanwhile is taken with the next command instead of one each: a command costs more than most requests.
        if (taken !== null) await new Promise((resolve) => setImmediate(resolve));
      } catch {
        taker.promised = 0;
        taker.clientId = undefined;
        // Redis is away, or this connection was cut: it comes back by itself, and the loop asks again.
        if (!this.closing) await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_ERROR_MS));
      }
    }
  }

  private occupying<T>(taker: Taker, work: () => Promise<T>): Promise<T> {
    taker.busy += 1;
    return work().finally(() => {
      taker.busy -= 1;
      taker.freed();
    });
  }

  private async wake(taker: Taker): Promise<void> {
    if (taker.clientId === undefined || !taker.wire.isConnected) return taker.wire.close();
    await this.options.bus.commands.client('UNBLOCK', taker.clientId).catch(() => taker.wire.close());
  }

  private async handle(message: Buffer): Promise<void> {
    const { bus } = this.options;
    const opened = bus.envelopes.open<RequestHeader>(message);
    if (opened === undefined) {
      this.forgeries.note(message);
      return;
    }
    const { header, body } = opened;
    const now = bus.clock.now();
    if (header.deadline <= now || now - header.sentAt > MAX_AGE_MS || header.sentAt - now > MAX_SKEW_MS) {
      refusedMessages.inc({ reason: 'late' });
      return;
    }
    const { body: answer, failed } = await this.answer(header, body);
    await this.reply(header, answer, failed);
  }

  /** Runs the handler as the header's request; a refusal is an answer too. */
  private answer(header: RequestHeader, body: Buffer): Promise<Answer> {
    const stop = operationSeconds.startTimer({ operation: header.pattern });
    const context = {
      requestId: header.requestId,
      deadline: header.deadline,
      ...(header.traceparent === undefined ? {} : { traceparent: header.traceparent }),
    };
    return runInRequest(context, async () => {
      try {
        const route = this.routes.get(header.pattern);
        if (route === undefined) throw this.unknown(header);
        const serve = (): Promise<string> => route.serve(header, body);
        // What a background loop asks for belongs to no trace.
        const answer = await (header.traceparent === undefined
          ? serve()
          : inSpan(header.pattern, SpanKind.SERVER, { 'messaging.sender': header.from }, serve));
        stop({ outcome: 'ok' });
        return { body: answer, failed: false };
      } catch (error) {
        const refusal = this.refusalOf(error, header);
        stop({ outcome: refusal.code });
        return { body: JSON.stringify(toWire(refusal)), failed: true };
      }
    });
  }

  /** An event of a newer publisher waits until this service is rolled out too; a call that nobody takes is a bug. */
  private unknown({ pattern, event }: RequestHeader): Error {
    return event === undefined ? new Error(`no handler for ${pattern}`) : refuse('unavailable');
  }

  private refusalOf(error: unknown, header: RequestHeader): Refusal {
    if (error instanceof Refusal) return error;
    this.options.logger.error({ err: error, operation: header.pattern }, 'operation.failed');
    return refuse('internal');
  }

  private async reply(header: RequestHeader, body: string, failed: boolean): Promise<void> {
    const { bus } = this.options;
    try {
      await bus.push(header.replyTo, bus.envelopes.seal({ id: header.id, from: bus.service, ...(failed ? { failed } : {}) }, body));
      this.repliedTo.add(header.replyTo);
    } catch {
      // The caller hears of it at its deadline.
    }
  }

  /** To be repeated: a list whose reader has died would stay for ever; one that is read is empty and does not exist. */
  async expireReplyLists(): Promise<void> {
    const keys = [...this.repliedTo];
    this.repliedTo.clear();
    await Promise.all(keys.map((key) => this.options.bus.commands.expire(key, REPLIES_EXPIRE_SECONDS)));
  }
}
