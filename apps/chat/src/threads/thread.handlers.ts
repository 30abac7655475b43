import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import type { ByThread, ListThreads, OpenThread, PresenceOf, TypingIn, UpTo, WatchThread } from '#libs/contracts/chat/inputs';
import type { ChatUnread, UnreadAsked, UnreadOfThread } from '#libs/contracts/chat/messages';
import type { Audience, OpenedThread, Presences, ReadState, Thread, ThreadPage } from '#libs/contracts/chat/views';
import { notFound } from '#libs/contracts/errors';
import { WhoIsHere } from '../people/who-is-here.ts';
import { ChatNews } from './chat-news.ts';
import { MemberRepository } from './member.repository.ts';
import { Opening } from './opening.ts';
import { Reading } from './reading.ts';
import { isShown } from './receipts.ts';
import { ThreadRepository } from './thread.repository.ts';
import { isIn, ThreadAccess } from './thread-access.ts';
import { ThreadViews } from './thread-views.ts';

/** Threads and who is in them. */
@Injectable()
export class ThreadHandlers {
  constructor(
    private readonly access: ThreadAccess,
    private readonly threadRows: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly views: ThreadViews,
    private readonly opening: Opening,
    private readonly reading: Reading,
    private readonly here: WhoIsHere,
    private readonly news: ChatNews,
  ) {}

  async threads(query: ListThreads): Promise<ThreadPage> {
    const { userId } = query;
    const [{ items, nextCursor }, totalUnread] = await Promise.all([this.threadRows.page(query), this.reading.totalOf(userId)]);
    const seen = await this.views.of(items);
    return { items: items.map((thread) => seen.as(thread, userId)), nextCursor, totalUnread };
  }

  async open(input: OpenThread, call: Call): Promise<OpenedThread> {
    const { thread, isNew } = await this.opening.open(input, call);
    if (isNew) this.news.thread(thread.id);
    return { ...(await this.views.one(thread, userOf(call).userId)), opened: isNew };
  }

  async thread({ threadId }: ByThread, call: Call): Promise<Thread> {
    const user = userOf(call);
    const room = await this.access.seen(threadId, user);
    return this.views.one(room.thread, isIn(room, user)?.user_id);
  }

  read({ threadId, sequence }: UpTo, call: Call): Promise<ReadState> {
    return this.reading.reach(threadId, sequence, userOf(call), 'read');
  }

  delivered({ threadId, sequence }: UpTo, call: Call): Promise<ReadState> {
    return this.reading.reach(threadId, sequence, userOf(call), 'delivered');
  }

  async typing({ threadId }: TypingIn, call: Call): Promise<Audience> {
    const { userId } = userOf(call);
    const { thread, members } = await this.access.own(threadId, userOf(call));
    const others = members.map(({ user_id }) => user_id).filter((other) => other !== userId);
    if (thread.kind === 'support') return { userIds: others };
    const { blocked } = await this.views.mannersOf([userId, ...others]);
    return { userIds: others.filter((other) => !blocked.has(userId, other)) };
  }

  async watch({ threadId }: WatchThread, call: Call): Promise<void> {
    const { thread } = await this.access.seen(threadId, userOf(call));
    if (thread.kind !== 'support') throw notFound();
  }

  async presence({ userIds }: PresenceOf, call: Call): Promise<Presences> {
    const { userId } = userOf(call);
    const peers = new Set(await this.members.peersOf(userId));
    const asked = [...new Set(userIds)].filter((other) => peers.has(other));
    const manners = await this.views.mannersOf([userId, ...asked]);
    const known = asked.filter((other) => isShown('presence', other, userId, manners));
    const seen = known.length === 0 ? [] : await this.here.of(known);
    return {
      items: known.map((other, index) => {
        const { online = false, lastSeen } = seen[index] ?? {};
        return { userId: other, online, lastSeen: lastSeen === undefined ? null : new Date(lastSeen).toISOString() };
      }),
    };
  }

  async peers(_: object, call: Call): Promise<Audience> {
    return { userIds: await this.members.peersOf(userOf(call).userId) };
  }

  async myUnread(_: object, call: Call): Promise<ChatUnread> {
    const [own] = await this.members.unreadOf([userOf(call).userId]);
    return { unread: own?.unread ?? 0, version: own?.version ?? 0 };
  }

  async unreadOf({ userId, threadId }: UnreadAsked): Promise<UnreadOfThread> {
    const member = await this.members.find(threadId, userId);
    return { read: member?.read ?? 0, unread: member?.left_at === null ? member.unread : 0 };
  }
}
