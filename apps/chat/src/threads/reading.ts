import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import type { ReadState } from '#libs/contracts/chat/views';
import { Database } from '#libs/persistence/database';
import { ChatNews } from './chat-news.ts';
import { MemberRepository } from './member.repository.ts';
import { asMember, ThreadAccess, type User } from './thread-access.ts';
import type { MemberRow } from './thread-row.ts';

/** How far members have come. The pointers only rise, whatever comes late. */
@Injectable()
export class Reading {
  constructor(
    private readonly database: Database,
    private readonly access: ThreadAccess,
    private readonly members: MemberRepository,
    private readonly news: ChatNews,
  ) {}

  async reach(threadId: string, sequence: number, user: User, what: 'read' | 'delivered'): Promise<ReadState> {
    const { thread, me, members } = await this.access.own(threadId, user);
    if (sequence > thread.last_sequence) throw chatApi.refuse('chat.sequence_ahead', `The last message is ${thread.last_sequence}`);
    const isAhead = sequence > (what === 'read' ? me.read : me.delivered);
    const moved = isAhead ? await this.move(threadId, sequence, user, what) : undefined;
    if (moved !== undefined) {
      this.news.receipt(moved, members);
      if (what === 'read') this.news.unread([user.userId]);
    }
    const now = moved ?? (await this.members.find(threadId, user.userId)) ?? me;
    const { delivered, read, unread } = now;
    return { threadId, delivered, read, unreadCount: unread, totalUnread: await this.totalOf(user.userId) };
  }

  async totalOf(userId: string): Promise<number> {
    const [own] = await this.members.unreadOf([userId]);
    return own?.unread ?? 0;
  }

  private move(threadId: string, sequence: number, user: User, what: 'read' | 'delivered'): Promise<MemberRow | undefined> {
    return this.database.transaction(async (transaction) => {
      // What is sent meanwhile is counted by one of the two.
      asMember(await this.access.locked(transaction, threadId), user);
      const { userId } = user;
      if (what === 'delivered') return this.members.deliver(transaction, threadId, userId, sequence);
      const moved = await this.members.read(transaction, threadId, userId, sequence);
      const told = moved?.pushed_sequence ?? null;
      if (told !== null) transaction.publish(chatApi.events.read, { userId, threadId, sequence });
      return moved;
    });
  }
}
