import { Injectable } from '@nestjs/common';
import type { RequestDue, ReviewUpdated } from '#libs/contracts/review/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';
import { Links } from './links.ts';

/** What buyers and authors of reviews are told. */
@Injectable()
export class ReviewReactions {
  constructor(
    private readonly announcer: Announcer,
    private readonly links: Links,
  ) {}

  /** What is left to ask about is looked up again as it leaves. */
  async onReviewRequestDue({ orderId, userId, productIds }: RequestDue, { transaction }: TransactionalDelivery): Promise<void> {
    const link = this.links.order(orderId);
    const data = { orderId, productIds: productIds.join(','), link };
    this.announcer.announce(transaction, { template: 'review_request', userId, variables: { link }, data });
  }

  async onReviewUpdated({ reviewId, userId, kind }: ReviewUpdated, { transaction }: TransactionalDelivery): Promise<void> {
    const data = { reviewId, link: this.links.review(reviewId) };
    this.announcer.announce(transaction, { template: 'review_updated', userId, variables: { change: kind }, data });
  }
}
