import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { type ReportReview, reviewApi, type VoteOnReview } from '#libs/contracts/review/api';
import type { VoteResult } from '#libs/contracts/review/views';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { AuthorRepository } from './author.repository.ts';
import { reviewReports, reviewVotes } from './review.metrics.ts';
import { ReviewRepository } from './review.repository.ts';
import type { ReviewRow } from './review.ts';
import { ReviewNews } from './review-news.ts';
import { VoiceRepository } from './voice.repository.ts';

/** What readers say of reviews. */
@Injectable()
export class VoiceHandlers {
  constructor(
    private readonly database: Database,
    private readonly reviews: ReviewRepository,
    private readonly authors: AuthorRepository,
    private readonly voices: VoiceRepository,
    private readonly news: ReviewNews,
  ) {}

  vote({ id, helpful }: VoteOnReview, call: Call): Promise<VoteResult> {
    return this.change(id, call, (transaction, userId) => this.voices.vote(transaction, id, userId, helpful));
  }

  unvote({ id }: ById, call: Call): Promise<VoteResult> {
    return this.change(id, call, (transaction, userId) => this.voices.unvote(transaction, id, userId));
  }

  async report({ id, reason, note }: ReportReview, call: Call): Promise<void> {
    const { userId } = userOf(call);
    await this.database.transaction(async (transaction) => {
      await this.authors.count(transaction, userId, 'reports');
      await this.foreign(transaction, id, userId);
      if (await this.voices.report(transaction, { reviewId: id, userId, reason, note }))
        transaction.afterCommit(() => reviewReports.inc({ reason }));
    });
  }

  private change(id: string, call: Call, work: (transaction: Transaction, userId: string) => Promise<void>): Promise<VoteResult> {
    const { userId } = userOf(call);
    return this.database.transaction(async (transaction) => {
      await this.authors.count(transaction, userId, 'votes');
      const review = await this.foreign(transaction, id, userId);
      await work(transaction, userId);
      const votes = await this.voices.votes(transaction, id, userId);
      if (votes === undefined) throw notFound();
      this.news.tellPages(transaction, [review.product_id]);
      transaction.afterCommit(() => reviewVotes.inc());
      return votes;
    });
  }

  /** An approved review of somebody else, locked. */
  private async foreign(transaction: Transaction, id: string, userId: string): Promise<ReviewRow> {
    const row = await this.reviews.lock(transaction, id);
    if (row?.user_id === userId) throw reviewApi.refuse('review.own_review', 'This is your own review');
    if (row?.status !== 'approved') throw notFound();
    return row;
  }
}
