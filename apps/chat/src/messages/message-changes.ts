import { Injectable } from '@nestjs/common';
import { isStaff } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { Message } from '#libs/contracts/chat/views';
import { notFound, refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { ChatNews } from '../threads/chat-news.ts';
import { Floor } from '../threads/floor.ts';
import { MemberRepository } from '../threads/member.repository.ts';
import { ThreadRepository } from '../threads/thread.repository.ts';
import { isIn, type Room, ThreadAccess, type User } from '../threads/thread-access.ts';
import { Attachments } from './attachments.ts';
import { withoutCardNumbers } from './card-numbers.ts';
import { EMPTY, writtenContent } from './content.ts';
import { MessageRepository, type MessageRow } from './message.repository.ts';
import { MessageTexts } from './message-texts.ts';
import { MessageViews } from './message-views.ts';
import { TextMover } from './text-mover.ts';

/** Others change the same message meanwhile so often at most. */
const TRIES = 5;

/** Takes back what the transaction has done so far. */
class ChangedMeanwhile extends Error {}

/** What a change is read from, written to and told by. */
@Injectable()
export class ChangeParts {
  constructor(
    readonly texts: MessageTexts,
    readonly views: MessageViews,
    readonly attachments: Attachments,
    readonly mover: TextMover,
    readonly news: ChatNews,
  ) {}
}

/** What becomes of a message that is stored. */
@Injectable()
export class MessageChanges {
  constructor(
    private readonly database: Database,
    private readonly access: ThreadAccess,
    private readonly floor: Floor,
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly messages: MessageRepository,
    private readonly parts: ChangeParts,
    @InjectEnvironment(chatEnv) private readonly env: ChatEnv,
  ) {}

  /** A message that the user may see, with its thread. */
  async seen(id: string, user: User): Promise<{ row: MessageRow; room: Room }> {
    const row = await this.messages.find(id);
    if (row === undefined) throw notFound();
    return { row, room: await this.access.seen(row.thread_id, user) };
  }

  async edit(id: string, given: string, user: User): Promise<Message> {
    const body = withoutCardNumbers(given);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { row, room } = await this.seen(id, user);
      if (row.sender_id !== user.userId) throw refuse('forbidden');
      if (row.deleted_at !== null) throw chatApi.refuse('chat.deleted', 'The message is deleted');
      this.refuseLate(row, this.env.CHAT_EDIT_SECONDS);
      await this.floor.refuseSilenced(room, user);
      const { content } = await this.parts.texts.one(row);
      // Whoever asks again may have been the only one to hear of it.
      if (content.body === body) return row.edited_at === null ? this.parts.views.one(row) : this.tell(row, room);
      const changed = await this.database.transaction(async (transaction) => {
        const now = await this.access.locked(transaction, row.thread_id);
        await this.floor.refuseSilenced(now, user, transaction);
        return this.change(transaction, now, row, {
          before: writtenContent(content),
          after: writtenContent({ ...content, body }),
          by: user.userId,
        });
      });
      if (changed !== undefined) return this.tell(changed, room);
    }
    throw refuse('unavailable', 'Others are changing this message');
  }

  /** Repeatable. The sender's, or any in a support thread for the staff. */
  async remove(id: string, user: User): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { row, room } = await this.seen(id, user);
      const isOwn = row.sender_id === user.userId && isIn(room, user) !== undefined;
      const mayModerate = room.thread.kind === 'support' && isStaff(user) && row.type !== 'system';
      if (!isOwn && !mayModerate) throw refuse('forbidden');
      // As of an edit.
      if (row.deleted_at !== null) return this.parts.news.changedRows([row], userIdsOf(room));
      this.refuseLate(row, this.env.CHAT_DELETE_SECONDS);
      if (await this.removed(row, room, user.userId)) return;
    }
    throw refuse('unavailable', 'Others are changing this message');
  }

  /** For the staff who settle a report, together with the settling, unless that was done otherwise; a message that is gone stays so. */
  async moderate(id: string, by: string, settle: (transaction: Transaction) => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const row = await this.messages.find(id);
      if (row === undefined || row.deleted_at !== null) return void (await this.database.transaction(settle));
      const members = await this.members.present(row.thread_id);
      const isSettled = await this.removed(row, { members }, by, settle);
      if (isSettled) return;
    }
    throw refuse('unavailable', 'Others are changing this message');
  }

  /** False where the message was changed meanwhile; then `first`, which may say that nothing is to be done, has no effect either. */
  private async removed(
    row: MessageRow,
    room: Pick<Room, 'members'>,
    by: string,
    first: (transaction: Transaction) => Promise<boolean> = async () => true,
  ): Promise<boolean> {
    const { content } = await this.parts.texts.one(row);
    const removed = await this.database
      .transaction(async (transaction) => {
        if (!(await first(transaction))) return 'unwanted';
        const now = await this.access.locked(transaction, row.thread_id);
        const changed = await this.change(transaction, now, row, {
          before: writtenContent(content),
          after: writtenContent(EMPTY),
          by,
          isDeleted: true,
        });
        if (changed === undefined) throw new ChangedMeanwhile();
        if (row.has_files && row.sender_id !== null) this.parts.attachments.release(transaction, row.id, row.sender_id);
        const counted =
          row.type === 'system' ? [] : await this.members.noteDeletion(transaction, row.thread_id, row.sequence, row.sender_id);
        return { changed, counted };
      })
      .catch((error: unknown) => {
        if (error instanceof ChangedMeanwhile) return undefined;
        throw error;
      });
    if (removed === undefined) return false;
    if (removed === 'unwanted') return true;
    await this.tell(removed.changed, room);
    this.parts.news.unread(removed.counted);
    return true;
  }

  private async change(
    transaction: Transaction,
    { thread }: Room,
    row: MessageRow,
    { before, after, by, isDeleted = false }: { before: string; after: string; by: string; isDeleted?: boolean },
  ): Promise<MessageRow | undefined> {
    const changed = await this.messages.change(transaction, row, {
      ...{ revision: thread.revision + 1, content: after, isDeleted, isToMove: this.parts.mover.isNeeded },
    });
    if (changed === undefined) return undefined;
    await this.threads.advance(transaction, thread.id, { messages: 0, changes: 1 });
    this.messages.keepVersion(transaction, row, before, by);
    transaction.afterCommit(() => this.parts.mover.wake());
    return changed;
  }

  private async tell(row: MessageRow, room: Pick<Room, 'members'>): Promise<Message> {
    const message = await this.parts.views.one(row);
    this.parts.news.changed(message, userIdsOf(room));
    return message;
  }

  private refuseLate({ created_at }: MessageRow, seconds: number): void {
    if (Date.now() - created_at.getTime() > seconds * 1_000) throw chatApi.refuse('chat.window_over', 'It is too late for that');
  }
}

const userIdsOf = ({ members }: Pick<Room, 'members'>): string[] => members.map(({ user_id }) => user_id);
