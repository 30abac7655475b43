import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { chatApi } from '#libs/contracts/chat/api';
import { notificationApi } from '#libs/contracts/notification/api';
import type { Notification } from '#libs/contracts/notification/views';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderStatusChange } from '#libs/contracts/order/messages';
import { within } from '#libs/contracts/time-limit';
import { Signals } from '#libs/messaging/signals';
import { roomOfUser, SocketSessions, type UserNamespace, type UserSocket } from './socket-sessions.ts';
import { type Badge, UnreadBadges, type UnreadOf, type UnreadPart } from './unread-badge.ts';
import { Upstreams } from './upstreams.ts';

/** Server → client; what a client sends beside `auth` is ignored. */
export type EventsToClient = {
  'order:status': (change: Omit<OrderStatusChange, 'userId'>) => void;
  notification: (notification: Notification) => void;
  /** On connecting, and at each change; the one with the highest version holds. */
  unread: (badge: Badge) => void;
};

type EventSocket = UserSocket<EventsToClient>;

/** The counts of two services are told as one where both come in so many milliseconds. */
const TOGETHER_MS = 500;

const UNREAD_OPERATIONS = { notification: notificationApi.operations.myUnread, chat: chatApi.operations.myUnread } as const;

/**
 * Namespace `/events`: signed-in users hear of their orders on every socket they have open. Signals reach every gateway and each tells its own
 * sockets, so gateways need no adapter between them. A message may be lost with its signal or while the client is away: it is a hint to read
 * the order again.
 */
@Injectable()
export class EventSockets {
  private readonly namespace: UserNamespace<EventsToClient>;
  private readonly badges = new UnreadBadges();

  constructor(
    sessions: SocketSessions,
    private readonly upstreams: Upstreams,
    signals: Signals,
  ) {
    this.namespace = sessions.namespace<EventsToClient>('/events', {
      opened: (socket) => void this.tellUnread(socket),
      closed: (socket) => this.closed(socket),
    });
    signals.on(orderApi.signals.statusChanged, ({ userId, orderId, number, status, paymentStatus, at }) => {
      this.namespace.local.to(roomOfUser(userId)).emit('order:status', { orderId, number, status, paymentStatus, at });
    });
    signals.on(notificationApi.signals.shown, ({ userId, notification }) => {
      this.namespace.local.to(roomOfUser(userId)).emit('notification', notification);
    });
    signals.on(notificationApi.signals.unread, ({ userId, ...counted }) => void this.noteUnread(userId, 'notification', counted));
    signals.on(chatApi.signals.unread, ({ userId, ...counted }) => void this.noteUnread(userId, 'chat', counted));
  }

  /** While a service is away its count is missing until it changes. */
  private async tellUnread(socket: EventSocket): Promise<void> {
    const userId = socket.data.claims?.userId;
    if (userId === undefined) return;
    const counting = Promise.all([this.count(userId, 'notification', socket), this.count(userId, 'chat', socket)]);
    await within<unknown>(TOGETHER_MS, counting, () => undefined);
    const missing = this.badges.missing(userId).length;
    this.show(socket, userId);
    await counting;
    if (this.badges.missing(userId).length < missing) this.show(socket, userId);
  }

  private show(socket: EventSocket, userId: string): void {
    const badge = this.badges.of(userId);
    if (badge !== undefined && socket.connected) socket.emit('unread', badge);
  }

  private async noteUnread(userId: string, part: UnreadPart, counted: UnreadOf): Promise<void> {
    const socket = this.anySocketOf(userId);
    if (socket === undefined) return;
    this.badges.note(userId, part, counted);
    // A count that could not be had at the connection; without it the version would fall.
    await Promise.all(this.badges.missing(userId).map((missing) => this.count(userId, missing, socket)));
    const badge = this.badges.toTell(userId);
    if (badge !== undefined) this.namespace.local.to(roomOfUser(userId)).emit('unread', badge);
  }

  private async count(userId: string, part: UnreadPart, socket: EventSocket): Promise<void> {
    const { token = '' } = socket.data;
    const answer = await this.upstreams
      .forward(UNREAD_OPERATIONS[part], Buffer.from('{}'), { requestId: uuidv7(), token })
      .catch(() => undefined);
    if (answer !== undefined && socket.connected) this.badges.note(userId, part, JSON.parse(answer.toString()) as UnreadOf);
  }

  private closed({ data }: EventSocket): void {
    const userId = data.claims?.userId;
    if (userId !== undefined && this.anySocketOf(userId) === undefined) this.badges.forget(userId);
  }

  private anySocketOf(userId: string): EventSocket | undefined {
    const [id = ''] = this.namespace.adapter.rooms.get(roomOfUser(userId)) ?? [];
    return this.namespace.sockets.get(id);
  }
}
