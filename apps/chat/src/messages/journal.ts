import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { MessageType, SystemEventName } from '#libs/contracts/chat/views';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { messagesSent } from '../chat.metrics.ts';
import { PushClock } from '../people/push-clock.ts';
import { MemberRepository } from '../threads/member.repository.ts';
import { ThreadRepository } from '../threads/thread.repository.ts';
import type { ThreadRow } from '../threads/thread-row.ts';
import { withoutCardNumbers } from './card-numbers.ts';
import { type Content, writtenContent } from './content.ts';
import { MessageRepository, type MessageRow } from './message.repository.ts';
import { TextMover } from './text-mover.ts';

export interface Entry {
  readonly id?: string;
  readonly type: MessageType;
  readonly content: Content;
  /** Absent of a `system` message. */
  readonly sender?: { readonly userId: string; readonly clientMessageId: string; readonly hash: string };
  /** Whose words a `system` message has. */
  readonly notedBy?: string;
  /** Of a support thread: the customer waits for an answer since this message, or no more. */
  readonly waiting?: boolean;
}

/** The one place where messages come to be. The thread is locked, so its numbers have no holes and are readable in their order. */
@Injectable()
export class Journal {
  constructor(
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly messages: MessageRepository,
    private readonly mover: TextMover,
    private readonly pushes: PushClock,
    @InjectEnvironment(chatEnv) private readonly env: ChatEnv,
  ) {}

  /** Answers the thread as it is then. */
  async add(transaction: Transaction, thread: ThreadRow, entry: Entry): Promise<{ row: MessageRow; thread: ThreadRow }> {
    const { id = uuidv7(), type, content, sender, notedBy, waiting } = entry;
    const [sequence, revision] = [thread.last_sequence + 1, thread.revision + 1];
    const row = await this.messages.insert(
      transaction,
      {
        ...{ id, threadId: thread.id, sequence, revision, type, content: writtenContent(content) },
        ...{ senderId: sender?.userId ?? null, clientMessageId: sender?.clientMessageId ?? null, sentHash: sender?.hash ?? null },
        hasFiles: content.attachments !== undefined,
        notedBy: notedBy ?? null,
      },
      this.mover.isNeeded,
    );
    await this.threads.advance(transaction, thread.id, { messages: 1, changes: 0, ...(waiting === undefined ? {} : { waiting }) });
    const delay = this.env.CHAT_PUSH_DELAY_SECONDS;
    await this.members.noteMessage(transaction, thread.id, sender?.userId ?? null, delay);
    transaction.afterCommit(() => {
      messagesSent.inc({ kind: thread.kind, type });
      this.mover.wake();
      if (sender !== undefined) this.pushes.wake(delay);
    });
    return { row, thread: { ...thread, last_sequence: sequence, revision } };
  }

  /** A move of a support thread, for all to read. */
  note(
    transaction: Transaction,
    thread: ThreadRow,
    event: SystemEventName,
    { actorId, subjectId, note = '' }: { readonly actorId: string | null; readonly subjectId?: string; readonly note?: string },
  ): Promise<{ row: MessageRow; thread: ThreadRow }> {
    const system = { event, actorId, ...(subjectId === undefined ? {} : { subjectId }) };
    const notedBy = note === '' || actorId === null ? {} : { notedBy: actorId };
    return this.add(transaction, thread, { type: 'system', content: { body: withoutCardNumbers(note), system }, ...notedBy });
  }
}
