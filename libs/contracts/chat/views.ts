import {
  Flag,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Paise,
  Pattern,
  Text,
  Timestamp,
  Uuid,
  UuidList,
  Whole,
} from '../fields.ts';
import { ORDER_STATUSES, type OrderStatus, PAYMENT_STATUSES, type PaymentStatus } from '../order/views.ts';
import { listOf, pageOf } from '../page.ts';
import { AVAILABILITIES, type Availability } from '../product/views.ts';
import { FILE_TYPES, type FileType } from '../storage/views.ts';

export const THREAD_KINDS = ['direct', 'support'] as const;
export type ThreadKind = (typeof THREAD_KINDS)[number];
export const THREAD_STATUSES = ['open', 'assigned', 'closed'] as const;
export type ThreadStatus = (typeof THREAD_STATUSES)[number];
/** What people send; `system` messages tell of moves. */
export const SENT_TYPES = ['text', 'image', 'product', 'order'] as const;
export type SentType = (typeof SENT_TYPES)[number];
export const MESSAGE_TYPES = [...SENT_TYPES, 'system'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];
export const SYSTEM_EVENTS = ['claimed', 'assigned', 'released', 'closed', 'reopened', 'participant_added', 'participant_removed'] as const;
export type SystemEventName = (typeof SYSTEM_EVENTS)[number];
export const REPORT_REASONS = ['spam', 'abuse', 'fraud', 'other'] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];
export const REPORT_RESOLUTIONS = ['dismissed', 'deleted', 'muted'] as const;
export type ReportResolution = (typeof REPORT_RESOLUTIONS)[number];

export const MAX_BODY = 4_000;
export const MAX_ATTACHMENTS = 10;
/** Staff in one support thread. */
export const MAX_STAFF = 10;
/** Everybody in a thread. */
export const MAX_PARTICIPANTS = MAX_STAFF + 2;
const MOST = 1_000_000_000;

export const Sequence = (min = 0): PropertyDecorator => Whole(min, MOST);

export class Attachment {
  @Uuid() fileId!: string;
  @Text(1, 200) name!: string;
  @OneOf(FILE_TYPES) mime!: FileType;
  @Means('Bytes.') @Whole(1, 100_000_000) size!: number;
  @Means('In pixels, of a picture.') @Optional() @Whole(1, 100_000) width?: number;
  @Means('In pixels, of a picture.') @Optional() @Whole(1, 100_000) height?: number;
}

/** Of a product or an order, as it is now: the fields of one of them. */
export class MessageCard {
  @Optional() @Uuid() productId?: string;
  @Optional() @Text(1, 200) slug?: string;
  @Optional() @Text(1, 200) name?: string;
  @Optional() @Nullable() @Text(1, 500) image?: string | null;
  @Optional() @Paise() price?: number;
  @Optional() @Paise() mrp?: number;
  @Optional() @OneOf(AVAILABILITIES) availability?: Availability;
  @Optional() @Uuid() orderId?: string;
  @Optional() @Text(1, 60) number?: string;
  @Optional() @OneOf(ORDER_STATUSES) status?: OrderStatus;
  @Optional() @OneOf(PAYMENT_STATUSES) paymentStatus?: PaymentStatus;
  @Optional() @Paise() total?: number;
}

export class SystemEvent {
  @OneOf(SYSTEM_EVENTS) event!: SystemEventName;
  @Means('Who did it; null once they have erased their account.') @Nullable() @Uuid() actorId!: string | null;
  @Means('Whom it was done to.') @Optional() @Uuid() subjectId?: string;
}

export class Message {
  @Uuid() id!: string;
  @Uuid() threadId!: string;
  @Means('Null of a `system` message, and once the sender has erased their account.') @Nullable() @Uuid() senderId!: string | null;
  @Means("The sender's own name for it; null where `senderId` is.") @Nullable() @Text(1, 64) clientMessageId!: string | null;
  @Means('Counts the messages of the thread, without holes.') @Sequence(1) sequence!: number;
  @Means("The thread's, of its last change.") @Sequence(1) revision!: number;
  @OneOf(MESSAGE_TYPES) type!: MessageType;
  @Means('Empty once it is deleted.') @Text(0, MAX_BODY) body!: string;
  @Optional() @ListOf(() => Attachment, 1, MAX_ATTACHMENTS) attachments?: Attachment[];
  @Means('What a `product` or `order` message shows, as it is now; null when that is gone or cannot be asked for.')
  @Optional()
  @Nullable()
  @Nested(() => MessageCard)
  card?: MessageCard | null;
  @Optional() @Nested(() => SystemEvent) system?: SystemEvent;
  @Timestamp() createdAt!: string;
  @Optional() @Timestamp() editedAt?: string;
  @Optional() @Timestamp() deletedAt?: string;
}

