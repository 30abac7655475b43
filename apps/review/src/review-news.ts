import { Injectable } from '@nestjs/common';
import { reviewApi } from '#libs/contracts/review/api';
import type { ReviewUpdated } from '#libs/contracts/review/messages';
import { Signals } from '#libs/messaging/signals';
import type { Transaction } from '#libs/persistence/transaction';
import { ProductReviewsRepository } from './product-reviews.repository.ts';
import { type ReviewRow, ratingOf, starsThatCount } from './review.ts';

/** Tells others of what a transaction changes. */
@Injectable()
export class ReviewNews {
  constructor(
    private readonly products: ProductReviewsRepository,
    private readonly signals: Signals,
  ) {}

  /** A review was written, changed or removed: product hears of another rating, gateways drop what they keep. To be called after the change. */
  async tell(transaction: Transaction, before: ReviewRow | undefined, after: ReviewRow | undefined): Promise<void> {
    const productId = (after ?? before)?.product_id;
    if (productId === undefined) return;
    if (before?.status === 'approved' || after?.status === 'approved') this.tellPages(transaction, [productId]);
    if (starsThatCount(before) === starsThatCount(after)) return;
    // The product's sums are locked by the change, so these are the sums of this version.
    const summary = await this.products.summary(productId, transaction);
    if (summary === undefined) throw new Error('a review that counts has no summary');
    transaction.publish(reviewApi.events.ratingChanged, { productId, ...ratingOf(summary), version: summary.version });
  }

  /** Public pages of these products show something else, though their rating is the same. */
  tellPages(transaction: Transaction, productIds: readonly string[]): void {
    if (productIds.length === 0) return;
    transaction.afterCommit(() => this.signals.send(reviewApi.signals.changed, { productIds: productIds.slice(0, 100) }));
  }

  /** What staff did, for the author, if there is still one. */
  tellAuthor(transaction: Transaction, { id, user_id }: ReviewRow, kind: ReviewUpdated['kind']): void {
    if (user_id === null) return;
    transaction.publish(reviewApi.events.updated, { reviewId: id, userId: user_id, kind, at: new Date().toISOString() });
  }
}
