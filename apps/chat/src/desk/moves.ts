import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/persistence/transaction';
import { Journal } from '../messages/journal.ts';
import type { MessageRow } from '../messages/message.repository.ts';
import { MemberRepository } from '../threads/member.repository.ts';
import { ThreadRepository } from '../threads/thread.repository.ts';
import type { ThreadRow } from '../threads/thread-row.ts';

export interface Moved {
  readonly thread: ThreadRow;
  /** The message that tells of it. */
  readonly row: MessageRow;
}

/** Moves of support threads, each with its message. The thread is locked, and its status allows the move. */
@Injectable()
export class Moves {
  constructor(
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly journal: Journal,
  ) {}

  /** To somebody of the staff, by themselves or by a colleague. */
  async assign(transaction: Transaction, thread: ThreadRow, assigneeId: string, actorId: string): Promise<Moved> {
    await this.letGo(transaction, thread, assigneeId);
    await this.threads.move(transaction, thread.id, 'assigned', assigneeId);
    await this.members.add(transaction, thread.id, assigneeId, 'staff');
    const now: ThreadRow = { ...thread, status: 'assigned', assignee_id: assigneeId };
    return assigneeId === actorId
      ? this.journal.note(transaction, now, 'claimed', { actorId })
      : this.journal.note(transaction, now, 'assigned', { actorId, subjectId: assigneeId });
  }

  /** Back to the queue. `actorId`: null where the assignee works here no more. */
  async release(transaction: Transaction, thread: ThreadRow, actorId: string | null): Promise<Moved> {
    await this.letGo(transaction, thread);
    await this.threads.move(transaction, thread.id, 'open', null);
    const subject = thread.assignee_id === null ? {} : { subjectId: thread.assignee_id };
    return this.journal.note(transaction, { ...thread, status: 'open', assignee_id: null }, 'released', { actorId, ...subject });
  }

  async close(transaction: Transaction, thread: ThreadRow, actorId: string | null, note?: string): Promise<Moved> {
    await this.threads.move(transaction, thread.id, 'closed', thread.assignee_id);
    const now: ThreadRow = { ...thread, status: 'closed', waiting_since: null };
    return this.journal.note(transaction, now, 'closed', { actorId, ...(note === undefined ? {} : { note }) });
  }

  /** In the queue again, whoever had it. */
  async reopen(transaction: Transaction, thread: ThreadRow, actorId: string): Promise<Moved> {
    await this.letGo(transaction, thread);
    await this.threads.move(transaction, thread.id, 'open', null);
    return this.journal.note(transaction, { ...thread, status: 'open', assignee_id: null, closed_at: null }, 'reopened', { actorId });
  }

  /** Who had it leaves, unless they were added to it as well. */
  private async letGo(transaction: Transaction, { id, assignee_id: before }: ThreadRow, next?: string): Promise<void> {
    if (before === null || before === next) return;
    const member = await this.members.find(id, before, transaction);
    if (member?.is_added === false) await this.members.leave(transaction, id, before);
  }
}
