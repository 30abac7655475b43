import type { Channel } from '#libs/contracts/notification/views';
import type { Logger } from '#libs/observability/logger';
import type { Round, Rounds } from '#libs/runtime/rounds';
import type { Lane, Template } from '../causes.ts';
import { handedOver } from '../notification.metrics.ts';
import type { HandOver } from './hand-over.ts';
import type { Judge } from './judge.ts';
import type { OutgoingRepository, Recorded } from './outgoing.repository.ts';
import { type Carrier, type Message, masked, type Outcome, type Outgoing } from './outgoing.ts';

const POLL_MS = 2_000;
/** Batches that are on their way at once. */
const AT_ONCE = 4;
/** Seconds after which messages are tried again that could not be judged, for auth or another service is away. */
const UNJUDGED_AGAIN = 2;
/** The same for the lists while their store is away; none is given up. */
const LIST_AGAIN = 5;

/** Takes the messages of one lane and channel: claim, judge, hand over, record. */
export class Courier {
  private readonly round: Round;
  private readonly underWay = new Set<Promise<void>>();
  private isStopped = false;

  constructor(
    readonly lane: Lane,
    private readonly channel: Channel,
    private readonly carrier: Carrier,
    private readonly outgoing: OutgoingRepository,
    private readonly judge: Judge,
    private readonly handOver: HandOver,
    /** Seconds before each further try. */
    private readonly pausesOf: (template: Template | null) => readonly number[],
    rounds: Rounds,
    private readonly logger: Logger,
  ) {
    this.round = rounds.every(`notification.${lane}_${channel}`, { everyMs: POLL_MS, atOnce: true }, () => this.work());
  }

  wake(): void {
    this.round.wake();
  }

  /** Ends with what is under way; another replica has the rest. */
  async finish(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.underWay);
  }

  /** Begins batches while there are messages and room; a batch that ends makes room and looks again. */
  private async work(): Promise<void> {
    while (this.underWay.size < AT_ONCE && !this.isStopped) {
      const rests = this.carrier.restsFor();
      if (rests > 0) return this.round.wake(rests * 1_000);
      const claimed = await this.outgoing.claim(this.lane, this.channel, this.carrier.atOnce);
      if (claimed.length === 0) return;
      const batch: Promise<void> = this.deliver(claimed).finally(() => {
        this.underWay.delete(batch);
        this.round.wake();
      });
      this.underWay.add(batch);
    }
  }

  private async deliver(claimed: readonly Outgoing[]): Promise<void> {
    try {
      const { leaving, others, unjudged } = await this.judge.judge(claimed);
      await this.outgoing.record(others);
      if (unjudged.length > 0) await this.outgoing.postpone(unjudged, UNJUDGED_AGAIN);
      if (leaving.length === 0) return;
      const messages = await this.handOver.begin(leaving);
      if (messages.length === 0) return;
      await this.carry(messages);
    } catch (error) {
      // What was not handed over yet waits a little; the rest stays `sending` until it counts as cut off.
      this.logger.warn({ err: error, lane: this.lane, channel: this.channel }, 'notification.batch_failed');
      await this.outgoing.postpone(
        claimed.map(({ id }) => id),
        UNJUDGED_AGAIN,
      );
    }
  }

  /** Each outcome is recorded as it comes, for a receipt may follow at once; those that come while one is recorded go together. */
  private async carry(messages: readonly Message[]): Promise<void> {
    const parts = this.channel === 'in_app' ? [messages] : messages.map((message) => [message]);
    const came: Recorded[] = [];
    let recording = Promise.resolve();
    await Promise.all(
      parts.map(async (part) => {
        const outcomes = await this.carrier.carry(part);
        came.push(...part.map((message, index) => this.recordOf(message, outcomes[index])));
        recording = recording.catch(() => undefined).then(() => this.outgoing.record(came.splice(0)));
        await recording;
      }),
    );
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
