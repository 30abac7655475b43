import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import { Signals } from '#libs/messaging/signals';
import { roomOfUser, type UserNamespace } from '../socket-sessions.ts';
import type { ChatToClient } from './chat-to-client.ts';
import { PresenceNews } from './presence-news.ts';
import { ReceiptOrder } from './receipt-order.ts';
import { ThreadOrder } from './thread-order.ts';

/** Everybody who hears of every support thread. */
export const STAFF_ROOM = 'staff';
const WATCHED = 'watch:';
export const roomOfWatched = (threadId: string): string => `${WATCHED}${threadId}`;
export const isRoomOfWatched = (room: string): boolean => room.startsWith(WATCHED);

/** Shows what chat signals to the sockets here of those whom it concerns. */
@Injectable()
export class ChatNews {
  private namespace: UserNamespace<ChatToClient> | undefined;
  private readonly order = new ThreadOrder();
  private readonly receipts = new ReceiptOrder();

  constructor(signals: Signals, presence: PresenceNews) {
    signals.on(chatApi.signals.sent, ({ message, userIds, socket }) => {
      this.order.take(message.threadId, message.sequence, () =>
        this.to(message.threadId, userIds)
          ?.except(socket ?? [])
          .emit('message', message),
      );
    });
    signals.on(chatApi.signals.messageChanged, ({ message, userIds }) =>
      this.to(message.threadId, userIds)?.emit('message:changed', message),
    );
    signals.on(chatApi.signals.receipt, ({ userIds, watchers, ...receipt }) => {
      const rooms = [...userIds.map(roomOfUser), ...(watchers ? [roomOfWatched(receipt.threadId)] : [])];
      // To no room would be to everybody.
      if (rooms.length > 0) this.namespace?.local.to(rooms).emit('receipt', this.receipts.risen(receipt));
    });
    signals.on(chatApi.signals.threadChanged, ({ thread, userIds, staff }) => {
      // Those who are named see it in a way of their own.
      if (staff)
        this.namespace?.local
          .to(STAFF_ROOM)
          .except(thread.participants.map(({ userId }) => roomOfUser(userId)))
          .emit('thread', thread);
      if (userIds.length > 0) this.namespace?.local.to(userIds.map(roomOfUser)).emit('thread', thread);
      if (thread.kind === 'direct') presence.met(thread.participants.map(({ userId }) => userId));
    });
  }

  serve(namespace: UserNamespace<ChatToClient>): void {
    this.namespace = namespace;
  }

  private to(threadId: string, userIds: readonly string[]) {
    return this.namespace?.local.to([...userIds.map(roomOfUser), roomOfWatched(threadId)]);
  }
}
