import { setTimeout } from 'node:timers/promises';
import type { Channel } from '#libs/contracts/notification/views';
import type { Logger } from '#libs/observability/logger';
import { backoff } from '#libs/persistence/claim';
import { isTransient } from '#libs/persistence/database-errors';
import type { Lane, Template } from '../causes.ts';
import { handedOver } from '../notification.metrics.ts';
import type { Filing } from './filing.ts';
import { HAND_OVER_SECONDS, type OutgoingRepository, type Recorded } from './outgoing.repository.ts';
import { type Carrier, type Message, masked, type Outcome, type Outgoing } from './outgoing.ts';

/** Batches that are on their way at once. */
const AT_ONCE = 4;
/** Seconds after which messages are tried again that could not be judged, for auth or another service is away. */
export const UNJUDGED_AGAIN = 2;
/** The same for the lists while their store is away; none is given up. */
const LIST_AGAIN = 5;
/** Between tries to record what became of messages: without a record they would count as `unknown`. */
const RECORD_AGAIN = { baseSeconds: 0.5, maxSeconds: 10 };

/** Hands over the messages of one lane and channel, and records what became of them. */
export class Courier {
  private readonly underWay = new Set<Promise<void>>();
  /** Whether more messages wait than the last claim could take. */
  private hasMore = false;
  private isFinishing = false;

  constructor(
    readonly lane: Lane,
    readonly channel: Channel,
    private readonly carrier: Carrier,
    private readonly outgoing: OutgoingRepository,
    /** Seconds before each further try. */
    private readonly pausesOf: (template: Template | null) => readonly number[],
    /** Asks for a claim after so many milliseconds. */
    private readonly wake: (afterMs?: number) => void,
    private readonly filing: Filing,
    private readonly logger: Logger,
  ) {}

  /** The messages that it takes now: none while its provider rests or its batches are on their way. Asks again when that is over. */
  roomNow(): number {
    const rests = this.carrier.restsFor();
    if (rests > 0) this.wake(rests * 1_000);
    this.hasMore = this.underWay.size >= AT_ONCE;
    return rests > 0 || this.hasMore ? 0 : this.carrier.atOnce;
  }

  /** `leaving` are those of the claimed that are to be handed over, together with messages of other channels. True: more may wait. */
  take(claimed: readonly Outgoing[], leaving: Promise<readonly Message[]>): boolean {
    this.hasMore = claimed.length === this.carrier.atOnce;
    if (claimed.length === 0) return false;
    const batch: Promise<void> = this.deliver(claimed, leaving).finally(() => {
      this.underWay.delete(batch);
      if (this.hasMore) this.wake();
    });
    this.underWay.add(batch);
    return this.hasMore;
  }

  /** Ends with what is under way; another replica has the rest. */
  async finish(): Promise<void> {
    this.isFinishing = true;
    await Promise.all(this.underWay);
  }

  private async deliver(claimed: readonly Outgoing[], leaving: Promise<readonly Message[]>): Promise<void> {
    try {
      await this.carry((await leaving).filter(({ channel }) => channel === this.channel));
    } catch (error) {
      // What was not handed over yet waits a little; the rest stays `sending` until it counts as cut off.
      this.logger.warn({ err: error, lane: this.lane, channel: this.channel }, 'notification.batch_failed');
      await this.outgoing
        .postpone(
          claimed.map(({ id }) => id),
          UNJUDGED_AGAIN,
        )
        // Without a database they wait for the end of their lease.
        .catch(() => undefined);
      this.wake(UNJUDGED_AGAIN * 1_000);
    }
  }

  /** Each outcome is recorded as it comes, for a receipt may follow at once; those that come while one is recorded go together. */
  private async carry(messages: readonly Message[]): Promise<void> {
    const parts = this.channel === 'in_app' && messages.length > 0 ? [messages] : messages.map((message) => [message]);
    const begunAt = Date.now();
    const came: Recorded[] = [];
    let recording = Promise.resolve();
    await Promise.all(
      parts.map(async (part) => {
        const outcomes = await this.carrier.carry(part);
        came.push(...part.map((message, index) => this.recordOf(message, outcomes[index])));
        recording = recording.catch(() => undefined).then(() => this.record(came.splice(0), begunAt));
        await recording;
      }),
    );
  }

  /** While the database is away it is tried again, until the messages count as cut off. */
  private async record(recorded: readonly Recorded[], begunAt: number): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await this.outgoing.record(recorded);
        break;
      } catch (error) {
        const pause = backoff(tries, RECORD_AGAIN);
        if (!isTransient(error) || this.isFinishing || Date.now() + pause * 1_000 > begunAt + HAND_OVER_SECONDS * 1_000) throw error;
        await setTimeout(pause * 1_000);
      }
    }
    this.filing.wake();
    for (const { again } of recorded) if (again !== undefined) this.wake(again * 1_000);
  }

  private recordOf(message: Message, outcome: Outcome | undefined): Recorded {
    const { state, provider, code, providerId, retryAfter, isUntried }: Outcome = outcome ?? { state: 'unknown', provider: 'none' };
    handedOver.inc({ lane: this.lane, channel: this.channel, outcome: state });
    const { id, template, version, locale } = message;
    const told = {
      id,
      template,
      version,
      locale,
      sentTo: masked(this.channel, message.to[0] ?? ''),
      providerId,
      ...(isUntried === true ? {} : { attempt: { provider, outcome: state, code } }),
    };
    if (state !== 'again') return { ...told, state };
    const pause = this.channel === 'in_app' ? LIST_AGAIN : this.pausesOf(message.template)[message.tries];
    if (pause === undefined) return { ...told, state: 'failed' };
    // What failed together does not come back together; a provider that asks for more gets it.
    return { ...told, state: 'queued', again: Math.max(pause * (1 + Math.random() / 5), retryAfter ?? 0) };
  }
}
