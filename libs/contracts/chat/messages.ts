import { Flag, Means, Nested, OneOf, Optional, Text, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';
import { Message, Receipt, Sequence, Thread } from './views.ts';

/** What is unread in all threads of a user. */
export class ChatUnread {
  @Sequence() unread!: number;
  @Means('Rises with each change.') @Whole(0, Number.MAX_SAFE_INTEGER) version!: number;
}
export class ChatUnreadChanged extends ChatUnread {
  @Uuid() userId!: string;
}

/** A message that was sent or changed, for the participants; who watches the thread hears of it as well. */
export class MessageTold {
  @Nested(() => Message) message!: Message;
  @UuidList(0, 100) userIds!: string[];
  @Means('The socket that sent it, which is answered there.') @Optional() @Text(1, 100) socket?: string;
}

/** What these users may know of how far `userId` is. */
export class ReceiptTold extends Receipt {
  @UuidList(0, 100) userIds!: string[];
  @Means('Those who watch the thread hear of it as well.') @Flag() watchers!: boolean;
}

/** As these users see it. */
export class ThreadTold {
  @Nested(() => Thread) thread!: Thread;
  @UuidList(0, 100) userIds!: string[];
  @Means('All other staff see it so.') @Flag() staff!: boolean;
}

/** Somebody has not read a thread for a while. */
export class UnreadDue {
  @Uuid() userId!: string;
  @Uuid() threadId!: string;
  @Means('As which they are in it.') @OneOf(['customer', 'staff']) role!: 'customer' | 'staff';
  @Means('The last message when it was told.') @Sequence() sequence!: number;
  @Sequence() count!: number;
  @Timestamp() at!: string;
}

/** Somebody has read a thread that `unreadDue` told of. */
export class ThreadRead {
  @Uuid() userId!: string;
  @Uuid() threadId!: string;
  @Sequence() sequence!: number;
}

export class UnreadAsked {
  @Uuid() userId!: string;
  @Uuid() threadId!: string;
}
export class UnreadOfThread {
  @Sequence() read!: number;
  @Sequence() unread!: number;
}
