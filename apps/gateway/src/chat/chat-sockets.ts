import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import { TypingIn, WatchThread } from '#libs/contracts/chat/inputs';
import type { AnyOperation } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import { readInput } from '#libs/contracts/shape';
import { type SocketEvent, unknownEvent } from '../socket-events.ts';
import { SocketSessions, type UserSocket } from '../socket-sessions.ts';
import { ChatNews, isRoomOfWatched, roomOfWatched, STAFF_ROOM } from './chat-news.ts';
import type { ChatToClient } from './chat-to-client.ts';
import { PresenceNews } from './presence-news.ts';
import { ANSWER_MS, eventsOf, SocketCalls } from './socket-calls.ts';
import { TypingNews } from './typing-news.ts';

/** Threads that one socket of staff may watch. */
const MOST_WATCHED = 20;
/** What is left to a message that is begun. */
const LEAST_MS = 500;

type ChatUserSocket = UserSocket<ChatToClient>;

/** Namespace `/chat`: each event is an operation of chat's contract; what chat signals reaches the sockets of those whom it concerns. */
@Injectable()
export class ChatSockets {
  private readonly events = eventsOf(chatApi);
  /** The last message of a socket in a thread: the next one waits for it, so that they are stored as they were written. */
  private readonly sending = new Map<string, Promise<unknown>>();

  constructor(
    sessions: SocketSessions,
    private readonly calls: SocketCalls,
    news: ChatNews,
    presence: PresenceNews,
    private readonly typing: TypingNews,
  ) {
    const namespace = sessions.namespace<ChatToClient>('/chat', {
      opened: (socket) => {
        this.enterStaff(socket);
        presence.opened(socket);
      },
      renewed: (socket) => this.enterStaff(socket),
      closed: (socket) => {
        presence.closed(socket);
        typing.left(socket);
      },
      answer: (socket, event) => this.answer(socket, event),
    });
    for (const part of [news, presence, typing]) part.serve(namespace);
  }

  private async answer(socket: ChatUserSocket, { name, body }: SocketEvent): Promise<object> {
    const operation = this.events.get(name);
    if (operation === undefined) throw unknownEvent();
    const { operations } = chatApi;
    if (operation === operations.typing) return this.typing.said(socket, readInput(TypingIn, body));
    if (operation === operations.watch) return this.watch(socket, readInput(WatchThread, body));
    if (operation === operations.send) return this.sendInTurn(socket, operation, body);
    return this.calls.ask(operation, socket, body);
  }

  private sendInTurn(socket: ChatUserSocket, operation: AnyOperation, body: object): Promise<object> {
    const key = `${socket.id} ${'threadId' in body && typeof body.threadId === 'string' ? body.threadId : ''}`;
    const until = performance.now() + ANSWER_MS;
    const sent = (this.sending.get(key) ?? Promise.resolve()).then(() => {
      const left = until - performance.now();
      // Its time went by while those before it were waited for; nothing has been done with it.
      if (left < LEAST_MS) throw refuse('unavailable', 'Messages before this one take too long');
      return this.calls.ask(operation, socket, body, left);
    });
    const settled = sent
      .catch(() => undefined)
      .then(() => {
        if (this.sending.get(key) === settled) this.sending.delete(key);
      });
    this.sending.set(key, settled);
    return sent;
  }

  private async watch(socket: ChatUserSocket, input: WatchThread): Promise<object> {
    const room = roomOfWatched(input.threadId);
    if (!input.watch) {
      await socket.leave(room);
      return {};
    }
    await this.calls.ask(chatApi.operations.watch, socket, input);
    // It may have closed, or be staff's no longer, while chat was asked.
    if (!socket.connected) return {};
    if (!isStaff(socket)) throw refuse('forbidden');
    const watched = [...socket.rooms].filter((each) => each !== room && isRoomOfWatched(each));
    if (watched.length >= MOST_WATCHED) throw refuse('conflict', `A socket may watch ${MOST_WATCHED} threads`);
    await socket.join(room);
    return {};
  }

  private enterStaff(socket: ChatUserSocket): void {
    if (isStaff(socket)) void socket.join(STAFF_ROOM);
    else for (const room of [...socket.rooms]) if (room === STAFF_ROOM || isRoomOfWatched(room)) void socket.leave(room);
  }
}

function isStaff({ data }: ChatUserSocket): boolean {
  const roles = data.claims?.roles ?? [];
  return roles.includes('support') || roles.includes('admin');
}
