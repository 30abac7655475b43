import { contract, event, operation } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Flag, Means, Nullable, OneOf, Optional, Pattern, Text, Timestamp, Uuid, UuidList, Whole, Words } from '../fields.ts';
import { ById, PageQuery } from '../page.ts';
import { FilesUsed } from '../storage/messages.ts';
import { FeedbackMoved, FeedbackNews, FeedbackOverdue, FeedbackReplied, StillWanted } from './messages.ts';
import {
  BulkOutcome,
  FEEDBACK_CATEGORIES,
  FEEDBACK_PRIORITIES,
  FEEDBACK_STATUSES,
  Feedback,
  type FeedbackCategory,
  FeedbackNote,
  FeedbackPage,
  type FeedbackPriority,
  FeedbackQueue,
  FeedbackReply,
  type FeedbackStatus,
  FeedbackSubscription,
  FeedbackVotes,
  MAX_FEEDBACK_IMAGES,
  SeenFeedback,
  SimilarFeedbackList,
  StaffFeedback,
  StatusConflict,
  Tags,
  UnusableImages,
} from './views.ts';

export class SendFeedback {
  @OneOf(FEEDBACK_CATEGORIES) category!: FeedbackCategory;
  @Words(1, 150) subject!: string;
  @Words(1, 5_000) message!: string;
  @Means('Stars.') @Optional() @Whole(1, 5) rating?: number;
  @Means('Own image files of the storage, uploaded for this purpose; each once.')
  @Optional()
  @UuidList(0, MAX_FEEDBACK_IMAGES)
  images?: string[];
  @Optional() @Uuid() orderId?: string;
  @Optional() @Uuid() productId?: string;
  @Means('Absent: the header `X-App-Version`.') @Optional() @Words(1, 40) appVersion?: string;
}

export class ListFeedback extends PageQuery {
  @Uuid() userId!: string;
  @Optional() @OneOf(FEEDBACK_STATUSES) status?: FeedbackStatus;
}

export class FindSimilar {
  @Words(3, 200) q!: string;
  @Optional() @OneOf(FEEDBACK_CATEGORIES) category?: FeedbackCategory;
}

export class SetSubscription extends ById {
  @Flag() subscribed!: boolean;
}

export class ReplyToFeedback extends ById {
  @Words(1, 2_000) body!: string;
}

