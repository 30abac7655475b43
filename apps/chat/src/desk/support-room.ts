import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import type { SystemEventName, Thread } from '#libs/contracts/chat/views';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { Journal } from '../messages/journal.ts';
import { ChatNews } from '../threads/chat-news.ts';
import { isIn, type Room, ThreadAccess, type User } from '../threads/thread-access.ts';
import type { ThreadRow } from '../threads/thread-row.ts';
import { ThreadViews } from '../threads/thread-views.ts';
import type { Moved } from './moves.ts';

/** Changes a support thread under its lock, and tells of it. */
@Injectable()
export class SupportRoom {
  constructor(
    private readonly database: Database,
    private readonly access: ThreadAccess,
    private readonly journal: Journal,
    private readonly views: ThreadViews,
    private readonly news: ChatNews,
  ) {}

  /** @throws chat.not_support for a direct thread of the caller's */
  async seen(threadId: string, user: User): Promise<void> {
    const { thread } = await this.access.seen(threadId, user);
    if (thread.kind !== 'support') throw chatApi.refuse('chat.not_support', 'That is no support thread');
  }

  /** `work` answers the moves that it has made: none where the thread is as wanted already. */
  async change(
    threadId: string,
    user: User,
    work: (transaction: Transaction, room: Room) => Promise<readonly Moved[]>,
    /** What has to be locked before the thread: users are. */
    first: (transaction: Transaction) => Promise<void> = async () => undefined,
  ): Promise<Thread> {
    await this.seen(threadId, user);
    const { before, moves, after } = await this.database.transaction(async (transaction) => {
      await first(transaction);
      const room = await this.access.locked(transaction, threadId);
      const made = await work(transaction, room);
      return { before: room, moves: made, after: await this.access.locked(transaction, threadId) };
    });
    const userIds = [...new Set([...before.members, ...after.members].map(({ user_id }) => user_id))];
    const rows = moves.map(({ row }) => row);
    if (rows.length > 0) this.news.moved(threadId, rows, userIds);
    else this.news.again(threadId);
    return this.views.one(after.thread, isIn(after, user)?.user_id);
  }

  note(transaction: Transaction, thread: ThreadRow, event: SystemEventName, actorId: string, subjectId: string): Promise<Moved> {
    return this.journal.note(transaction, thread, event, { actorId, subjectId });
  }
}
