import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ListNotifications, ReadAll } from '#libs/contracts/notification/api';
import type { Unread } from '#libs/contracts/notification/messages';
import type { Notification, NotificationPage, UnreadCount } from '#libs/contracts/notification/views';
import type { ById } from '#libs/contracts/page';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { type KeptNotification, NotificationStore } from '../store/notification-store.ts';
import { UnreadCounts } from './unread-counts.ts';

/** The list behind the bell. */
@Injectable()
export class FeedHandlers {
  constructor(
    private readonly store: NotificationStore,
    private readonly counts: UnreadCounts,
    private readonly cursors: Cursors,
  ) {}

  async list({ userId, unread, category, limit, cursor }: ListNotifications): Promise<NotificationPage> {
    const list = `notifications ${JSON.stringify([userId, unread ?? null, category ?? null])}`;
    const before = cursor === undefined ? undefined : String(this.cursors.decode(cursor, list)[0]);
    const kept = await this.store.page({ userId, unread, category, before, limit: limit + 1 });
    const { items, nextCursor } = pageOf(kept, limit, ({ id }) => this.cursors.encode([id], list));
    return { items: items.map(notificationOf), nextCursor, unreadCount: (await this.counts.of(userId)).unread };
  }

  async read({ id }: ById, call: Call): Promise<UnreadCount> {
    const { userId } = userOf(call);
    const kept = await this.store.find(userId, id);
    if (kept === undefined) throw notFound();
    if (kept.readAt !== null) return this.unreadOf(userId);
    await this.store.read(userId, id, new Date());
    return this.changed(userId);
  }

  async readAll({ userId, upTo }: ReadAll): Promise<UnreadCount> {
    await this.store.readAll(userId, upTo, new Date());
    return this.changed(userId);
  }

  async remove({ id }: ById, call: Call): Promise<void> {
    const { userId } = userOf(call);
    if (!(await this.store.remove(userId, id))) throw notFound();
    await this.changed(userId);
  }

  myUnread(_input: object, call: Call): Promise<Unread> {
    return this.counts.of(userOf(call).userId);
  }

  private async changed(userId: string): Promise<UnreadCount> {
    return { unreadCount: (await this.counts.changed([userId])).get(userId) ?? 0 };
  }

  private async unreadOf(userId: string): Promise<UnreadCount> {
    return { unreadCount: (await this.counts.of(userId)).unread };
  }
}

export const notificationOf = ({ readAt, createdAt, expiresAt, data, ...kept }: KeptNotification): Notification => ({
  ...kept,
  data: { ...data },
  ...(readAt === null ? {} : { readAt: readAt.toISOString() }),
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});
