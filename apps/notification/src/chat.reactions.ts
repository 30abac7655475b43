import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ThreadRead, UnreadDue } from '#libs/contracts/chat/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';
import { ChatTellingRepository } from './chat-telling.repository.ts';
import { UnreadCounts } from './feed/unread-counts.ts';
import { Links } from './links.ts';
import { NotificationStore } from './store/notification-store.ts';

/** Chat threads that somebody has not read for a while, and reads then. */
@Injectable()
export class ChatReactions {
  constructor(
    private readonly tellings: ChatTellingRepository,
    private readonly announcer: Announcer,
    private readonly links: Links,
    private readonly store: NotificationStore,
    private readonly counts: UnreadCounts,
  ) {}

  /** Whether it is still unread is asked as it leaves. */
  async onChatUnreadDue({ userId, threadId, role, sequence, count }: UnreadDue, { transaction }: TransactionalDelivery): Promise<void> {
    const id = uuidv7();
    if (!(await this.tellings.told(transaction, userId, threadId, sequence, id))) return;
    const link = role === 'staff' ? this.links.chatDesk(threadId) : this.links.chat(threadId);
    this.announcer.announce(transaction, {
      template: 'chat_unread',
      userId,
      id,
      variables: { count: String(count) },
      data: { threadId, link },
    });
  }

  /** Done in the list, and taken from the screen of every device. */
  async onChatRead({ userId, threadId, sequence }: ThreadRead, { transaction }: TransactionalDelivery): Promise<void> {
    const told = await this.tellings.read(transaction, userId, threadId, sequence);
    if (told === undefined) return;
    // Before the commit: where the store is away, the event comes again.
    await this.store.read(userId, told, new Date());
    this.announcer.announce(transaction, {
      ...{ template: 'chat_unread', userId, channels: ['push'] },
      ...{ variables: { count: '0' }, data: { type: 'clear', threadId } },
    });
    transaction.afterCommit(async () => {
      await this.counts.changed([userId]);
    });
  }
}
