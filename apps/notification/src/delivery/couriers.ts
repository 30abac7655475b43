import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { CHANNELS, type Channel } from '#libs/contracts/notification/views';
import type { Logger } from '#libs/observability/logger';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { CAUSES, LANES, type Lane, type Template } from '../causes.ts';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { Carriers } from './carriers.ts';
import { Courier, UNJUDGED_AGAIN } from './courier.ts';
import { Filing } from './filing.ts';
import { HandOver } from './hand-over.ts';
import { Judge } from './judge.ts';
import { OutgoingRepository } from './outgoing.repository.ts';
import type { Message, Outgoing } from './outgoing.ts';

/** For messages whose moment no worker here knows of: another replica's that died, or that an event has put off. */
const POLL_MS = 5_000;
const CUT_OFF_MS = 10_000;
const QUICK = [1, 2, 4];

/** Seconds before each further try. A code that comes late is asked for again; a link waits for a provider that is away, until it expires. */
export function pausesOf(lane: Lane, template: Template | null, usual: readonly number[]): readonly number[] {
  if (lane !== 'otp') return usual;
  return template === 'otp' ? QUICK : [...QUICK, ...usual];
}

/**
 * The workers: one for each lane and channel, so that neither a campaign nor a provider that hangs stands in the way of another. One statement
 * claims for all of them, and what one lane has on several channels is judged together. Every replica has them; a message is claimed by one.
 */
@Injectable()
export class Couriers implements BeforeApplicationShutdown {
  private readonly couriers: readonly Courier[];
  private readonly round: Round;
  private isStopped = false;

  constructor(
    private readonly outgoing: OutgoingRepository,
    private readonly judge: Judge,
    private readonly handOver: HandOver,
    private readonly filing: Filing,
    carriers: Carriers,
    rounds: Rounds,
    @InjectLogger() logger: Logger,
    @InjectEnvironment(notificationEnv) env: NotificationEnv,
  ) {
    const pauses = env.DELIVERY_RETRY_SECONDS.map(Number);
    this.round = rounds.every('notification.deliver', { everyMs: POLL_MS, atOnce: true }, () => this.work());
    this.couriers = LANES.flatMap((lane) =>
      channelsOf(lane).map(
        (channel) =>
          new Courier(
            lane,
            channel,
            carriers.of(lane, channel),
            outgoing,
            (template) => pausesOf(lane, template, pauses),
            (afterMs) => this.round.wake(afterMs),
            filing,
            logger,
          ),
      ),
    );
    rounds.every('notification.cut_off', CUT_OFF_MS, () => outgoing.giveUpCutOff());
  }

  wake(): void {
    this.round.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.couriers.map((courier) => courier.finish()));
  }

  /** Claims while there are messages and room. */
  private async work(): Promise<void> {
    for (let asked = this.couriers; asked.length > 0 && !this.isStopped; ) {
      const rooms = asked.map((courier) => ({ courier, most: courier.roomNow() })).filter(({ most }) => most > 0);
      if (rooms.length === 0) return;
      const claimed = await this.outgoing.claim(rooms.map(({ courier: { lane, channel }, most }) => ({ lane, channel, most })));
      const leaving = new Map(LANES.map((lane) => [lane, this.begin(claimed.filter((one) => one.lane === lane))]));
      asked = rooms.flatMap(({ courier }) => {
        const own = claimed.filter(({ lane, channel }) => lane === courier.lane && channel === courier.channel);
        return courier.take(own, leaving.get(courier.lane) ?? Promise.resolve([])) ? [courier] : [];
      });
    }
  }

  /** Messages of one lane: those that leave now. */
  private begin(claimed: readonly Outgoing[]): Promise<readonly Message[]> {
    const leaving = claimed.length === 0 ? Promise.resolve([]) : this.judged(claimed);
    // Those who take them up see to it.
    leaving.catch(() => undefined);
    return leaving;
  }

  private async judged(claimed: readonly Outgoing[]): Promise<readonly Message[]> {
    const { leaving, others, unjudged } = await this.judge.judge(claimed);
    await this.outgoing.record(others);
    if (others.length > 0) this.filing.wake();
    if (unjudged.length > 0) {
      await this.outgoing.postpone(unjudged, UNJUDGED_AGAIN);
      this.round.wake(UNJUDGED_AGAIN * 1_000);
    }
    return leaving.length === 0 ? [] : this.handOver.begin(leaving);
  }
}

/** Campaigns go by the bulk lane and may use each channel. */
const channelsOf = (lane: Lane): readonly Channel[] =>
  CHANNELS.filter(
    (channel) =>
      lane === 'bulk' || Object.values(CAUSES).some((cause) => cause.lane === lane && cause.channels.some((one) => one === channel)),
  );
