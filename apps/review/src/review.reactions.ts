import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import type { OrderDelivered } from '#libs/contracts/order/messages';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { AuthorRepository } from './author.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { Pictures } from './pictures.ts';
import { PurchaseRepository } from './purchase.repository.ts';
import { type ReviewEnv, reviewEnv } from './review.env.ts';
import { ReviewNews } from './review-news.ts';

@Injectable()
export class ReviewReactions {
  constructor(
    private readonly authors: AuthorRepository,
    private readonly purchases: PurchaseRepository,
    private readonly erasure: ErasureRepository,
    private readonly pictures: Pictures,
    private readonly news: ReviewNews,
    @InjectEnvironment(reviewEnv) private readonly env: ReviewEnv,
  ) {}

  /** The buyer's reviews of it become verified, those that come later too; in some days they are asked for more. */
  async onOrderDelivered(delivered: OrderDelivered, { transaction }: TransactionalDelivery): Promise<void> {
    if (!(await this.authors.hold(transaction, delivered.userId))) return;
    this.news.tellPages(transaction, await this.purchases.note(transaction, delivered));
    await this.purchases.askLater(transaction, delivered, this.env.REVIEW_REQUEST_AFTER_SECONDS);
  }

  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.authors.noteErased(transaction, userId);
    const reviews = await this.erasure.forget(transaction, userId);
    for (const review of reviews) this.pictures.tellUse(transaction, review, undefined);
    this.news.tellPages(transaction, [...new Set(reviews.map(({ product_id }) => product_id))]);
  }
}
