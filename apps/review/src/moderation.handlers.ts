import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { type ModerateReview, type ReplyToReview, type ReviewFilter, reviewApi } from '#libs/contracts/review/api';
import type { Review, ReviewQueue } from '#libs/contracts/review/views';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { ModerationRepository } from './moderation.repository.ts';
import { Pictures } from './pictures.ts';
import { moderations } from './review.metrics.ts';
import { ReviewRepository } from './review.repository.ts';
import type { ReviewRow } from './review.ts';
import { ReviewNews } from './review-news.ts';
import { ReviewViews } from './review-views.ts';

/** What staff see and decide. */
@Injectable()
export class ModerationHandlers {
  constructor(
    private readonly database: Database,
    private readonly reviews: ReviewRepository,
    private readonly decisions: ModerationRepository,
    private readonly views: ReviewViews,
    private readonly pictures: Pictures,
    private readonly news: ReviewNews,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  async list(filter: ReviewFilter): Promise<ReviewQueue> {
    const [page, counts] = await Promise.all([this.decisions.list(filter), this.decisions.counts()]);
    return { items: await this.views.forStaff(page.items), nextCursor: page.nextCursor, counts };
  }

  async moderate({ id, status, note }: ModerateReview, call: Call): Promise<Review> {
    const { userId: by } = userOf(call);
    const row = await this.database.transaction(async (transaction) => {
      const before = await this.locked(transaction, id);
      if (before.user_id === by) throw reviewApi.refuse('review.own_review', 'Somebody else decides about your own review');
      if (await this.isDecided(transaction, before, { status, note })) return before;
      const after = await this.decisions.decide(transaction, before, { status, note, by });
      await this.news.tell(transaction, before, after);
      this.pictures.tellUse(transaction, before, after);
      if (before.status !== after.status) this.news.tellAuthor(transaction, after, status);
      transaction.afterCommit(() => {
        moderations.inc({ status });
        this.logger.info({ reviewId: id, status, by }, 'review.moderated');
      });
      // With the reports that were closed by it.
      return (await this.reviews.find(id, transaction)) ?? after;
    });
    return this.views.oneForStaff(row);
  }

  reply({ id, body }: ReplyToReview, call: Call): Promise<Review> {
    return this.setReply(id, body, call);
  }

  removeReply({ id }: ById, call: Call): Promise<Review> {
    return this.setReply(id, null, call);
  }

  private async setReply(id: string, body: string | null, call: Call): Promise<Review> {
    const row = await this.database.transaction(async (transaction) => {
      const before = await this.locked(transaction, id);
      if (before.reply === body) return before;
      const after = await this.decisions.reply(transaction, id, body);
      await this.news.tell(transaction, before, after);
      if (body !== null) this.news.tellAuthor(transaction, after, 'replied');
      transaction.afterCommit(() =>
        this.logger.info({ reviewId: id, by: userOf(call).userId }, body === null ? 'review.reply_removed' : 'review.replied'),
      );
      return after;
    });
    return this.views.oneForStaff(row);
  }

  private async locked(transaction: Transaction, id: string): Promise<ReviewRow> {
    const row = await this.reviews.lock(transaction, id);
    if (row === undefined) throw notFound();
    return row;
  }

  /** The same again: nothing new is said, and nobody has reported it since. */
  private async isDecided(
    transaction: Transaction,
    { id, status, open_reports }: ReviewRow,
    asked: { status: string; note: string | undefined },
  ): Promise<boolean> {
    if (status !== asked.status || open_reports > 0) return false;
    const lastNote = await this.decisions.lastNote(transaction, id);
    return lastNote !== undefined && (asked.note === undefined || asked.note === lastNote);
  }
}
