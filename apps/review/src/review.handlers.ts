import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { invalid, notFound, refuse } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { productApi } from '#libs/contracts/product/api';
import {
  type EditReview,
  RATING_FREE_DAYS,
  type ReviewsOfProduct,
  type ReviewsOfUser,
  reviewApi,
  type WriteReview,
} from '#libs/contracts/review/api';
import type { ProductReviews, Review, ReviewHistory, ReviewPage } from '#libs/contracts/review/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { madeBy, onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { AuthorRepository } from './author.repository.ts';
import { namesContact } from './contact.ts';
import { Pictures } from './pictures.ts';
import { ProductReviewsRepository } from './product-reviews.repository.ts';
import { reviewsWritten } from './review.metrics.ts';
import { type NewReview, ReviewRepository } from './review.repository.ts';
import { authorOf, isSameText, type ReviewRow, summaryOf, type Written } from './review.ts';
import { ReviewNews } from './review-news.ts';
import { ReviewViews } from './review-views.ts';

const DAY_MS = 86_400_000;

/** Reviews as everybody reads them and as their authors write them. */
@Injectable()
export class ReviewHandlers {
  constructor(
    private readonly database: Database,
    private readonly reviews: ReviewRepository,
    private readonly products: ProductReviewsRepository,
    private readonly authors: AuthorRepository,
    private readonly views: ReviewViews,
    private readonly pictures: Pictures,
    private readonly news: ReviewNews,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  async ofProduct(query: ReviewsOfProduct): Promise<ProductReviews> {
    const [page, summary] = await Promise.all([this.products.page(query), this.products.summary(query.productId)]);
    return { items: this.views.forEverybody(page.items), nextCursor: page.nextCursor, summary: summaryOf(summary) };
  }

  async one({ id }: ById, { actor }: Call): Promise<Review> {
    const row = await this.reviews.find(id);
    if (row === undefined) throw notFound();
    if (isStaff(actor)) return this.views.oneForStaff(row);
    if (actor.kind === 'user' && actor.userId === row.user_id) return this.views.oneForAuthor(row);
    if (row.status !== 'approved') throw notFound();
    return this.views.forEverybody([row])[0] as Review;
  }

  async ofUser({ userId, limit, cursor }: ReviewsOfUser, { actor }: Call): Promise<ReviewPage> {
    const { items, nextCursor } = await this.reviews.ofUser(userId, limit, cursor);
    return { items: await (isStaff(actor) ? this.views.forStaff(items) : this.views.forAuthor(items)), nextCursor };
  }

  async history({ id }: ById, call: Call): Promise<ReviewHistory> {
    const row = await this.reviews.find(id);
    if (row === undefined || (row.user_id !== userOf(call).userId && !isStaff(call.actor))) throw notFound();
    const versions = await this.reviews.versions(id);
    return {
      items: versions.map(({ rating, title, body, fit, images, written_at }) => ({
        rating,
        ...(title === null ? {} : { title }),
        ...(body === null ? {} : { body }),
        ...(fit === null ? {} : { fit }),
        ...{ images: [...images], at: written_at.toISOString() },
      })),
    };
  }

  async write(input: WriteReview, call: Call): Promise<Review> {
    const { userId } = userOf(call);
    const { productId } = input;
    // Before anything is judged, for the product may have been withdrawn since the first of them.
    const known = await madeBy(this.database, call);
    if (known !== undefined) return this.views.oneForAuthor((await this.reviews.find(known)) ?? (await Promise.reject(notFound())));
    const id = uuidv7();
    const [author, written] = await Promise.all([
      this.nameOf(userId),
      this.writtenOf(input, { id, userId }, []),
      this.expectForSale(productId),
    ]);
    const row = await this.database.transaction((transaction) =>
      onceFor(transaction, call, id, {
        make: async () => {
          await this.authors.count(transaction, userId, 'posts');
          const made = await this.inserted(transaction, {
            ...written,
            id,
            productId,
            userId,
            author,
            namesContact: namesContactIn(written),
          });
          await this.noteWritten(transaction, undefined, made);
          return made;
        },
        read: async (known) => (await this.reviews.find(known, transaction)) ?? Promise.reject(notFound()),
      }),
    );
    return this.views.oneForAuthor(row);
  }

  async edit(input: EditReview, call: Call): Promise<Review> {
    const { userId } = userOf(call);
    const { id } = input;
    const known = await this.reviews.find(id);
    if (known === undefined || known.user_id !== userId) throw notFound();
    const [author, written] = await Promise.all([this.nameOf(userId), this.writtenOf(input, { id, userId }, known.images)]);
    const row = await this.database.transaction(async (transaction) => {
      await this.authors.count(transaction, userId, 'posts');
      const before = await this.reviews.lock(transaction, id, userId);
      if (before === undefined) throw notFound();
      const wanted = keepsWhatIsGone(written, known, before) ? await this.writtenOf(input, { id, userId }, before.images) : written;
      if (isSameText(before, wanted)) return before;
      if (before.rating !== wanted.rating && isRatingLocked(before))
        throw reviewApi.refuse('review.rating_locked', 'Stars stay as they are once somebody voted, and after 30 days');
      const after = await this.reviews.replace(transaction, before, { ...wanted, author, namesContact: namesContactIn(wanted) });
      await this.noteWritten(transaction, before, after);
      return after;
    });
    return this.views.oneForAuthor(row);
  }

  async remove({ id }: ById, call: Call): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const row = await this.reviews.lock(transaction, id, userOf(call).userId);
      if (row === undefined) throw notFound();
      await this.reviews.remove(transaction, id);
      await this.news.tell(transaction, row, undefined);
      this.pictures.tellUse(transaction, row, undefined);
      transaction.afterCommit(() => this.logger.info({ reviewId: id, productId: row.product_id }, 'review.removed'));
    });
  }

  /** Again where the review that was in the way was taken back meanwhile. */
  private async inserted(transaction: Transaction, review: NewReview): Promise<ReviewRow> {
    const made = await this.reviews.insert(transaction, review);
    if (made !== undefined) return made;
    const reviewId = await this.reviews.idOf(transaction, review.userId, review.productId);
    const again = reviewId === undefined ? await this.reviews.insert(transaction, review) : undefined;
    return again ?? Promise.reject(reviewApi.refuse('review.already_exists', 'You have reviewed this product', { reviewId }));
  }

  /** In the transaction that writes a review or changes its text. */
  private async noteWritten(transaction: Transaction, before: ReviewRow | undefined, after: ReviewRow): Promise<void> {
    await this.news.tell(transaction, before, after);
    this.pictures.tellUse(transaction, before, after);
    transaction.afterCommit(() => {
      reviewsWritten.inc({ status: after.status });
      this.logger.info(
        { reviewId: after.id, productId: after.product_id, holds: after.holds },
        before === undefined ? 'review.written' : 'review.edited',
      );
    });
  }

  /** Throws `not_found` for a product that is unknown or withdrawn. */
  private async expectForSale(productId: string): Promise<void> {
    const { items } = await this.product.cards({ refs: [{ productId }] });
    if (items.length === 0) throw notFound();
  }

  private async nameOf(userId: string): Promise<string> {
    const { items } = await this.auth.people({ userIds: [userId] });
    const [person] = items;
    if (person === undefined) throw refuse('unauthenticated');
    return authorOf(person.name);
  }

  /** `kept`: pictures that the review has already. */
  private async writtenOf(
    { rating, title, body, fit, images = [] }: Pick<WriteReview, 'rating' | 'title' | 'body' | 'fit' | 'images'>,
    review: { id: string; userId: string },
    kept: ReviewRow['images'],
  ): Promise<Written> {
    if (new Set(images).size < images.length) throw invalid([{ path: 'images', message: 'must name different files' }]);
    const pictures = await this.pictures.usable(review, images, kept);
    return { rating, title: title ?? null, body: body ?? null, fit: fit ?? null, images: pictures };
  }
}

const namesContactIn = ({ title, body }: Written): boolean => namesContact(title ?? undefined, body ?? undefined);

/** Another edit took a picture out after this one had read that the review has it. */
const keepsWhatIsGone = ({ images }: Written, known: ReviewRow, before: ReviewRow): boolean =>
  images.some(({ id }) => known.images.some((image) => image.id === id) && !before.images.some((image) => image.id === id));

const isRatingLocked = ({ was_voted_on, created_at }: ReviewRow): boolean =>
  was_voted_on || Date.now() - created_at.getTime() > RATING_FREE_DAYS * DAY_MS;
