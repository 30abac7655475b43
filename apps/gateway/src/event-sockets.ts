import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { notificationApi } from '#libs/contracts/notification/api';
import type { Unread } from '#libs/contracts/notification/messages';
import type { Notification } from '#libs/contracts/notification/views';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderStatusChange } from '#libs/contracts/order/messages';
import { Signals } from '#libs/messaging/signals';
import { roomOfUser, SocketSessions, type UserNamespace, type UserSocket } from './socket-sessions.ts';
import { Upstreams } from './upstreams.ts';

/** Server → client; what a client sends beside `auth` is ignored. */
export type EventsToClient = {
  'order:status': (change: Omit<OrderStatusChange, 'userId'>) => void;
  notification: (notification: Notification) => void;
  /** On connecting, and at each change; the one with the highest version holds. */
  unread: (counts: { notifications: number; chat: number; version: number }) => void;
};

/**
 * Namespace `/events`: signed-in users hear of their orders on every socket they have open. Signals reach every gateway and each tells its own
 * sockets, so gateways need no adapter between them. A message may be lost with its signal or while the client is away: it is a hint to read
 * the order again.
 */
@Injectable()
export class EventSockets {
  private readonly namespace: UserNamespace<EventsToClient>;

  constructor(
    sessions: SocketSessions,
    private readonly upstreams: Upstreams,
    signals: Signals,
  ) {
    this.namespace = sessions.namespace<EventsToClient>('/events', { opened: (socket) => void this.tellUnread(socket) });
    signals.on(orderApi.signals.statusChanged, ({ userId, orderId, number, status, paymentStatus, at }) => {
      this.namespace.local.to(roomOfUser(userId)).emit('order:status', { orderId, number, status, paymentStatus, at });
    });
    signals.on(notificationApi.signals.shown, ({ userId, notification }) => {
      this.namespace.local.to(roomOfUser(userId)).emit('notification', notification);
    });
    signals.on(notificationApi.signals.unread, ({ userId, unread, version }) => {
      this.namespace.local.to(roomOfUser(userId)).emit('unread', { notifications: unread, chat: 0, version });
    });
  }

  /** While notification is away a client hears nothing of its counts until they change. */
  private async tellUnread(socket: UserSocket<EventsToClient>): Promise<void> {
    const { token = '' } = socket.data;
    const answer = await this.upstreams
      .forward(notificationApi.operations.myUnread, Buffer.from('{}'), { requestId: uuidv7(), token })
      .catch(() => undefined);
    if (answer === undefined) return;
    const { unread, version } = JSON.parse(answer.toString()) as Unread;
    socket.emit('unread', { notifications: unread, chat: 0, version });
  }
}
