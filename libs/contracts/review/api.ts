import { contract, event, operation, signal } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Flag, Means, OneOf, Optional, Uuid, UuidList, Words } from '../fields.ts';
import { ById, PageQuery } from '../page.ts';
import { FilesUsed } from '../storage/messages.ts';
import { OrderOfUser, ProductsToAskFor, RatingChanged, RequestDue, ReviewsChanged, ReviewUpdated } from './messages.ts';
import {
  FITS,
  type Fit,
  ProductReviews,
  REPORT_REASONS,
  REVIEW_STATUSES,
  type ReportReason,
  Review,
  ReviewHistory,
  ReviewPage,
  ReviewQueue,
  type ReviewStatus,
  Stars,
  VoteResult,
} from './views.ts';

export const REVIEW_SORTS = ['helpful', 'newest', 'rating_high', 'rating_low'] as const;
export type ReviewSort = (typeof REVIEW_SORTS)[number];

/** What a person may do in an hour, times RATE_LIMIT_SCALE. */
export const REVIEW_LIMITS = { posts: 20, votes: 120, reports: 20 } as const;
/** Days after which the stars stay as they are; so they do once anybody voted. */
export const RATING_FREE_DAYS = 30;

export class ReviewsOfProduct extends PageQuery {
  @Uuid() productId!: string;
  @Means('`helpful`: by the lower bound of the share of helpful votes that is true with 95 %. Ties: newest first.')
  @OneOf(REVIEW_SORTS)
  sort: ReviewSort = 'helpful';
  @Optional() @Stars() rating?: number;
  @Means('True: of buyers alone; false: only the others.') @Optional() @Flag() verified?: boolean;
  @Means('True: with pictures alone; false: only the others.') @Optional() @Flag() withImages?: boolean;
}

class ReviewText {
  @Stars() rating!: number;
  @Optional() @Words(1, 120) title?: string;
  @Optional() @Words(1, 5_000) body?: string;
  @Means('Own public picture files of purpose `review`, different ones.') @Optional() @UuidList(0, 5) images?: string[];
  @Optional() @OneOf(FITS) fit?: Fit;
}

export class WriteReview extends ReviewText {
  @Uuid() productId!: string;
}

/** Replaces all of it: what is absent is removed. */
export class EditReview extends ReviewText {
  @Uuid() id!: string;
}

export class ReviewsOfUser extends PageQuery {
  @Uuid() userId!: string;
}

export class VoteOnReview extends ById {
  @Means('False: not helpful.') @Flag() helpful: boolean = true;
}

export class ReportReview extends ById {
  @OneOf(REPORT_REASONS) reason!: ReportReason;
  @Optional() @Words(1, 500) note?: string;
}

export class ReviewFilter extends PageQuery {
  @Optional() @OneOf(REVIEW_STATUSES) status?: ReviewStatus;
  @Optional() @Uuid() productId?: string;
  @Optional() @Uuid() userId?: string;
  @Means('With reports since its last moderation.') @Optional() @Flag() reported?: boolean;
}

export class ModerateReview extends ById {
  @OneOf(['approved', 'hidden']) status!: 'approved' | 'hidden';
  @Means('Stays inside.') @Optional() @Words(1, 500) note?: string;
}

export class ReplyToReview extends ById {
  @Words(1, 2_000) body!: string;
}

export class ExistingReview {
  @Means('Of the review that is there.') @Uuid() reviewId!: string;
}

export class UnusableImages {
  @UuidList(1, 5) imageIds!: string[];
}

const OWN = { 'review.own_review': 'forbidden' } as const;
const IMAGES = { 'review.image_unusable': { kind: 'conflict', fields: UnusableImages } } as const;