const UUID_OR_NONE = /^(?:none|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$/;
export const FEEDBACK_SORTS = ['newest', 'oldest', 'due', 'votes'] as const;
export type FeedbackSort = (typeof FEEDBACK_SORTS)[number];

/** All that is given must hold. Held and merged ones are missing unless they are asked for. */
export class FeedbackFilters {
  @Optional() @OneOf(FEEDBACK_STATUSES) status?: FeedbackStatus;
  @Optional() @OneOf(FEEDBACK_CATEGORIES) category?: FeedbackCategory;
  @Means('`none`: those of nobody.') @Optional() @Pattern(UUID_OR_NONE, 'must be an id, or none') assigneeId?: string;
  @Optional() @OneOf(FEEDBACK_PRIORITIES) priority?: FeedbackPriority;
  @Optional() @Text(1, 30) tag?: string;
  @Optional() @Flag() held?: boolean;
  @Optional() @Flag() overdue?: boolean;
  @Optional() @Flag() merged?: boolean;
  @Optional() @Uuid() userId?: string;
  @Optional() @Uuid() productId?: string;
  @Means('Words of subject, message and replies; all of them must be there.') @Optional() @Words(1, 200) q?: string;
  @Means('Sent at or after.') @Optional() @Timestamp() from?: string;
  @Means('Sent before.') @Optional() @Timestamp() to?: string;
  @OneOf(FEEDBACK_SORTS) sort: FeedbackSort = 'newest';
}
export class FeedbackQueueQuery extends FeedbackFilters {
  @Means('How many at most.') @Whole(1, 100) limit: number = 20;
  @Means('The `nextCursor` of the page before; good only with the filters it came from.') @Optional() @Text(1, 600) cursor?: string;
}

export class MoveFeedback extends ById {
  @OneOf(FEEDBACK_STATUSES) status!: FeedbackStatus;
  @Means('For the staff alone.') @Optional() @Words(1, 2_000) note?: string;
  @Means('For the author.') @Optional() @Words(1, 2_000) reply?: string;
}

/** Absent leaves as it is. */
export class ChangeFeedback extends ById {
  @Means('Null: nobody.') @Optional() @Nullable() @Uuid() assigneeId?: string | null;
  @Optional() @OneOf(FEEDBACK_PRIORITIES) priority?: FeedbackPriority;
  @Optional() @Tags() tags?: string[];
  @Means('False lets a held one through; nothing is held by hand.') @Optional() @Flag() held?: boolean;
  @Means('Null: others are shown nothing of it.') @Optional() @Nullable() @Words(1, 150) publicTitle?: string | null;
}

export class AddFeedbackNote extends ById {
  @Words(1, 2_000) body!: string;
}

/** One change at least; each item is changed as a whole or not at all. */
export class ChangeMuchFeedback {
  @UuidList(1, 100) ids!: string[];
  @Optional() @OneOf(FEEDBACK_STATUSES) status?: FeedbackStatus;
  @Means('Null: nobody.') @Optional() @Nullable() @Uuid() assigneeId?: string | null;
  @Optional() @OneOf(FEEDBACK_PRIORITIES) priority?: FeedbackPriority;
  @Optional() @Tags() addTags?: string[];
  @Optional() @Tags() removeTags?: string[];
}

export class MergeFeedback extends ById {
  @Uuid() into!: string;
}

const MERGED = { 'feedback.merged': 'conflict' } as const;
const MERGE_ERRORS = { 'feedback.merge_conflict': 'conflict' } as const;

export const feedbackApi = contract('feedback', {
  operations: {
    send: operation({
      summary: 'Send feedback, all of it or nothing',
      access: 'user',
      http: 'POST /feedback',
      in: SendFeedback,
      out: Feedback,
      status: 201,
      timeoutMs: 4_000,
      errors: { 'feedback.image_unusable': { kind: 'conflict', fields: UnusableImages } },
    }),
    ofUser: operation({
      summary: 'What a user has sent, newest first',
      access: 'user',
      http: 'GET /feedback/user/:userId',
      in: ListFeedback,
      out: FeedbackPage,
      staffForAll: true,
    }),
    similar: operation({
      summary: 'Own feedback and what others may be shown, by what somebody is about to write',
      access: 'user',
      http: 'GET /feedback/similar',
      in: FindSimilar,
      out: SimilarFeedbackList,
    }),
    queue: operation({
      summary: 'Feedback of everybody, with how many there are of each status and category',
      access: 'staff',
      http: 'GET /feedback/admin',
      in: FeedbackQueueQuery,
      out: FeedbackQueue,
    }),
    exportAll: operation({
      summary: 'All rows of the queue, as CSV',
      access: 'staff',
      http: 'GET /feedback/admin/export',
      in: FeedbackFilters,
      bytes: true,
      timeoutMs: 60_000,
    }),
    changeMany: operation({
      summary: 'Change many pieces of feedback',
      description: 'Each is changed as a whole or not at all; those that were not are named with the reason.',
      access: 'staff',
      http: 'POST /feedback/admin/bulk',
      in: ChangeMuchFeedback,
      out: BulkOutcome,
      status: 200,
      timeoutMs: 10_000,
    }),
    view: operation({
      summary: 'One piece of feedback: the own, or any for the staff',
      access: 'user',
      http: 'GET /feedback/:id',
      in: ById,
      out: SeenFeedback,
    }),
    vote: operation({
      summary: 'Vote for it, and hear of it from now on',
      access: 'user',
      http: 'POST /feedback/:id/vote',
      in: ById,
      out: FeedbackVotes,
      status: 200,
      errors: { ...MERGED, 'feedback.own_feedback': 'forbidden' },
    }),
    unvote: operation({
      summary: 'Take the vote back',
      access: 'user',
      http: 'DELETE /feedback/:id/vote',
      in: ById,
      out: FeedbackVotes,
      errors: { ...MERGED, 'feedback.own_feedback': 'forbidden' },
    }),
    subscribe: operation({
      summary: 'Hear of it, or no more; for its author and who voted',
      access: 'user',
      http: 'PUT /feedback/:id/subscription',
      in: SetSubscription,
      out: FeedbackSubscription,
    }),
    reply: operation({
      summary: 'Reply, as its author or for the shop',
      description: "The author's reply takes up again what was resolved or rejected.",
      access: 'user',
      http: 'POST /feedback/:id/replies',
      in: ReplyToFeedback,
      out: FeedbackReply,
      status: 201,
      errors: { ...MERGED, 'feedback.closed': 'conflict' },
    }),
    move: operation({
      summary: 'Move it to another status, with a reply or a note',
      description: 'To the status it has already: nothing is done.',
      access: 'staff',
      http: 'PUT /feedback/:id/status',
      in: MoveFeedback,
      out: StaffFeedback,
      errors: { ...MERGED, 'feedback.status_conflict': { kind: 'conflict', fields: StatusConflict } },
    }),
    change: operation({
      summary: 'Assign, sort and name a piece of feedback, or let a held one through',
      access: 'staff',
      http: 'PATCH /feedback/:id',
      in: ChangeFeedback,
      out: StaffFeedback,
      errors: { 'feedback.assignee_not_staff': 'conflict' },
    }),
    addNote: operation({
      summary: 'Add a note that the staff alone see',
      access: 'staff',
      http: 'POST /feedback/:id/notes',
      in: AddFeedbackNote,
      out: FeedbackNote,
      status: 201,
    }),
    merge: operation({
      summary: 'Unite it with another that says the same, which is answered',
      access: 'staff',
      http: 'POST /feedback/:id/merge',
      in: MergeFeedback,
      out: StaffFeedback,
      status: 200,
      errors: MERGE_ERRORS,
    }),
    unmerge: operation({
      summary: 'Take it apart again, as both were; votes given meanwhile stay',
      access: 'staff',
      http: 'POST /feedback/:id/unmerge',
      in: ById,
      out: StaffFeedback,
      status: 200,
      errors: MERGE_ERRORS,
    }),
    stillWants: operation({
      summary: 'Whether somebody still wants to hear of it',
      access: 'internal',
      in: FeedbackNews,
      out: StillWanted,
    }),
    exportOf: exportOperation('Feedback that a user has sent, for that archive'),
  },
  events: {
    moved: event({ summary: 'It has another status', version: 1, data: FeedbackMoved, subscribers: ['notification'] }),
    replied: event({ summary: 'The staff replied to its author', version: 1, data: FeedbackReplied, subscribers: ['notification'] }),
    filesUsed: event({ summary: 'Which files it is made of now', version: 1, data: FilesUsed, subscribers: ['storage'] }),
    overdue: event({ summary: 'Nobody of the staff answered in time', version: 1, data: FeedbackOverdue, subscribers: ['notification'] }),
  },
});