/** The answer to who sent it. */
export class PostedMessage extends Message {
  @Means('It had been sent before under this `clientMessageId`.') @Flag() repeated!: boolean;
}
export class SentMessage {
  @Nested(() => Message) message!: Message;
  @Means('It had been sent before under this `clientMessageId`.') @Flag() repeated!: boolean;
}

export class Participant {
  @Uuid() userId!: string;
  @Means('`Deleted user` once the account is erased; absent while names cannot be asked for.') @Optional() @Text(1, 100) name?: string;
  @OneOf(['customer', 'staff']) role!: 'customer' | 'staff';
  @Means('Messages up to this one have reached them; null where one of the two keeps it to themselves.')
  @Nullable()
  @Sequence()
  delivered!: number | null;
  @Means('They have read up to this one; null where one of the two keeps it to themselves.') @Nullable() @Sequence() read!: number | null;
}

/** As one reader sees it. */
export class Thread {
  @Uuid() id!: string;
  @OneOf(THREAD_KINDS) kind!: ThreadKind;
  @Means('Of a support thread.') @Optional() @OneOf(THREAD_STATUSES) status?: ThreadStatus;
  @Means('Of a support thread.') @Optional() @Text(1, 120) subject?: string;
  @Optional() @Uuid() orderId?: string;
  @Means('Who of the staff has it.') @Optional() @Uuid() assigneeId?: string;
  @Means('Since when the customer waits for an answer.') @Optional() @Timestamp() waitingSince?: string;
  @ListOf(() => Participant, 0, MAX_PARTICIPANTS) participants!: Participant[];
  @Nullable() @Nested(() => Message) lastMessage!: Message | null;
  @Means('Of the last message; 0: there is none.') @Sequence() lastSequence!: number;
  @Means('Rises by one with each message, edit and deletion.') @Sequence() revision!: number;
  @Means("Others' messages that the reader has not read; 0 for staff who are not in it.") @Sequence() unreadCount!: number;
  @Timestamp() createdAt!: string;
  @Timestamp() updatedAt!: string;
}
export class OpenedThread extends Thread {
  @Means('False: it was there before.') @Flag() opened!: boolean;
}
export class ThreadPage extends pageOf(Thread) {
  @Means('In all threads of the user.') @Sequence() totalUnread!: number;
}

export class MessageWindow {
  @Means('Ascending.') @ListOf(() => Message) items!: Message[];
  @Means('There are more on the side that was asked for.') @Flag() hasMore!: boolean;
  @Means('Of the last message; 0: there is none.') @Sequence() lastSequence!: number;
  @Means('As the thread has it.') @Sequence() revision!: number;
}

/** How far the caller has come in a thread. */
export class ReadState {
  @Uuid() threadId!: string;
  @Means('Messages up to this one have reached the caller.') @Sequence() delivered!: number;
  @Means('The caller has read up to this one.') @Sequence() read!: number;
  @Means("Others' messages above it.") @Sequence() unreadCount!: number;
  @Means('In all threads of the caller.') @Sequence() totalUnread!: number;
}

export class MessageVersion {
  @Means('Of the change that made it so.') @Sequence(1) revision!: number;
  @Text(0, MAX_BODY) body!: string;
  @Optional() @ListOf(() => Attachment, 1, MAX_ATTACHMENTS) attachments?: Attachment[];
  @Means('Since when it was so.') @Timestamp() at!: string;
  @Means('Until when it was so; absent of the present one.') @Optional() @Timestamp() until?: string;
  @Means('Who put an end to it; null once their account is erased.') @Optional() @Nullable() @Uuid() changedBy?: string | null;
}
/** The oldest first. */
export class MessageHistory extends listOf(MessageVersion) {}

