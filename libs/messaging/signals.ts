import type { Redis } from 'ioredis';
import type { SignalDefinition } from '#libs/contracts/contract';
import { readEvent } from '#libs/contracts/shape';
import { within } from '#libs/contracts/time-limit';
import type { Logger } from '#libs/observability/logger';
import type { BusClient } from './bus-client.ts';
import type { SignalHeader } from './envelope.ts';
import { Forgeries } from './forgeries.ts';
import { signalsChannel } from './keys.ts';
import { subscriberConnection } from './redis.ts';

/** Milliseconds that a check waits, whatever becomes of the connection. */
const CHECK_MS = 5_000;

type Listener = (data: never) => void;

/** Hints to every replica over pub/sub: cache drops, revocations, socket messages. A lost one must cost only latency. */
export class Signals {
  private readonly listeners = new Map<string, { definition: SignalDefinition<object>; listen: Set<Listener> }>();
  private readonly subscriber: Redis;
  private readonly channel: string;
  private readonly forgeries: Forgeries;
  /** Called when the subscription is made anew: signals may have been missed since the old one was lost. */
  onRenewed: () => void = () => undefined;

  constructor(
    private readonly bus: BusClient,
    private readonly logger: Logger,
  ) {
    this.channel = signalsChannel(bus.redis.keyPrefix);
    this.forgeries = new Forgeries(logger, 'bus.forged_signal');
    this.subscriber = subscriberConnection(bus.redis.url, (error) => logger.warn({ reason: error.message }, 'signals.redis_error'));
    this.subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => this.receive(message));
  }

  async start(): Promise<void> {
    await this.subscriber.subscribe(this.channel);
    // ioredis renews the subscription by itself.
    this.subscriber.on('ready', () => this.onRenewed());
  }

  /** To be repeated: a subscription only listens, and would not notice that its connection is dead. */
  async check(): Promise<void> {
    if (this.subscriber.status === 'ready') await within<unknown>(CHECK_MS, this.subscriber.ping(), () => undefined);
  }

  stop(): void {
    this.subscriber.disconnect();
  }

  on<Data extends object>(definition: SignalDefinition<Data>, listener: (data: Data) => void): void {
    const entry = this.listeners.get(definition.key) ?? { definition, listen: new Set() };
    entry.listen.add(listener);
    this.listeners.set(definition.key, entry);
  }

  /** Never fails: whoever signals has already done what counts. */
  send<Data extends object>(definition: SignalDefinition<Data>, data: Data): void {
    const header: SignalHeader = { pattern: definition.key, from: this.bus.service, sentAt: this.bus.clock.now() };
    this.bus.commands.publish(this.channel, this.bus.envelopes.seal(header, JSON.stringify(data))).catch(() => undefined);
  }

  private receive(message: Buffer): void {
    const opened = this.bus.envelopes.open<SignalHeader>(message);
    if (opened === undefined) this.forgeries.note(message);
    const entry = opened === undefined ? undefined : this.listeners.get(opened.header.pattern);
    if (opened === undefined || entry === undefined) return;
    const data = this.read(entry.definition, opened.body);
    if (data !== undefined) for (const listener of entry.listen) listener(data as never);
  }

  /** A replica of another release may say something that this one cannot read; it must not end the process that hears it. */
  private read({ key, data }: SignalDefinition<object>, body: Buffer): object | undefined {
    try {
      return readEvent(data, JSON.parse(body.toString()));
    } catch (error) {
      this.logger.warn({ signal: key, reason: error instanceof Error ? error.message : String(error) }, 'signals.misread');
      return undefined;
    }
  }
}
