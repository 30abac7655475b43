import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { Moves } from '../desk/moves.ts';
import { Attachments } from '../messages/attachments.ts';
import { EMPTY, writtenContent } from '../messages/content.ts';
import { TextMover } from '../messages/text-mover.ts';
import { ChatNews } from '../threads/chat-news.ts';
import { MemberRepository } from '../threads/member.repository.ts';
import { ThreadRepository } from '../threads/thread.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';

const EVERY_MS = 5_000;
const USERS_AT_ONCE = 5;
const THREADS_AT_ONCE = 50;
const MESSAGES_AT_ONCE = 500;

/** Who has to do something once a piece is erased. */
@Injectable()
export class Told {
  constructor(
    readonly mover: TextMover,
    readonly news: ChatNews,
  ) {}
}

/** Takes what erased users wrote out of their threads, in pieces that hold no thread for long. */
@Injectable()
export class Eraser {
  private readonly round: Round;

  constructor(
    private readonly database: Database,
    private readonly erasures: ErasureRepository,
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly moves: Moves,
    private readonly attachments: Attachments,
    private readonly told: Told,
    rounds: Rounds,
  ) {
    this.round = rounds.every('chat.erase', { everyMs: EVERY_MS, atOnce: true }, () => this.run());
  }

  wake(): void {
    this.round.wake();
  }

  private async run(): Promise<void> {
    for (;;) {
      const userIds = await this.erasures.claim(USERS_AT_ONCE);
      for (const userId of userIds) await this.erase(userId);
      if (userIds.length < USERS_AT_ONCE) return;
    }
  }

  /** Each piece may be done twice. */
  private async erase(userId: string): Promise<void> {
    for (;;) {
      const threadIds = await this.erasures.threadsWritten(userId, THREADS_AT_ONCE);
      for (const threadId of threadIds) while (await this.blankSome(threadId, userId));
      if (threadIds.length === 0) break;
    }
    for (const threadId of await this.erasures.ownSupport(userId)) await this.close(threadId);
    for (const threadId of await this.erasures.assignedTo(userId)) await this.release(threadId, userId);
    await this.erasures.forget(userId);
    await this.erasures.done(userId);
  }

  /** False once there are no more. */
  private async blankSome(threadId: string, userId: string): Promise<boolean> {
    const count = await this.database.transaction(async (transaction) => {
      const thread = await this.threads.lock(transaction, threadId);
      if (thread === undefined) return 0;
      const blanked = await this.erasures.blank(transaction, {
        ...{ threadId, userId, revision: thread.revision, content: writtenContent(EMPTY) },
        ...{ isToMove: this.told.mover.isNeeded, limit: MESSAGES_AT_ONCE },
      });
      await this.threads.advance(transaction, threadId, { messages: 0, changes: blanked.count });
      await this.members.recount(transaction, threadId);
      for (const id of blanked.withFiles) this.attachments.release(transaction, id, userId);
      return blanked.count;
    });
    this.told.mover.wake();
    await this.tellOf(threadId);
    return count === MESSAGES_AT_ONCE;
  }

  private async close(threadId: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const thread = await this.threads.lock(transaction, threadId);
      if (thread !== undefined && thread.status !== 'closed') await this.moves.close(transaction, thread, null);
    });
    await this.tellOf(threadId);
  }

  private async release(threadId: string, userId: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const thread = await this.threads.lock(transaction, threadId);
      if (thread?.status === 'assigned' && thread.assignee_id === userId) await this.moves.release(transaction, thread, null);
    });
    await this.tellOf(threadId);
  }

  private async tellOf(threadId: string): Promise<void> {
    const members = await this.members.of([threadId]);
    this.told.news.unread(members.map(({ user_id }) => user_id));
    this.told.news.thread(threadId);
  }
}
