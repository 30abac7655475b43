import { all, Flag, Means, Nullable, OneOf, Optional, Pattern, Text, Uuid, UuidList, Whole, Words } from '../fields.ts';
import { ById, PageQuery } from '../page.ts';
import {
  MAX_ATTACHMENTS,
  MAX_BODY,
  REPORT_REASONS,
  REPORT_RESOLUTIONS,
  type ReportReason,
  type ReportResolution,
  SENT_TYPES,
  type SentType,
  Sequence,
  THREAD_KINDS,
  THREAD_STATUSES,
  type ThreadKind,
  type ThreadStatus,
} from './views.ts';

export class ListThreads extends PageQuery {
  @Uuid() userId!: string;
  @Optional() @OneOf(THREAD_KINDS) kind?: ThreadKind;
  @Optional() @OneOf(THREAD_STATUSES) status?: ThreadStatus;
  @Means('Only those with something unread.') @Optional() @Flag() unread?: boolean;
}

export class OpenThread {
  @OneOf(THREAD_KINDS) kind: ThreadKind = 'direct';
  @Means('The other; of a support thread the customer, whom only staff name.') @Optional() @UuidList(1, 1) participantIds?: string[];
  @Means('Of a support thread, which must have one.') @Optional() @Words(1, 120) subject?: string;
  @Means("Of a support thread: the customer's own.") @Optional() @Uuid() orderId?: string;
}

export class ByThread {
  @Uuid() threadId!: string;
}

export class SendMessage extends ByThread {
  @Means('The same for every attempt to send the same message.')
  @Pattern(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens and underscores')
  clientMessageId!: string;
  @OneOf(SENT_TYPES) type: SentType = 'text';
  @Means('The text, or the caption of anything else; kept as it is, card numbers aside.') @Optional() @Text(0, MAX_BODY) body?: string;
  @Means('Own files of purpose `chat`, of an `image` message.') @Optional() @UuidList(1, MAX_ATTACHMENTS) attachments?: string[];
  @Means('Of a `product` message.') @Optional() @Uuid() productId?: string;
  @Means("Of an `order` message: the customer's own.") @Optional() @Uuid() orderId?: string;
}

export class ReadWindow extends ByThread {
  @Means('The newest below it.') @Optional() @Sequence() before?: number;
  @Means('The oldest above it.') @Optional() @Sequence() after?: number;
  @Means('How many at most.') @Whole(1, 100) limit: number = 20;
}

export class UpTo extends ByThread {
  @Means('Of the last message that it is said of.') @Sequence() sequence!: number;
}

export class EditMessage extends ById {
  @Words(1, MAX_BODY) body!: string;
}

export class ByAttachment extends ById {
  @Uuid() fileId!: string;
}

export const SUPPORT_SORTS = ['waiting', 'activity'] as const;
export type SupportSort = (typeof SUPPORT_SORTS)[number];

const UUID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';

export class SupportQuery extends PageQuery {
  @Optional() @OneOf(THREAD_STATUSES) status?: ThreadStatus;
  @Means('An id, `me` or `none`.')
  @Optional()
  @Pattern(new RegExp(`^(me|none|${UUID})$`), 'must be an id, me or none')
  assigneeId?: string;
  @Optional() @Uuid() userId?: string;
  @Optional() @Uuid() orderId?: string;
  @Means('In the subject.') @Optional() @Words(1, 100) q?: string;
  @Means('`waiting`: the longest unanswered first.') @OneOf(SUPPORT_SORTS) sort: SupportSort = 'waiting';
}

export class AssignThread extends ByThread {
  @Means('Null: back to the queue.') @Nullable() @Uuid() assigneeId!: string | null;
}

export class CloseThread extends ByThread {
  @Means('For all in the thread to read.') @Optional() @Words(1, 1_000) note?: string;
}

export class AddParticipant extends ByThread {
  @Means('Of the staff.') @Uuid() userId!: string;
}
export class RemoveParticipant extends ByThread {
  @Uuid() id!: string;
}

export class CannedQuery {
  @Means('In the shortcut, the title or the body.') @Optional() @Words(1, 100) q?: string;
  @Means('Placeholders are filled for this support thread.') @Optional() @Uuid() threadId?: string;
}

const Shortcut = (): PropertyDecorator =>
  all(
    Means('One answer a shortcut and language.'),
    Pattern(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, hyphens and underscores'),
  );
const Locale = (): PropertyDecorator => Pattern(/^[a-z]{2}$/, 'must be two small letters');

export class NewCannedAnswer {
  @Shortcut() shortcut!: string;
  @Words(1, 120) title!: string;
  @Words(1, MAX_BODY) body!: string;
  @Locale() locale: string = 'en';
}
export class ChangeCannedAnswer extends ById {
  @Optional() @Shortcut() shortcut?: string;
  @Optional() @Words(1, 120) title?: string;
  @Optional() @Words(1, MAX_BODY) body?: string;
  @Optional() @Locale() locale?: string;
}

export class ReportMessage extends ById {
  @OneOf(REPORT_REASONS) reason!: ReportReason;
  @Optional() @Words(1, 1_000) note?: string;
}
export class ReportQuery extends PageQuery {
  @Optional() @OneOf(['open', 'resolved']) status?: 'open' | 'resolved';
}
export class ResolveReport extends ById {
  @OneOf(REPORT_RESOLUTIONS) resolution!: ReportResolution;
}

export class TypingIn extends ByThread {
  @Flag() typing!: boolean;
}
export class WatchThread extends ByThread {
  @Flag() watch!: boolean;
}
export class SyncThread extends ByThread {
  @Means('The last message that the client has; 0: none.') @Sequence() after!: number;
  @Means('That of the last answer; without it nothing is told as changed.') @Optional() @Sequence() revision?: number;
  @Whole(1, 200) limit: number = 100;
}
export class PresenceOf {
  @UuidList(0, 100) userIds!: string[];
}
