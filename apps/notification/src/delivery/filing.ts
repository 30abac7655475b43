import { Injectable } from '@nestjs/common';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type KeptDelivery, NotificationStore } from '../store/notification-store.ts';
import { FILED_AT_ONCE, OutgoingRepository } from './outgoing.repository.ts';
import type { Outgoing } from './outgoing.ts';

const EVERY_MS = 5_000;
/** What is done in such a time is filed together. */
const GATHER_MS = 1_000;

/** Moves what is done into the store; while that is away, it waits here. */
@Injectable()
export class Filing {
  private readonly round: Round;
  private isPlanned = false;

  constructor(
    private readonly outgoing: OutgoingRepository,
    private readonly store: NotificationStore,
    rounds: Rounds,
  ) {
    this.round = rounds.every('notification.filing', EVERY_MS, () => this.fileDone());
  }

  /** Messages are done. */
  wake(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    this.round.wake(GATHER_MS);
  }

  async fileDone(): Promise<void> {
    this.isPlanned = false;
    let done: readonly Outgoing[];
    do {
      done = await this.outgoing.claimDone();
      if (done.length === 0) return;
      await this.store.file(done.map(deliveryOf));
      await this.outgoing.forget(done);
    } while (done.length === FILED_AT_ONCE);
  }
}

export const deliveryOf = (one: Outgoing): KeptDelivery => ({
  ...{ id: one.id, notificationId: one.notification_id, campaignId: one.campaign_id, userId: one.user_id },
  ...{ orderId: one.data.orderId ?? null, template: one.template, version: one.version, locale: one.locale, channel: one.channel },
  ...{ to: one.sent_to, state: one.state, reason: one.reason, attempts: one.attempts },
  ...{ createdAt: one.created_at, updatedAt: one.updated_at },
});
