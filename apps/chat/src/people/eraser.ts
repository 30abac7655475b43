import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type Moved, Moves } from '../desk/moves.ts';
import { Attachments } from '../messages/attachments.ts';
import { EMPTY, writtenContent } from '../messages/content.ts';
import { type FullMessage, MessageTexts } from '../messages/message-texts.ts';
import { TextMover } from '../messages/text-mover.ts';
import { ChatNews } from '../threads/chat-news.ts';
import { MemberRepository } from '../threads/member.repository.ts';
import { ThreadRepository } from '../threads/thread.repository.ts';
import type { ThreadRow } from '../threads/thread-row.ts';
import { ErasureRepository } from './erasure.repository.ts';

const EVERY_MS = 5_000;
const USERS_AT_ONCE = 5;
const THREADS_AT_ONCE = 50;
const MESSAGES_AT_ONCE = 500;
const NOTES_AT_ONCE = 100;

/** What is looked at before a piece is erased, and told of afterwards. */
@Injectable()
export class EraserParts {
  constructor(
    readonly texts: MessageTexts,
    readonly attachments: Attachments,
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
    private readonly parts: EraserParts,
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
    for (;;) {
      const notes = await this.erasures.notesOf(userId, NOTES_AT_ONCE);
      for (const note of await this.parts.texts.of(notes)) await this.blankNote(note);
      if (notes.length === 0) break;
    }
    for (const threadId of await this.erasures.ownSupport(userId)) await this.close(threadId);
    for (const threadId of await this.erasures.assignedTo(userId)) await this.release(threadId, userId);
    await this.erasures.forget(userId);
    await this.erasures.done(userId);
  }

  /** False once there are no more. */
  private async blankSome(threadId: string, userId: string): Promise<boolean> {
    const { attachments, mover, news } = this.parts;
    const blanked = await this.database.transaction(async (transaction) => {
      const thread = await this.threads.lock(transaction, threadId);
      if (thread === undefined) return [];
      const { rows, withFiles } = await this.erasures.blank(transaction, {
        ...{ threadId, userId, revision: thread.revision, content: writtenContent(EMPTY) },
        ...{ isToMove: mover.isNeeded, limit: MESSAGES_AT_ONCE },
      });
      await this.threads.advance(transaction, threadId, { messages: 0, changes: rows.length });
      await this.members.recount(transaction, threadId);
      for (const id of withFiles) attachments.release(transaction, id, userId);
      return rows;
    });
    mover.wake();
    const userIds = await this.presentIn(threadId);
    news.changedRows(blanked, userIds);
    news.unread(userIds);
    news.thread(threadId);
    return blanked.length === MESSAGES_AT_ONCE;
  }

  /** What was done stays, without who did it and what they said to it. */
  private async blankNote({ row, content: { system } }: FullMessage): Promise<void> {
    const content = writtenContent({ ...EMPTY, ...(system === undefined ? {} : { system: { ...system, actorId: null } }) });
    const blanked = await this.database.transaction(async (transaction) => {
      const thread = await this.threads.lock(transaction, row.thread_id);
      if (thread === undefined) return [];
      const changed = await this.erasures.blankNote(transaction, {
        ...{ id: row.id, revision: thread.revision + 1, content, isToMove: this.parts.mover.isNeeded },
      });
      await this.threads.advance(transaction, thread.id, { messages: 0, changes: changed.length });
      return changed;
    });
    this.parts.mover.wake();
    this.parts.news.changedRows(blanked, await this.presentIn(row.thread_id));
  }

  private close(threadId: string): Promise<void> {
    return this.move(threadId, async (transaction, thread) =>
      thread.status === 'closed' ? undefined : this.moves.close(transaction, thread, null),
    );
  }

  private release(threadId: string, userId: string): Promise<void> {
    return this.move(threadId, async (transaction, thread) =>
      thread.status === 'assigned' && thread.assignee_id === userId ? this.moves.release(transaction, thread, null) : undefined,
    );
  }

  private async move(threadId: string, work: (transaction: Transaction, thread: ThreadRow) => Promise<Moved | undefined>): Promise<void> {
    const before = await this.presentIn(threadId);
    const moved = await this.database.transaction(async (transaction) => {
      const thread = await this.threads.lock(transaction, threadId);
      return thread === undefined ? undefined : work(transaction, thread);
    });
    if (moved !== undefined) this.parts.news.moved(threadId, [moved.row], before);
  }

  private async presentIn(threadId: string): Promise<string[]> {
    return (await this.members.present(threadId)).map(({ user_id }) => user_id);
  }
}