export const reviewApi = contract('review', {
  operations: {
    ofProduct: operation({
      summary: 'Approved reviews of a product, with their summary',
      description: 'A product that nobody knows has none. The summary is of all approved reviews, filters aside.',
      access: 'public',
      http: 'GET /reviews/product/:productId',
      in: ReviewsOfProduct,
      out: ProductReviews,
      hot: true,
    }),
    one: operation({
      summary: 'One review: an approved one, or an own one in any status',
      access: 'optional',
      http: 'GET /reviews/:id',
      in: ById,
      out: Review,
    }),
    write: operation({
      summary: 'Review a product',
      description: 'One review a person and product. It is shown at once unless something in it is held to be looked at first.',
      access: 'user',
      http: 'POST /reviews',
      in: WriteReview,
      out: Review,
      status: 201,
      timeoutMs: 4_000,
      errors: { 'review.already_exists': { kind: 'conflict', fields: ExistingReview }, ...IMAGES },
    }),
    edit: operation({
      summary: 'Replace an own review',
      access: 'user',
      http: 'PUT /reviews/:id',
      in: EditReview,
      out: Review,
      timeoutMs: 4_000,
      errors: { 'review.rating_locked': 'conflict', ...IMAGES },
    }),
    remove: operation({ summary: 'Take an own review back', access: 'user', http: 'DELETE /reviews/:id', in: ById }),
    history: operation({
      summary: 'Former versions of an own review, newest first',
      access: 'user',
      http: 'GET /reviews/:id/history',
      in: ById,
      out: ReviewHistory,
      staffForAll: true,
    }),
    ofUser: operation({
      summary: 'Own reviews in every status, newest first',
      access: 'user',
      http: 'GET /reviews/user/:userId',
      in: ReviewsOfUser,
      out: ReviewPage,
      staffForAll: true,
    }),
    vote: operation({
      summary: 'Say whether a review helped',
      access: 'user',
      http: 'POST /reviews/:id/helpful',
      in: VoteOnReview,
      out: VoteResult,
      status: 200,
      errors: OWN,
    }),
    unvote: operation({
      summary: 'Take the vote back',
      access: 'user',
      http: 'DELETE /reviews/:id/helpful',
      in: ById,
      out: VoteResult,
      errors: OWN,
    }),
    report: operation({
      summary: 'Tell staff that a review should not be there',
      access: 'user',
      http: 'POST /reviews/:id/report',
      in: ReportReview,
      errors: OWN,
    }),
    list: operation({
      summary: 'Reviews to moderate, oldest first',
      access: 'staff',
      http: 'GET /reviews',
      in: ReviewFilter,
      out: ReviewQueue,
    }),
    moderate: operation({
      summary: 'Show or hide a review; that closes its reports',
      access: 'staff',
      http: 'PATCH /reviews/:id/moderation',
      in: ModerateReview,
      out: Review,
      errors: OWN,
    }),
    reply: operation({
      summary: "Answer a review in the shop's name",
      access: 'staff',
      http: 'PUT /reviews/:id/reply',
      in: ReplyToReview,
      out: Review,
    }),
    removeReply: operation({
      summary: "Take the shop's answer back",
      access: 'staff',
      http: 'DELETE /reviews/:id/reply',
      in: ById,
      out: Review,
    }),
    toAskFor: operation({
      summary: 'Products of an order that its buyer has neither returned nor reviewed',
      access: 'internal',
      in: OrderOfUser,
      out: ProductsToAskFor,
    }),
    exportOf: exportOperation('What a user has reviewed, voted on and reported, for that archive'),
  },
  events: {
    ratingChanged: event({
      summary: "A product's rating is another",
      version: 1,
      data: RatingChanged,
      subscribers: ['product'],
      batched: ['product'],
    }),
    requestDue: event({ summary: 'Time to ask a buyer for a review', version: 1, data: RequestDue, subscribers: ['notification'] }),
    filesUsed: event({
      summary: 'Which files a review is made of now, and whether it is shown',
      version: 1,
      data: FilesUsed,
      subscribers: ['storage'],
    }),
    updated: event({ summary: 'Staff hid, approved or answered a review', version: 1, data: ReviewUpdated, subscribers: ['notification'] }),
  },
  signals: {
    changed: signal({ summary: 'Reviews of products changed', data: ReviewsChanged }),
  },
});
