import { Injectable } from '@nestjs/common';
import { notificationApi } from '#libs/contracts/notification/api';
import { Signals } from '#libs/messaging/signals';
import type { Carrier, Message, Outcome } from '../delivery/outgoing.ts';
import { type KeptNotification, NotificationStore } from '../store/notification-store.ts';
import { notificationOf } from './feed.handlers.ts';
import { UnreadCounts } from './unread-counts.ts';

const AT_ONCE = 100;
const KEPT_DAYS = 90;
const DAY_MS = 86_400_000;

/** Puts messages into people's lists and tells their open pages. Doing so again changes nothing. */
@Injectable()
export class FeedCarrier implements Carrier {
  readonly atOnce = AT_ONCE;

  constructor(
    private readonly store: NotificationStore,
    private readonly counts: UnreadCounts,
    private readonly signals: Signals,
  ) {}

  restsFor(): number {
    return 0;
  }

  async carry(messages: readonly Message[]): Promise<readonly Outcome[]> {
    const notifications = messages.map(keptOf);
    try {
      await this.store.add(notifications);
    } catch {
      return messages.map(() => ({ state: 'again', provider: 'in_app', code: 'store_away' }));
    }
    for (const notification of notifications)
      this.signals.send(notificationApi.signals.shown, { userId: notification.userId, notification: notificationOf(notification) });
    await this.counts.changed(notifications.map(({ userId }) => userId));
    return messages.map(() => ({ state: 'delivered', provider: 'in_app' }));
  }
}

function keptOf({ notificationId, userId, category, template, subject, text, data, count }: Message): KeptNotification {
  const createdAt = new Date();
  return {
    ...{
      id: notificationId,
      userId: userId ?? '',
      category,
      template,
      title: subject ?? '',
      body: text,
      data,
      count,
      readAt: null,
      createdAt,
    },
    expiresAt: new Date(createdAt.getTime() + KEPT_DAYS * DAY_MS),
  };
}
