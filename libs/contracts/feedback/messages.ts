import { Flag, OneOf, Optional, Uuid, UuidList, Whole } from '../fields.ts';
import { FEEDBACK_PRIORITIES, FEEDBACK_STATUSES, type FeedbackPriority, type FeedbackStatus } from './views.ts';

export class FeedbackMoved {
  /** As these people know it: that of a merged one for those who come with it. */
  @Uuid() feedbackId!: string;
  /** Author and voters who want to hear of it. */
  @UuidList(1, Number.MAX_SAFE_INTEGER) userIds!: string[];
  @OneOf(FEEDBACK_STATUSES) status!: FeedbackStatus;
  /** Of the reply that came with the move. */
  @Optional() @Uuid() replyId?: string;
  /** Counts the moves. */
  @Whole(0, Number.MAX_SAFE_INTEGER) version!: number;
}

/** The staff replied, without a move. */
export class FeedbackReplied {
  @Uuid() feedbackId!: string;
  @Uuid() userId!: string;
  @Uuid() replyId!: string;
  @OneOf(FEEDBACK_STATUSES) status!: FeedbackStatus;
}

/** What was to be told to somebody of a piece of feedback, as they know it. */
export class FeedbackNews {
  @Uuid() feedbackId!: string;
  @Uuid() userId!: string;
}

export class StillWanted {
  @Flag() wanted!: boolean;
}

export class FeedbackOverdue {
  @Uuid() feedbackId!: string;
  /** The assignee; without one all staff. */
  @UuidList(1, Number.MAX_SAFE_INTEGER) userIds!: string[];
  /** After it rose. */
  @OneOf(FEEDBACK_PRIORITIES) priority!: FeedbackPriority;
}
