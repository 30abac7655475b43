import { Injectable } from '@nestjs/common';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { NotificationStore } from '../store/notification-store.ts';
import { ErasureRepository } from './erasure.repository.ts';

const EVERY_MS = 5_000;

/** Removes what the store has of users who are gone; while it is away, they wait here. */
@Injectable()
export class Eraser {
  private readonly round: Round;

  constructor(
    private readonly repository: ErasureRepository,
    private readonly store: NotificationStore,
    rounds: Rounds,
  ) {
    this.round = rounds.every('notification.erasure', EVERY_MS, () => this.eraseDue());
  }

  wake(): void {
    this.round.wake();
  }

  private async eraseDue(): Promise<void> {
    for (const userId of await this.repository.claim()) {
      await this.store.erase(userId);
      await this.repository.done(userId);
    }
  }
}
