/** What `/chat` carries, as the API's document names it. */
export interface Message {
  readonly id: string;
  readonly threadId: string;
  /** Null on `system` messages. */
  readonly senderId: string | null;
  readonly clientMessageId: string | null;
  readonly sequence: number;
  readonly revision: number;
  readonly type: 'text' | 'image' | 'product' | 'order' | 'system';
  readonly body: string;
  readonly attachments?: readonly Attachment[];
  readonly card?: object | null;
  readonly system?: { readonly event: string; readonly actorId: string | null; readonly subjectId?: string | null };
  readonly createdAt: string;
  readonly editedAt?: string;
  readonly deletedAt?: string;
}

export interface Attachment {
  readonly fileId: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly width?: number;
  readonly height?: number;
}

export interface Participant {
  readonly userId: string;
  readonly name: string;
  readonly role: 'customer' | 'staff';
  readonly delivered: number | null;
  readonly read: number | null;
}

export interface Thread {
  readonly id: string;
  readonly kind: 'direct' | 'support';
  readonly status?: 'open' | 'assigned' | 'closed';
  readonly subject?: string;
  readonly orderId?: string;
  readonly assigneeId?: string | null;
  readonly waitingSince?: string | null;
  readonly participants: readonly Participant[];
  readonly lastMessage: Message | null;
  readonly lastSequence: number;
  readonly revision: number;
  readonly unreadCount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface NewMessage {
  readonly threadId: string;
  readonly clientMessageId: string;
  readonly type?: 'text' | 'image' | 'product' | 'order';
  readonly body?: string;
  readonly attachments?: readonly string[];
  readonly productId?: string;
  readonly orderId?: string;
}

/** `delivered` and `read` are null where one of the two hides them. */
export interface Receipt {
  readonly threadId: string;
  readonly userId: string;
  readonly delivered: number | null;
  readonly read: number | null;
}

export interface ReadState {
  readonly threadId: string;
  readonly delivered: number;
  readonly read: number;
  readonly unreadCount: number;
  readonly totalUnread: number;
}

export interface Presence {
  readonly userId: string;
  readonly online: boolean;
  readonly lastSeen: string | null;
}
