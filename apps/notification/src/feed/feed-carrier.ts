import { Injectable } from '@nestjs/common';
import { notificationApi } from '#libs/contracts/notification/api';
import { Signals } from '#libs/messaging/signals';
import { backoff } from '#libs/persistence/claim';
import { isTransient } from '#libs/persistence/database-errors';
import { millisecondsOf } from '#libs/persistence/retention';
import { retention } from '../../migrations/notification.retention.ts';
import { causeOf } from '../causes.ts';
import { ChatTellingRepository } from '../chat-telling.repository.ts';
import type { Carrier, Message, Outcome } from '../delivery/outgoing.ts';
import { type KeptNotification, NotificationStore } from '../store/notification-store.ts';
import { notificationOf } from './feed.handlers.ts';
import { ListDigests } from './list-digests.ts';
import { UnreadCounts } from './unread-counts.ts';

const AT_ONCE = 100;
/** As the contract has them. A long name in the place of `{{name}}` may make more of them. */
const MOST_OF_A_TITLE = 200;
const MOST_OF_A_BODY = 1_000;
const KEPT_MS = millisecondsOf(retention.notifications.keptFor);
/** Between tries at a store that is away. */
const PAUSE = { baseSeconds: 1, maxSeconds: 10 };

/** Puts messages into people's lists and tells their open pages. Doing so again changes nothing. */
@Injectable()
export class FeedCarrier implements Carrier {
  readonly atOnce = AT_ONCE;
  private failures = 0;
  private restsUntil = 0;

  constructor(
    private readonly store: NotificationStore,
    private readonly digests: ListDigests,
    private readonly counts: UnreadCounts,
    private readonly signals: Signals,
    private readonly chats: ChatTellingRepository,
  ) {}

  restsFor(): number {
    return Math.max(0, (this.restsUntil - performance.now()) / 1_000);
  }

  async carry(messages: readonly Message[]): Promise<readonly Outcome[]> {
    let notifications: readonly KeptNotification[];
    try {
      notifications = await this.put(messages);
      await this.counts.changed(notifications.map(({ userId }) => userId));
    } catch (error) {
      const retryAfter = backoff(this.failures, PAUSE);
      this.failures += 1;
      this.restsUntil = performance.now() + retryAfter * 1_000;
      // An absent store is nothing that a message has tried: it waits as long as that takes.
      return messages.map(() => ({ state: 'again', provider: 'in_app', code: 'store_away', retryAfter, isUntried: isTransient(error) }));
    }
    this.failures = 0;
    for (const notification of notifications)
      this.signals.send(notificationApi.signals.shown, { userId: notification.userId, notification: notificationOf(notification) });
    return messages.map(() => ({ state: 'delivered', provider: 'in_app' }));
  }

  private async put(messages: readonly Message[]): Promise<readonly KeptNotification[]> {
    const plain = messages.filter((message) => !isDigest(message)).map(keptOf);
    if (plain.length > 0) await this.store.add(plain);
    const read = await this.readMeanwhile(plain);
    const entries = new Map<string, KeptNotification>();
    // One after another, for the next may join what this one has put there.
    for (const message of messages.filter(isDigest)) {
      const entry = await this.digests.put(message.id, keptOf(message));
      if (entry !== undefined) entries.set(entry.id, entry);
    }
    return [...plain.filter(({ id }) => !read.has(id)), ...entries.values()];
  }

  /** Threads may have been read after it was asked whether they are: what reading them marked as read was not in the list yet. */
  private async readMeanwhile(added: readonly KeptNotification[]): Promise<ReadonlySet<string>> {
    const chats = added.filter(({ template }) => template === 'chat_unread');
    const told =
      chats.length === 0
        ? new Set<string>()
        : await this.chats.stillTold(chats.map(({ userId, data }) => ({ userId, threadId: data.threadId ?? '' })));
    const read = chats.filter(({ id }) => !told.has(id));
    for (const { userId, id } of read) await this.store.read(userId, id, new Date());
    return new Set(read.map(({ id }) => id));
  }
}

const isDigest = ({ template }: Message): boolean => template !== null && causeOf(template).digest === true;

function keptOf({ notificationId, userId, category, template, subject, text, data, count, createdAt }: Message): KeptNotification {
  return {
    ...{
      id: notificationId,
      userId: userId ?? '',
      category,
      template,
      title: cut(subject ?? '', MOST_OF_A_TITLE),
      body: cut(text, MOST_OF_A_BODY),
      data,
      count,
      readAt: null,
      createdAt,
    },
    expiresAt: new Date(createdAt.getTime() + KEPT_MS),
  };
}

/** No sign that takes two units is cut in two. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
