import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Couriers } from '../delivery/couriers.ts';
import { OutgoingRepository } from '../delivery/outgoing.repository.ts';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { type PreferenceChange, PreferenceRepository } from './preference.repository.ts';
import type { Preferences } from './preferences.ts';

/** Changes what a reader wants to hear of. It counts for what still waits as well, which is judged anew. */
@Injectable()
export class PreferenceChanges {
  constructor(
    private readonly database: Database,
    private readonly preferences: PreferenceRepository,
    private readonly outgoing: OutgoingRepository,
    private readonly couriers: Couriers,
    @InjectEnvironment(notificationEnv) private readonly env: NotificationEnv,
  ) {}

  make(userId: string, change: PreferenceChange): Promise<Preferences> {
    return this.database.transaction(async (transaction) => {
      const preferences = await this.preferences.change(transaction, userId, change);
      this.outgoing.judgeAnew(transaction, userId, this.env.DIGEST_SECONDS);
      transaction.afterCommit(() => this.couriers.wake());
      return preferences;
    });
  }
}
