import { Matches } from 'class-validator';
import {
  all,
  CountByName,
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
  UuidList,
  Whole,
} from '../fields.ts';
import { listOf, pageOf } from '../page.ts';
import type { Class } from '../schema.ts';
import { VISIBLE } from '../spellings.ts';

export const FEEDBACK_CATEGORIES = ['bug', 'feature', 'complaint', 'praise', 'other'] as const;
export type FeedbackCategory = (typeof FEEDBACK_CATEGORIES)[number];

export const FEEDBACK_STATUSES = ['open', 'in_review', 'planned', 'resolved', 'rejected', 'closed'] as const;
export type FeedbackStatus = (typeof FEEDBACK_STATUSES)[number];

export const FEEDBACK_PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type FeedbackPriority = (typeof FEEDBACK_PRIORITIES)[number];

export const FEEDBACK_HOLDS = ['many', 'repeated', 'links'] as const;
export type FeedbackHold = (typeof FEEDBACK_HOLDS)[number];

export const MAX_FEEDBACK_IMAGES = 5;
export const MAX_FEEDBACK_TAGS = 10;
const MOST = 1_000_000_000;

export const Tags = (): PropertyDecorator =>
  all(TextList(MAX_FEEDBACK_TAGS, 1, 30), Matches(VISIBLE, { each: true, message: 'must have texts that are not blank' }));

export class FeedbackImage {
  @Uuid() id!: string;
  @Means('Opens without a token for 900 s; absent while the storage does not answer.') @Optional() @Text(1, 2_000) url?: string;
}

export class FeedbackReply {
  @Uuid() id!: string;
  @OneOf(['staff', 'author']) from!: 'staff' | 'author';
  @Text(1, 2_000) body!: string;
  @Timestamp() at!: string;
}

export class FeedbackMove {
  @OneOf(FEEDBACK_STATUSES) status!: FeedbackStatus;
  @Timestamp() at!: string;
}

/** All that a customer ever gets of a piece of feedback, in any answer. */
export class Feedback {
  @Uuid() id!: string;
  @Means('Null once the author has erased their account.') @Nullable() @Uuid() userId!: string | null;
  @OneOf(FEEDBACK_CATEGORIES) category!: FeedbackCategory;
  @Means('Empty once the author has erased their account, as the message is.') @Text(0, 150) subject!: string;
  @Text(0, 5_000) message!: string;
  @Means('Stars.') @Optional() @Whole(1, 5) rating?: number;
  @ListOf(() => FeedbackImage) images!: FeedbackImage[];
  @Optional() @Uuid() orderId?: string;
  @Optional() @Uuid() productId?: string;
  @Optional() @Text(1, 40) appVersion?: string;
  @OneOf(FEEDBACK_STATUSES) status!: FeedbackStatus;
  @Means('Whether the author is told of changes and replies.') @Flag() subscribed!: boolean;
  @Means('People: the author, and who voted for it.') @Whole(0, MOST) votes!: number;
  @ListOf(() => FeedbackReply) replies!: FeedbackReply[];
  @ListOf(() => FeedbackMove) timeline!: FeedbackMove[];
  @Timestamp() createdAt!: string;
  @Timestamp() updatedAt!: string;
}
export class FeedbackPage extends pageOf(Feedback) {}

export class FeedbackNote {
  @Uuid() id!: string;
  @Text(1, 2_000) body!: string;
  @Means('Who of the staff wrote it.') @Uuid() by!: string;
  @Timestamp() at!: string;
}

/** As of the moment it was sent; empty once the author has erased their account. */
export class FeedbackContext {
  @Optional() @Text(1, 60) orderNumber?: string;
  @Optional() @Text(1, 60) orderStatus?: string;
  @Optional() @Text(1, 300) productName?: string;
  @Optional() @Text(1, 1_000) userAgent?: string;
}

