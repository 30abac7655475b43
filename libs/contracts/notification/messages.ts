import { Nested, Timestamp, Uuid, Whole } from '../fields.ts';
import { Notification, UNREAD_COUNTED } from './views.ts';

export class NotificationShown {
  @Uuid() userId!: string;
  @Nested(() => Notification) notification!: Notification;
}

export class Unread {
  @Whole(0, UNREAD_COUNTED) unread!: number;
  /** Rises with each change. */
  @Whole(0, Number.MAX_SAFE_INTEGER) version!: number;
}

export class UnreadChanged extends Unread {
  @Uuid() userId!: string;
}

/** A mail's link said that its reader wants to hear no more of this piece of feedback. */
export class FeedbackUnsubscribed {
  @Uuid() userId!: string;
  @Uuid() feedbackId!: string;
  @Timestamp() at!: string;
}
