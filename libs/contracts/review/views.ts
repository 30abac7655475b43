import {
  all,
  CountByName,
  Decimal,
  Flag,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
} from '../fields.ts';
import { listOf, pageOf } from '../page.ts';

export const REVIEW_STATUSES = ['pending', 'approved', 'hidden'] as const;
export type ReviewStatus = (typeof REVIEW_STATUSES)[number];
/** How the goods turned out beside what their size let one expect. */
export const FITS = ['small', 'true', 'large'] as const;
export type Fit = (typeof FITS)[number];
export const REPORT_REASONS = ['spam', 'offensive', 'fake', 'private_data', 'off_topic', 'other'] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];
/** `contact`: an address or a number in its text. `hidden_before`: another of the author's was hidden lately. `many`: too many unverified ones in a day. */
export const HOLDS = ['contact', 'hidden_before', 'many'] as const;
export type Hold = (typeof HOLDS)[number];

const MAX_COUNT = 1_000_000_000;
/** How many of what. */
const Count = (of: string): PropertyDecorator => all(Means(of), Whole(0, MAX_COUNT));
export const Stars = (): PropertyDecorator => all(Means('Stars.'), Whole(1, 5));
const FitAnswer = (): PropertyDecorator => all(Means('How it fits, beside what its size promises.'), OneOf(FITS));

export class ReviewImage {
  @Means('Of the file in storage.') @Uuid() id!: string;
  @Means('Works in an `<img>`; signed and good for 15 minutes while the review is not approved.') @Text(1, 2_000) url!: string;
}

export class ReviewReply {
  @Text(1, 2_000) body!: string;
  @Timestamp() at!: string;
}

export class ReportsOfReview {
  @Count('People who reported it since its last moderation.') count!: number;
  @Means('How many of them named each reason.') @CountByName() reasons!: Record<string, number>;
}

export class Moderation {
  @OneOf(['approved', 'hidden']) status!: 'approved' | 'hidden';
  @Optional() @Text(1, 500) note?: string;
  @Means('Of the member of staff.') @Uuid() by!: string;
  @Timestamp() at!: string;
}

export class Review {
  @Uuid() id!: string;
  @Uuid() productId!: string;
  @Means('First name and initial, as at the last write.') @Text(1, 120) author!: string;
  @Stars() rating!: number;
  @Optional() @Text(1, 120) title?: string;
  @Optional() @Text(1, 5_000) body?: string;
  @ListOf(() => ReviewImage, 0, 5) images!: ReviewImage[];
  @Optional() @FitAnswer() fit?: Fit;
  @Means('What the author has bought, by the latest line that was delivered.') @Optional() @Text(1, 30) size?: string;
  @Means('The goods were delivered to the author.') @Flag() verifiedPurchase!: boolean;
  @OneOf(REVIEW_STATUSES) status!: ReviewStatus;
  @Count('Votes that it helped.') helpfulCount!: number;
  @Count('Votes that it did not help.') unhelpfulCount!: number;
  @Means("The shop's answer.") @Optional() @Nested(() => ReviewReply) reply?: ReviewReply;
  @Timestamp() createdAt!: string;
  @Optional() @Timestamp() editedAt?: string;
  @Means('To the author and to staff; null once the account is erased.') @Optional() @Nullable() @Uuid() userId?: string | null;
  @Means('To staff: why it waits to be looked at.') @Optional() @TextList(3, 1, 20) holds?: Hold[];
  @Means('To staff.') @Optional() @Nested(() => ReportsOfReview) reports?: ReportsOfReview;
  @Means('To staff: what was decided, the first first.') @Optional() @ListOf(() => Moderation) moderation?: Moderation[];
}

export class Histogram {
  @Count('Reviews with 1 star.') 1!: number;
  @Count('Reviews with 2 stars.') 2!: number;
  @Count('Reviews with 3 stars.') 3!: number;
  @Count('Reviews with 4 stars.') 4!: number;
  @Count('Reviews with 5 stars.') 5!: number;
}

export class FitCounts {
  @Count('Reviews that say it fits small.') small!: number;
  @Count('Reviews that say it fits as its size promises.') true!: number;
  @Count('Reviews that say it fits large.') large!: number;
}

export class FitOfSize extends FitCounts {
  @Text(1, 30) size!: string;
}

export class FitSummary extends FitCounts {
  @Means('By the size that was bought; verified reviews alone.') @ListOf(() => FitOfSize) sizes!: FitOfSize[];
}

/** Of all approved reviews of a product, filters aside. */
export class ReviewSummary {
  @Means('Stars, half up to two decimals; 0 without reviews.') @Decimal(0, 5) average!: number;
  @Count('Approved reviews.') count!: number;
  @Means('Reviews by their stars.') @Nested(() => Histogram) histogram!: Histogram;
  @Nested(() => FitSummary) fit!: FitSummary;
}

export class ReviewPage extends pageOf(Review) {}

export class ProductReviews extends pageOf(Review) {
  @Nested(() => ReviewSummary) summary!: ReviewSummary;
}

export class ReviewCounts {
  @Count('Reviews that wait to be looked at.') pending!: number;
  @Count('Reviews that everybody sees.') approved!: number;
  @Count('Reviews that staff hid.') hidden!: number;
  @Count('With reports since their last moderation.') reported!: number;
}

export class ReviewQueue extends pageOf(Review) {
  @Means('Of the whole shop, filters aside.') @Nested(() => ReviewCounts) counts!: ReviewCounts;
}

export class FormerReview {
  @Stars() rating!: number;
  @Optional() @Text(1, 120) title?: string;
  @Optional() @Text(1, 5_000) body?: string;
  @Optional() @FitAnswer() fit?: Fit;
  @ListOf(() => ReviewImage, 0, 5) images!: ReviewImage[];
  @Means('When this version was written.') @Timestamp() at!: string;
}

export class ReviewHistory extends listOf(FormerReview) {}

export class VoteResult {
  @Count('Votes that it helped.') helpfulCount!: number;
  @Count('Votes that it did not help.') unhelpfulCount!: number;
  @Means("The caller's own.") @Nullable() @OneOf(['helpful', 'unhelpful']) vote!: 'helpful' | 'unhelpful' | null;
}
