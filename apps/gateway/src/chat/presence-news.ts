import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import type { Presence } from '#libs/contracts/chat/views';
import { gatewayApi } from '#libs/contracts/gateway/api';
import { Signals } from '#libs/messaging/signals';
import { roomOfUser, type UserNamespace, type UserSocket } from '../socket-sessions.ts';
import type { ChatToClient } from './chat-to-client.ts';
import { PresenceBook } from './presence-book.ts';
import { SocketCalls } from './socket-calls.ts';

const roomOfWatchers = (userId: string): string => `sees:${userId}`;
/** Changes that come together are asked about together. */
const TOGETHER_MS = 200;
const MOST_AT_ONCE = 100;
/** Clients that come back together leave chat room for their messages. */
const ASKED_AT_ONCE = 16;
/** While chat does not answer. */
const AGAIN_MS = 3_000;

/**
 * Tells who comes and goes to those who have a direct thread with them. A socket enters the rooms of its user's peers; when one of them
 * changes, chat is asked in the name of the user who would hear of it, since settings and blocks may have changed since.
 */
@Injectable()
export class PresenceNews {
  private namespace: UserNamespace<ChatToClient> | undefined;
  /** By the user who would hear of them. */
  private readonly changed = new Map<string, Set<string>>();
  /** Sockets whose user's peers are not known yet. */
  private readonly toAsk: UserSocket<ChatToClient>[] = [];
  private asking = 0;

  constructor(
    private readonly book: PresenceBook,
    private readonly calls: SocketCalls,
    signals: Signals,
  ) {
    book.onChanged = (userId) => signals.send(gatewayApi.signals.presence, { userId });
    signals.on(gatewayApi.signals.presence, ({ userId }) => this.noteChange(userId));
  }

  serve(namespace: UserNamespace<ChatToClient>): void {
    this.namespace = namespace;
  }

  opened(socket: UserSocket<ChatToClient>): void {
    const { claims } = socket.data;
    if (claims === undefined) return;
    this.book.entered(claims.userId);
    this.askFor(socket);
  }

  closed(socket: UserSocket<ChatToClient>): void {
    if (socket.data.claims !== undefined) this.book.left(socket.data.claims.userId);
  }

  /** Two people have a direct thread with each other now. */
  met(userIds: readonly string[]): void {
    for (const userId of userIds)
      this.namespace?.in(roomOfUser(userId)).socketsJoin(userIds.filter((other) => other !== userId).map(roomOfWatchers));
  }

  private askFor(socket: UserSocket<ChatToClient>): void {
    this.toAsk.push(socket);
    if (this.asking < ASKED_AT_ONCE) void this.askPeers();
  }

  private async askPeers(): Promise<void> {
    this.asking += 1;
    for (let socket = this.toAsk.shift(); socket !== undefined; socket = this.toAsk.shift()) {
      if (!socket.connected) continue;
      const answer = await this.calls.ask(chatApi.operations.peers, socket, {}).catch(() => undefined);
      if (answer === undefined) setTimeout(() => this.askFor(socket), AGAIN_MS).unref();
      else if (socket.connected) await socket.join((answer.userIds as string[]).map(roomOfWatchers));
    }
    this.asking -= 1;
  }

  private noteChange(userId: string): void {
    for (const { data } of this.socketsIn(roomOfWatchers(userId))) {
      const watcher = data.claims?.userId;
      if (watcher !== undefined) this.noteFor(watcher, [userId], TOGETHER_MS);
    }
  }

  private noteFor(watcher: string, userIds: readonly string[], waitMs: number): void {
    const noted = this.changed.get(watcher);
    if (noted === undefined) setTimeout(() => void this.tell(watcher), waitMs).unref();
    this.changed.set(watcher, new Set([...(noted ?? []), ...userIds]));
  }

  private async tell(watcher: string): Promise<void> {
    const userIds = [...(this.changed.get(watcher) ?? [])];
    this.changed.delete(watcher);
    const [socket] = this.socketsIn(roomOfUser(watcher));
    for (let from = 0; socket !== undefined && from < userIds.length; from += MOST_AT_ONCE) {
      const asked = userIds.slice(from, from + MOST_AT_ONCE);
      const answer = await this.calls.ask(chatApi.operations.presence, socket, { userIds: asked }).catch(() => undefined);
      if (answer === undefined) this.noteFor(watcher, asked, AGAIN_MS);
      for (const item of (answer?.items ?? []) as Presence[]) this.namespace?.local.to(roomOfUser(watcher)).emit('presence', item);
    }
  }

  private socketsIn(room: string): UserSocket<ChatToClient>[] {
    const ids = this.namespace?.adapter.rooms.get(room) ?? [];
    return [...ids].flatMap((id) => this.namespace?.sockets.get(id) ?? []);
  }
}
