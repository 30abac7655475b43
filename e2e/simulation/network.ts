import { setTimeout as sleep } from 'node:timers/promises';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { AnyEvent, AnyOperation, InputOf } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import type { Route } from '#libs/messaging/bus-server';
import type { RequestHeader } from '#libs/messaging/envelope';
import { runInRequest } from '#libs/observability/context';
import type { HandlerExtras } from '#libs/runtime/handlers';
import type { Serving } from '#libs/runtime/serving';
import type { Chance } from './chance.ts';
import type { Process } from './process.ts';

/** Probabilities for each message, and the longest delay in milliseconds. */
export interface Weather {
  readonly lost: number;
  readonly answerLost: number;
  readonly repeated: number;
  readonly delayMs: number;
}

export const CALM: Weather = { lost: 0, answerLost: 0, repeated: 0, delayMs: 0 };

/** Stands for the bus: every message of every process passes here, and some are lost, repeated, late or overtaken. */
export class Network {
  readonly processes = new Map<string, Process>();
  /** Answers `internal` of living processes: what a client must never see. */
  readonly faults: string[] = [];
  weather: Weather = CALM;
  private sequence = 0;

  constructor(
    public chance: Chance,
    /** What services that are not simulated answer, by service and pattern. */
    private readonly answers: Readonly<Record<string, Readonly<Record<string, (input: object) => object>>>>,
  ) {}

  /** Nobody learns of a lost message: the sender's time runs out, here at once. */
  async send(
    from: Process | undefined,
    to: { service: string; pattern: string; repeatable: boolean },
    body: Buffer,
    about: Partial<RequestHeader>,
  ): Promise<Buffer> {
    from?.boundary();
    await this.delay();
    if (this.chance.happens(this.weather.lost)) throw refuse('timeout');
    const answer = this.handle(from?.service ?? 'gateway', to, body, about);
    // Awaited below; a refusal that comes before that is not an unhandled one.
    answer.catch(() => undefined);
    if (to.repeatable && this.chance.happens(this.weather.repeated)) {
      await this.delay();
      await Promise.allSettled([answer, this.handle(from?.service ?? 'gateway', to, body, about)]);
    }
    const reply = await answer;
    await this.delay();
    if (this.chance.happens(this.weather.answerLost)) throw refuse('timeout');
    from?.boundary();
    return reply;
  }

  private async handle(
    from: string,
    { service, pattern }: { service: string; pattern: string },
    body: Buffer,
    about: Partial<RequestHeader>,
  ): Promise<Buffer> {
    const answerOf = this.answers[service]?.[pattern];
    if (answerOf !== undefined) return Buffer.from(JSON.stringify(answerOf(JSON.parse(body.toString()))));
    const process = this.processes.get(service);
    // A subscriber that is not simulated takes every event.
    if (process === undefined && pattern.startsWith('event ')) return Buffer.alloc(0);
    if (process === undefined || !process.isUp) throw refuse('unavailable');
    const now = Date.now();
    this.sequence += 1;
    const header: RequestHeader = {
      id: String(this.sequence),
      replyTo: '',
      sentAt: now,
      receivedAt: now,
      requestId: `simulated-${this.sequence}`,
      deadline: now + 10_000,
      ...about,
      pattern,
      from,
    };
    try {
      process.boundary();
      const answer = await process.orDies(
        runInRequest({ requestId: header.requestId, deadline: header.deadline }, () => process.server.serve(header, body)),
      );
      process.boundary();
      return Buffer.from(answer);
    } catch (error) {
      if (!process.isUp) throw refuse('timeout');
      if (error instanceof Refusal && error.code !== 'internal') throw error;
      this.faults.push(`${pattern}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      throw refuse('internal');
    }
  }

  private async delay(): Promise<void> {
    if (this.weather.delayMs > 0) await sleep(this.chance.between(0, this.weather.delayMs));
  }
}

/** What a process has in place of its `BusClient`. */
export class SimulatedBus {
  readonly clock = { now: () => Date.now() };
  readonly commands = { publish: async () => 0 };
  readonly isConnected = true;
  readonly instance: string;
  process: Process | undefined;

  constructor(
    private readonly network: Network,
    readonly service: string,
  ) {
    this.instance = service;
  }

  async call<O extends AnyOperation>(operation: O, input: InputOf<O>): Promise<unknown> {
    const to = { service: operation.service, pattern: operation.key, repeatable: true };
    const answer = await this.network.send(this.process, to, Buffer.from(JSON.stringify(input)), {});
    return answer.length === 0 ? undefined : JSON.parse(answer.toString());
  }

  async deliver(
    event: Pick<AnyEvent, 'key'>,
    subscriber: string,
    body: string,
    { requestId, ...about }: { id: string; version: number; count?: number; requestId: string },
  ): Promise<Buffer> {
    const to = { service: subscriber, pattern: `event ${event.key}`, repeatable: true };
    return this.network.send(this.process, to, Buffer.from(body), { requestId, event: about });
  }

  async connect(): Promise<void> {}
  async close(): Promise<void> {}
}

/** What a process has in place of its `BusServer`: the same handlers behind the same checks. */
export class SimulatedServer extends Server implements CustomTransportStrategy {
  serving: Serving | undefined;
  private readonly routes = new Map<string, Route>();

  listen(callback: (error?: unknown) => void): void {
    callback();
  }

  close(): void {}

  on(): never {
    throw new Error('the simulated bus has no events');
  }

  unwrap<T>(): T {
    return this as unknown as T;
  }

  serve(header: RequestHeader, body: Buffer): Promise<string> {
    return this.routeOf(header.pattern).serve(header, body);
  }

  private routeOf(pattern: string): Route {
    const known = this.routes.get(pattern);
    if (known !== undefined) return known;
    const handler = this.messageHandlers.get(pattern);
    if (handler === undefined || this.serving === undefined) throw new Error(`no handler for ${pattern}`);
    const route = this.serving.routeFor(handler.extras as HandlerExtras, async (input, call) => lastValue(await handler(input, call)));
    this.routes.set(pattern, route);
    return route;
  }
}

const lastValue = (result: unknown): unknown => (isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result);
