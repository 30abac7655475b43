import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { type AddFeedbackNote, feedbackApi, type ReplyToFeedback } from '#libs/contracts/feedback/api';
import type { FeedbackNote, FeedbackReply } from '#libs/contracts/feedback/views';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { ChangeRepository } from './change.repository.ts';
import { ANSWERED } from './feedback.ts';
import { FeedbackChanges, merged } from './feedback-changes.ts';
import { type Locked, PeopleRepository } from './people.repository.ts';

const TAKEN_UP = 'in_review';

/** What both sides write. */
@Injectable()
export class AnswerHandlers {
  constructor(
    private readonly database: Database,
    private readonly repository: ChangeRepository,
    private readonly people: PeopleRepository,
    private readonly changes: FeedbackChanges,
  ) {}

  async reply({ id, body }: ReplyToFeedback, call: Call): Promise<FeedbackReply> {
    const user = userOf(call);
    const replyId = uuidv7();
    return this.database.transaction((transaction) =>
      onceFor(transaction, call, replyId, {
        make: async () => {
          const [feedback] = await this.people.lock(transaction, [id]);
          const byAuthor = feedback?.user_id === user.userId;
          if (feedback === undefined || !(byAuthor || isStaff(user))) throw notFound();
          if (feedback.merged_into !== null) throw merged();
          if (feedback.status === 'closed') throw feedbackApi.refuse('feedback.closed', 'It is closed');
          const reply = await this.repository.reply(transaction, { id: replyId, feedbackId: id, userId: user.userId, byAuthor, body });
          await (byAuthor ? this.takeUp(transaction, feedback) : this.tell(transaction, feedback, replyId));
          return reply;
        },
        read: async (known) => this.found(await this.repository.findReply(transaction, known)),
      }),
    );
  }

  async addNote({ id, body }: AddFeedbackNote, call: Call): Promise<FeedbackNote> {
    const { userId } = userOf(call);
    const noteId = uuidv7();
    return this.database.transaction((transaction) =>
      onceFor(transaction, call, noteId, {
        make: async () => this.found(await this.repository.addNote(transaction, { id: noteId, feedbackId: id, userId, body })),
        read: async (known) => this.found(await this.repository.findNote(transaction, known)),
      }),
    );
  }

  /** The author has something to say to what was resolved or rejected. */
  private async takeUp(transaction: Transaction, { id, status }: Locked): Promise<void> {
    if (!ANSWERED.includes(status)) return;
    const moved = await this.repository.move(transaction, id, TAKEN_UP, false);
    if (moved !== undefined) await this.changes.tell(transaction, id, TAKEN_UP, moved.moves);
  }

  private async tell(transaction: Transaction, { id, user_id: userId, status }: Locked, replyId: string): Promise<void> {
    if (userId === null || !(await this.people.wantsNews(id, userId, transaction))) return;
    transaction.publish(feedbackApi.events.replied, { feedbackId: id, userId, replyId, status });
  }

  private found<T>(one: T | undefined): T {
    if (one === undefined) throw notFound();
    return one;
  }
}
