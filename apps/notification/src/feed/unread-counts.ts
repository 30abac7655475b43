import { Injectable } from '@nestjs/common';
import { notificationApi } from '#libs/contracts/notification/api';
import type { Unread } from '#libs/contracts/notification/messages';
import { Signals } from '#libs/messaging/signals';
import { NotificationStore } from '../store/notification-store.ts';
import { UnreadVersionRepository } from './unread-version.repository.ts';

/**
 * How many notifications of a user are unread, with a version that rises at each change. A version is taken after its change and before the
 * count, so the count with the highest version has every change in it.
 */
@Injectable()
export class UnreadCounts {
  constructor(
    private readonly versions: UnreadVersionRepository,
    private readonly store: NotificationStore,
    private readonly signals: Signals,
  ) {}

  /** Tells all devices of these users. */
  async changed(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const users = [...new Set(userIds)];
    const versions = await this.versions.raise(users);
    const counts = await this.store.unread(users);
    for (const userId of users)
      this.signals.send(notificationApi.signals.unread, { userId, unread: counts.get(userId) ?? 0, version: versions.get(userId) ?? 0 });
    return counts;
  }

  async of(userId: string): Promise<Unread> {
    const version = await this.versions.of(userId);
    return { unread: (await this.store.unread([userId])).get(userId) ?? 0, version };
  }
}
