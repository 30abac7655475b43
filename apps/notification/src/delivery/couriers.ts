import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { CHANNELS, type Channel } from '#libs/contracts/notification/views';
import type { Logger } from '#libs/observability/logger';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { CAUSES, LANES, type Lane, type Template } from '../causes.ts';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { Carriers } from './carriers.ts';
import { Courier } from './courier.ts';
import { HandOver } from './hand-over.ts';
import { Judge } from './judge.ts';
import { OutgoingRepository } from './outgoing.repository.ts';

const CUT_OFF_MS = 5_000;
const QUICK = [1, 2, 4];

/** Seconds before each further try. A code that comes late is asked for again; a link waits for a provider that is away, until it expires. */
export function pausesOf(lane: Lane, template: Template | null, usual: readonly number[]): readonly number[] {
  if (lane !== 'otp') return usual;
  return template === 'otp' ? QUICK : [...QUICK, ...usual];
}

/**
 * The workers: one for each lane and channel, so that neither a campaign nor a provider that hangs stands in the way of another. Every replica
 * has them; a message is claimed by one.
 */
@Injectable()
export class Couriers implements BeforeApplicationShutdown {
  private readonly couriers: readonly Courier[];

  constructor(
    outgoing: OutgoingRepository,
    judge: Judge,
    handOver: HandOver,
    carriers: Carriers,
    rounds: Rounds,
    @InjectLogger() logger: Logger,
    @InjectEnvironment(notificationEnv) env: NotificationEnv,
  ) {
    const pauses = env.DELIVERY_RETRY_SECONDS.map(Number);
    this.couriers = LANES.flatMap((lane) =>
      channelsOf(lane).map(
        (channel) =>
          new Courier(
            lane,
            channel,
            carriers.of(lane, channel),
            outgoing,
            judge,
            handOver,
            (template) => pausesOf(lane, template, pauses),
            rounds,
            logger,
          ),
      ),
    );
    rounds.every('notification.cut_off', CUT_OFF_MS, () => outgoing.giveUpCutOff());
  }

  wake(lane: Lane): void {
    for (const courier of this.couriers) if (courier.lane === lane) courier.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.couriers.map((courier) => courier.finish()));
  }
}

/** Campaigns go by the bulk lane and may use each channel. */
const channelsOf = (lane: Lane): readonly Channel[] =>
  CHANNELS.filter(
    (channel) =>
      lane === 'bulk' || Object.values(CAUSES).some((cause) => cause.lane === lane && cause.channels.some((one) => one === channel)),
  );
