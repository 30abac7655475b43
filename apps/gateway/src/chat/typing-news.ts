import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import { gatewayApi } from '#libs/contracts/gateway/api';
import { Signals } from '#libs/messaging/signals';
import { roomOfUser, type UserNamespace, type UserSocket } from '../socket-sessions.ts';
import { roomOfWatched } from './chat-news.ts';
import type { ChatToClient } from './chat-to-client.ts';
import { SocketCalls } from './socket-calls.ts';
import { TypingTimers } from './typing-timers.ts';

/** Tells who types in a thread, on all gateways. */
@Injectable()
export class TypingNews {
  private namespace: UserNamespace<ChatToClient> | undefined;
  private readonly timers = new TypingTimers<readonly string[]>((threadId, userId, typing, userIds) =>
    this.namespace?.local
      .to([...userIds.map(roomOfUser), roomOfWatched(threadId)])
      .except(roomOfUser(userId))
      .emit('typing', { threadId, userId, typing }),
  );
  /** Where a socket types, by its id. */
  private readonly typists = new Map<string, Set<string>>();

  constructor(
    private readonly calls: SocketCalls,
    private readonly signals: Signals,
  ) {
    signals.on(gatewayApi.signals.typing, ({ threadId, userId, typing, userIds }) => {
      if (typing) this.timers.started(threadId, userId, userIds);
      else this.timers.ended(threadId, userId);
    });
    signals.on(chatApi.signals.sent, ({ message }) => {
      if (message.senderId !== null) this.timers.ended(message.threadId, message.senderId);
    });
  }

  serve(namespace: UserNamespace<ChatToClient>): void {
    this.namespace = namespace;
  }

  /** An event `typing`: chat says who may hear of it. */
  async said(socket: UserSocket<ChatToClient>, input: { threadId: string; typing: boolean }): Promise<object> {
    const { threadId, typing } = input;
    const userId = socket.data.claims?.userId ?? '';
    if (typing && this.timers.isFresh(threadId, userId)) return {};
    const { userIds } = (await this.calls.ask(chatApi.operations.typing, socket, input)) as { userIds: string[] };
    // What ends with the socket would stay for ever where it has closed meanwhile.
    if (!socket.connected) return {};
    const threads = this.typists.get(socket.id) ?? new Set();
    if (typing) this.typists.set(socket.id, threads.add(threadId));
    else threads.delete(threadId);
    this.signals.send(gatewayApi.signals.typing, { threadId, userId, typing, userIds });
    return {};
  }

  left(socket: UserSocket<ChatToClient>): void {
    const threads = this.typists.get(socket.id) ?? [];
    this.typists.delete(socket.id);
    const userId = socket.data.claims?.userId;
    if (userId === undefined) return;
    for (const threadId of threads) this.signals.send(gatewayApi.signals.typing, { threadId, userId, typing: false, userIds: [] });
  }
}
