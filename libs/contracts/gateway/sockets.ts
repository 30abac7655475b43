import { Flag, Text, Uuid, UuidList } from '../fields.ts';

/** `auth`, in every namespace: the socket goes on with this token of the same user. */
export class SocketAuth {
  @Text(1, 4096) token!: string;
}

/** Somebody types in a thread, or has stopped. `userIds` may hear of it, and who watches the thread. */
export class TypingTold {
  @Uuid() threadId!: string;
  @Uuid() userId!: string;
  @Flag() typing!: boolean;
  @UuidList(0, 100) userIds!: string[];
}

/** Somebody has come or gone. Who may know, and what, is asked of chat. */
export class PresenceChanged {
  @Uuid() userId!: string;
}
