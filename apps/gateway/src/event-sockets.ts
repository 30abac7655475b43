import { Injectable } from '@nestjs/common';
import type { Namespace, Socket } from 'socket.io';
import { v7 as uuidv7 } from 'uuid';
import { AccessTokens } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import type { Revocation } from '#libs/contracts/auth/messages';

import { Refusal, refuse } from '#libs/contracts/errors';
import { notificationApi } from '#libs/contracts/notification/api';
import type { Unread } from '#libs/contracts/notification/messages';
import type { Notification } from '#libs/contracts/notification/views';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderStatusChange } from '#libs/contracts/order/messages';
import { BusClient } from '#libs/messaging/bus-client';
import { Signals } from '#libs/messaging/signals';
import { type Logger } from '#libs/observability/logger';
import { openSockets } from '#libs/observability/metrics';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { RateLimits } from './rate-limits.ts';
import { type SocketData, SocketServer } from './socket-server.ts';
import { Upstreams } from './upstreams.ts';

/** Server → client; what a client sends is ignored. */
export interface EventsToClient {
  'order:status': (change: Omit<OrderStatusChange, 'userId'>) => void;
  notification: (notification: Notification) => void;
  /** On connecting, and at each change; the one with the highest version holds. */
  unread: (counts: { notifications: number; chat: number; version: number }) => void;
}
type None = Record<never, never>;
type EventSocket = Socket<None, EventsToClient, None, SocketData>;

const NAMESPACE = '/events';
const roomOf = (kind: Revocation['kind'], id: string): string => `${kind}:${id}`;

/**
 * Namespace `/events`: signed-in users hear of their orders on every socket they have open. Signals reach every gateway and each tells its own
 * sockets, so gateways need no adapter between them. A message may be lost with its signal or while the client is away: it is a hint to read
 * the order again.
 */
@Injectable()
export class EventSockets {
  private readonly namespace: Namespace<None, EventsToClient, None, SocketData>;

  constructor(
    private readonly server: SocketServer,
    private readonly tokens: AccessTokens,
    private readonly revocations: Revocations,
    private readonly limits: RateLimits,
    private readonly bus: BusClient,
    private readonly upstreams: Upstreams,
    signals: Signals,
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {
    this.namespace = server.io.of(NAMESPACE);
    this.namespace.use((socket, next) => {
      this.admit(socket).then(
        () => next(),
        (error: unknown) => next(this.errorFor(error)),
      );
    });
    this.namespace.on('connection', (socket) => this.opened(socket));
    revocations.onAdded((revocation) => this.endRevoked(revocation));
    signals.on(orderApi.signals.statusChanged, ({ userId, orderId, number, status, paymentStatus, at }) => {
      this.namespace.local.to(roomOf('user', userId)).emit('order:status', { orderId, number, status, paymentStatus, at });
    });
    signals.on(notificationApi.signals.shown, ({ userId, notification }) => {
      this.namespace.local.to(roomOf('user', userId)).emit('notification', notification);
    });
    signals.on(notificationApi.signals.unread, ({ userId, unread, version }) => {
      this.namespace.local.to(roomOf('user', userId)).emit('unread', { notifications: unread, chat: 0, version });
    });
  }

  /** Checked as HTTP checks it. The rooms are entered here, so that two sockets at once cannot both take the last place. */
  private async admit(socket: EventSocket): Promise<void> {
    await this.limits.admitUnknown(this.server.addressOf(socket.request));
    const { token } = socket.handshake.auth as { token?: unknown };
    if (typeof token !== 'string') throw refuse('unauthenticated', 'Send an access token');
    const claims = await this.tokens.verify(token, this.bus.clock.now());
    if (this.revocations.covers(claims)) throw refuse('unauthenticated', 'This session has ended');
    const open = this.namespace.adapter.rooms.get(roomOf('user', claims.userId))?.size ?? 0;
    if (open >= this.env.SOCKETS_PER_USER) throw refuse('rate_limited', `A user may have ${this.env.SOCKETS_PER_USER} sockets open`);
    socket.data.claims = claims;
    void socket.join([roomOf('user', claims.userId), roomOf('session', claims.sessionId)]);
  }

  private opened(socket: EventSocket): void {
    const { claims } = socket.data;
    if (claims === undefined) throw new Error('a socket was opened that was not admitted');
    const expiry = setTimeout(() => socket.disconnect(true), claims.expiresAt - this.bus.clock.now());
    openSockets.inc({ namespace: NAMESPACE });
    socket.once('disconnect', () => {
      clearTimeout(expiry);
      openSockets.dec({ namespace: NAMESPACE });
    });
    void this.tellUnread(socket);
    // The session may have ended since it was admitted.
    if (this.revocations.covers(claims)) socket.disconnect(true);
  }

  /** While notification is away a client hears nothing of its counts until they change. */
  private async tellUnread(socket: EventSocket): Promise<void> {
    const token = String(socket.handshake.auth.token);
    const answer = await this.upstreams
      .forward(notificationApi.operations.myUnread, Buffer.from('{}'), { requestId: uuidv7(), token })
      .catch(() => undefined);
    if (answer === undefined) return;
    const { unread, version } = JSON.parse(answer.toString()) as Unread;
    socket.emit('unread', { notifications: unread, chat: 0, version });
  }

  private endRevoked({ kind, id }: Revocation): void {
    for (const socketId of [...(this.namespace.adapter.rooms.get(roomOf(kind, id)) ?? [])]) {
      const socket = this.namespace.sockets.get(socketId);
      if (socket?.data.claims !== undefined && this.revocations.covers(socket.data.claims)) socket.disconnect(true);
    }
  }

  /** What the client finds as `connect_error`. */
  private errorFor(error: unknown): Error {
    if (!(error instanceof Refusal)) this.logger.error({ err: error }, 'socket.failed');
    const { code, detail } = error instanceof Refusal ? error : refuse('internal');
    return Object.assign(new Error(detail), { data: { code } });
  }
}
