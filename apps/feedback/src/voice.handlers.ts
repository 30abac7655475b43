import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound, refuse } from '#libs/contracts/errors';
import { feedbackApi, type SetSubscription } from '#libs/contracts/feedback/api';
import type { FeedbackNews, StillWanted } from '#libs/contracts/feedback/messages';
import type { FeedbackSubscription, FeedbackVotes } from '#libs/contracts/feedback/views';
import type { ById } from '#libs/contracts/page';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { FeedbackRepository } from './feedback.repository.ts';
import { merged } from './feedback-changes.ts';
import { PeopleRepository } from './people.repository.ts';

/** Votes, and who wants to hear of what. */
@Injectable()
export class VoiceHandlers {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly feedback: FeedbackRepository,
  ) {}

  async vote({ id }: ById, call: Call): Promise<FeedbackVotes> {
    const { userId } = userOf(call);
    const votes = await this.whereVoted(id, userId, (transaction) => this.people.vote(transaction, id, userId));
    return { votes, voted: true };
  }

  async unvote({ id }: ById, call: Call): Promise<FeedbackVotes> {
    const { userId } = userOf(call);
    const votes = await this.whereVoted(id, userId, (transaction) => this.people.unvote(transaction, id, userId));
    return { votes, voted: false };
  }

  async subscribe({ id, subscribed }: SetSubscription, call: Call): Promise<FeedbackSubscription> {
    if (!(await this.people.subscribe(id, userOf(call).userId, subscribed))) throw notFound();
    return { subscribed };
  }

  async stillWants({ feedbackId, userId }: FeedbackNews): Promise<StillWanted> {
    return { wanted: await this.people.wantsNews(feedbackId, userId) };
  }

  /** What others may not be shown is not found. */
  private async whereVoted(id: string, userId: string, work: (transaction: Transaction) => Promise<number>): Promise<number> {
    return this.database.transaction(async (transaction) => {
      if (!(await this.feedback.lockAuthor(transaction, userId))) throw refuse('unauthenticated', 'This account is erased');
      const [feedback] = await this.people.lock(transaction, [id]);
      if (feedback?.user_id === userId) throw feedbackApi.refuse('feedback.own_feedback', 'The author counts already');
      if (feedback === undefined || feedback.public_title === null || feedback.held) throw notFound();
      if (feedback.merged_into !== null) throw merged();
      return work(transaction);
    });
  }
}