interface StaffPart {
  assigneeId: string | null;
  priority: FeedbackPriority;
  tags: string[];
  held: boolean;
  holds: FeedbackHold[];
  publicTitle?: string;
  notes: FeedbackNote[];
  mergedInto?: string;
  mergedFrom: string[];
  context: FeedbackContext;
  firstResponseAt?: string;
  dueAt: string;
  overdue: boolean;
  escalatedAt?: string;
}

/** What staff see beside it. `seen`: whether each of these is in every answer. */
function forStaff(seen: PropertyDecorator): Class<Feedback & StaffPart> {
  class ForStaff extends Feedback {
    @seen @Nullable() @Uuid() assigneeId!: string | null;
    @seen @OneOf(FEEDBACK_PRIORITIES) priority!: FeedbackPriority;
    @seen @Tags() tags!: string[];
    @Means('In no queue, count or list of similar ones until somebody of the staff lets it through.') @seen @Flag() held!: boolean;
    @Means('Why it was held.') @seen @TextList(FEEDBACK_HOLDS.length, 1, 20) holds!: FeedbackHold[];
    @Means('What others are shown of it; with one it can be voted for.') @Optional() @Text(1, 150) publicTitle?: string;
    @seen @ListOf(() => FeedbackNote) notes!: FeedbackNote[];
    @Optional() @Uuid() mergedInto?: string;
    @seen @UuidList(0, Number.MAX_SAFE_INTEGER) mergedFrom!: string[];
    @seen @Nested(() => FeedbackContext) context!: FeedbackContext;
    @Means('The first reply or move of the staff, which stops the clock.') @Optional() @Timestamp() firstResponseAt?: string;
    @seen @Timestamp() dueAt!: string;
    @Means('Due and not answered yet.') @seen @Flag() overdue!: boolean;
    @Means('When its priority rose because it was overdue.') @Optional() @Timestamp() escalatedAt?: string;
  }
  return ForStaff;
}

export class StaffFeedback extends forStaff(() => undefined) {}
/** To the staff as `StaffFeedback`, to its author as `Feedback`. */
const Seen: Class<Feedback & Partial<StaffPart>> = forStaff(Optional());
export class SeenFeedback extends Seen {}

export class FeedbackCounts {
  @Means('By status, whatever status is asked for.') @CountByName() status!: Record<FeedbackStatus, number>;
  @Means('By category, whatever category is asked for.') @CountByName() category!: Record<FeedbackCategory, number>;
}
export class FeedbackQueue extends pageOf(StaffFeedback) {
  @Means('Items that fit the filters.') @Whole(0, MOST) total!: number;
  @Nested(() => FeedbackCounts) counts!: FeedbackCounts;
}

export class SimilarFeedback {
  @Uuid() id!: string;
  @Means("The own subject, or what the staff call another person's.") @Text(1, 150) title!: string;
  @OneOf(FEEDBACK_CATEGORIES) category!: FeedbackCategory;
  @OneOf(FEEDBACK_STATUSES) status!: FeedbackStatus;
  @Means('People: the author, and who voted for it.') @Whole(0, MOST) votes!: number;
  @Flag() mine!: boolean;
}
export class SimilarFeedbackList extends listOf(SimilarFeedback) {}

export class FeedbackVotes {
  @Means('People: the author, and who voted for it.') @Whole(0, MOST) votes!: number;
  @Flag() voted!: boolean;
}

export class FeedbackSubscription {
  @Flag() subscribed!: boolean;
}

export class FailedChange {
  @Uuid() id!: string;
  @Text(1, 60) code!: string;
}
export class BulkOutcome {
  @UuidList(0, 100) done!: string[];
  @ListOf(() => FailedChange) failed!: FailedChange[];
}

export class StatusConflict {
  @OneOf(FEEDBACK_STATUSES) current!: FeedbackStatus;
  @Means('Where it can go from there.') @TextList(FEEDBACK_STATUSES.length, 1, 20) allowed!: FeedbackStatus[];
}
export class UnusableImages {
  @UuidList(1, MAX_FEEDBACK_IMAGES) imageIds!: string[];
}