export class AttachmentLink {
  @Means('Opens without a token.') @Text(1, 1_000) url!: string;
  @Means('In seconds.') @Whole(1, 3_600) expiresIn!: number;
}

export class SupportCounts {
  @Means('In the queue.') @Sequence() open!: number;
  @Means('Threads that somebody has.') @Sequence() assigned!: number;
  @Means('Threads that are closed.') @Sequence() closed!: number;
  @Means('Assigned to the caller.') @Sequence() mine!: number;
}
export class SupportPage extends pageOf(Thread) {
  @Means('Of all support threads, whatever is asked for.') @Nested(() => SupportCounts) counts!: SupportCounts;
}

export class CannedAnswer {
  @Uuid() id!: string;
  @Text(1, 40) shortcut!: string;
  @Text(1, 120) title!: string;
  @Means('`{{customer.name}}` and `{{order.number}}` stand for those of the thread that is named.') @Text(1, MAX_BODY) body!: string;
  @Pattern(/^[a-z]{2}$/, 'must be two small letters') locale!: string;
}
export class CannedAnswerList extends listOf(CannedAnswer) {}

export class BlockedUser {
  @Uuid() userId!: string;
  @Means('`Deleted user` once the account is erased; absent while names cannot be asked for.') @Optional() @Text(1, 100) name?: string;
  @Timestamp() createdAt!: string;
}
export class BlockedUserList extends listOf(BlockedUser) {}

export class MessageReport {
  @Uuid() id!: string;
  @Uuid() messageId!: string;
  @Uuid() threadId!: string;
  @Means('Null once their account is erased.') @Nullable() @Uuid() reporterId!: string | null;
  @OneOf(REPORT_REASONS) reason!: ReportReason;
  @Optional() @Text(1, 1_000) note?: string;
  @OneOf(['open', 'resolved']) status!: 'open' | 'resolved';
  @Optional() @OneOf(REPORT_RESOLUTIONS) resolution?: ReportResolution;
  @Optional() @Timestamp() resolvedAt?: string;
  @Timestamp() createdAt!: string;
}
/** The answer to who reported. */
export class MadeReport extends MessageReport {
  @Means('They had reported it before.') @Flag() repeated!: boolean;
}
/** For the staff. */
export class SeenReport extends MessageReport {
  @Means('As it was when it was reported.') @Nested(() => Message) message!: Message;
  @Means('Up to ten messages before it, ascending.') @ListOf(() => Message, 0, 10) before!: Message[];
}
export class ReportPage extends pageOf(SeenReport) {}

/** Off works both ways: who does not tell is not told. */
export class ChatSettings {
  @Means('Whether others see what the user has read, and the user what they have.') @Flag() readReceipts!: boolean;
  @Means('Whether others see what has reached the user, and the user what has reached them.') @Flag() deliveryReceipts!: boolean;
  @Means('Whether others see that the user is here, and the user whether they are.') @Flag() presence!: boolean;
}

export class Receipt {
  @Uuid() threadId!: string;
  @Uuid() userId!: string;
  @Means('Null: not to be known.') @Nullable() @Sequence() delivered!: number | null;
  @Means('Null: not to be known.') @Nullable() @Sequence() read!: number | null;
}

export class Synced {
  @Means('Above `after`, ascending.') @ListOf(() => Message) messages!: Message[];
  @Means('Up to `after`, edited or deleted since `revision`.') @ListOf(() => Message) changed!: Message[];
  @Flag() more!: boolean;
  @Means('Of the last message; 0: there is none.') @Sequence() lastSequence!: number;
  @Means('What to ask with next time.') @Sequence() revision!: number;
  @ListOf(() => Receipt, 0, MAX_PARTICIPANTS) receipts!: Receipt[];
}

export class Presence {
  @Uuid() userId!: string;
  @Flag() online!: boolean;
  @Means('Null while they are online, and where nobody remembers.') @Nullable() @Timestamp() lastSeen!: string | null;
}
export class Presences extends listOf(Presence) {}

export class Audience {
  @UuidList(0, 1_000) userIds!: string[];
}

export class AlreadyClaimed {
  @Uuid() assigneeId!: string;
}
export class MutedUntil {
  @Timestamp() until!: string;
}
