import { Injectable } from '@nestjs/common';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';
import { AccessTokens, type Claims } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import type { Revocation } from '#libs/contracts/auth/messages';
import { Refusal, refuse } from '#libs/contracts/errors';
import { SocketAuth } from '#libs/contracts/gateway/sockets';
import { readInput } from '#libs/contracts/shape';
import { BusClient } from '#libs/messaging/bus-client';
import type { Logger } from '#libs/observability/logger';
import { openSockets } from '#libs/observability/metrics';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { EventLimits } from './event-limits.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { RateLimits } from './rate-limits.ts';
import { type Acknowledgement, eventOf, type SocketEvent, socketErrorOf } from './socket-events.ts';
import { type SocketData, SocketServer } from './socket-server.ts';

export type UserSocket<ToClient extends DefaultEventsMap> = Socket<DefaultEventsMap, ToClient, DefaultEventsMap, SocketData>;
export type UserNamespace<ToClient extends DefaultEventsMap> = Namespace<DefaultEventsMap, ToClient, DefaultEventsMap, SocketData>;

/** What a namespace does with the sockets of signed-in users. */
export interface NamespaceRules<ToClient extends DefaultEventsMap> {
  opened?(socket: UserSocket<ToClient>): void;
  closed?(socket: UserSocket<ToClient>): void;
  /** Their token is a new one, perhaps with other roles. */
  renewed?(socket: UserSocket<ToClient>): void;
  /** Answers an event; undefined where the namespace takes none, and then nothing is answered. */
  answer?(socket: UserSocket<ToClient>, event: SocketEvent): Promise<object>;
}

export const roomOfUser = (userId: string): string => `user:${userId}`;
const roomOf = (kind: Revocation['kind'], id: string): string => `${kind}:${id}`;
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Namespaces for signed-in users: a socket is let in with an access token, may renew it, and ends with its token or its session. All events
 * pass here: each has a name and one object, is counted, and is answered within the time its operation has.
 */
@Injectable()
export class SocketSessions {
  private readonly expiries = new WeakMap<object, NodeJS.Timeout>();

  constructor(
    private readonly server: SocketServer,
    private readonly tokens: AccessTokens,
    private readonly revocations: Revocations,
    private readonly limits: RateLimits,
    private readonly eventLimits: EventLimits,
    private readonly bus: BusClient,
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  namespace<ToClient extends DefaultEventsMap>(name: string, rules: NamespaceRules<ToClient>): UserNamespace<ToClient> {
    const namespace: UserNamespace<ToClient> = this.server.io.of(name);
    namespace.use((socket, next) => {
      this.admit(namespace, socket).then(
        () => next(),
        (error: unknown) => next(this.errorFor(error)),
      );
    });
    namespace.on('connection', (socket) => this.opened(socket, name, rules));
    this.revocations.onAdded((revocation) => this.endRevoked(namespace, revocation));
    return namespace;
  }

  /** Checked as HTTP checks it. The rooms are entered here, so that two sockets at once cannot both take the last place. */
  private async admit<T extends DefaultEventsMap>(namespace: UserNamespace<T>, socket: UserSocket<T>): Promise<void> {
    await this.limits.admitUnknown(this.server.addressOf(socket.request));
    const { token } = socket.handshake.auth as { token?: unknown };
    if (typeof token !== 'string') throw refuse('unauthenticated', 'Send an access token');
    const claims = await this.claimsOf(token);
    const open = namespace.adapter.rooms.get(roomOfUser(claims.userId))?.size ?? 0;
    if (open >= this.env.SOCKETS_PER_USER) throw refuse('rate_limited', `A user may have ${this.env.SOCKETS_PER_USER} sockets open`);
    socket.data = { claims, token };
    void socket.join([roomOfUser(claims.userId), roomOf('session', claims.sessionId)]);
  }

  private opened<T extends DefaultEventsMap>(socket: UserSocket<T>, name: string, rules: NamespaceRules<T>): void {
    const { claims } = socket.data;
    if (claims === undefined) throw new Error('a socket was opened that was not admitted');
    this.server.hold(socket);
    openSockets.inc({ namespace: name });
    this.endAtExpiry(socket, claims);
    socket.on('error', () => undefined);
    // What a client sends ends here and reaches no listener, so that no name of an event means anything to socket.io.
    socket.use((packet) => void this.serve(socket, packet, rules));
    socket.once('disconnect', () => {
      clearTimeout(this.expiries.get(socket));
      openSockets.dec({ namespace: name });
      this.server.release(socket);
      rules.closed?.(socket);
    });
    // The session may have ended since it was admitted.
    if (this.revocations.covers(claims)) socket.disconnect();
    else rules.opened?.(socket);
  }

  private async serve<T extends DefaultEventsMap>(socket: UserSocket<T>, packet: unknown[], rules: NamespaceRules<T>): Promise<void> {
    if (!socket.connected) return;
    const last = packet.at(-1);
    const acknowledge = typeof last === 'function' ? (last as (answer: Acknowledgement) => void) : undefined;
    const sent = acknowledge === undefined ? packet : packet.slice(0, -1);
    if (sent[0] !== 'auth' && rules.answer === undefined) return;
    try {
      this.eventLimits.take(socket.data.claims?.userId ?? '');
      const event = eventOf(sent);
      const answer = event.name === 'auth' ? await this.renew(socket, event.body, rules) : await rules.answer?.(socket, event);
      acknowledge?.({ ...answer, ok: true });
    } catch (error) {
      acknowledge?.({ ok: false, error: socketErrorOf(this.refusalOf(error)) });
    }
  }

  /** Another session of the same user will do: they may have signed in anew. */
  private async renew<T extends DefaultEventsMap>(socket: UserSocket<T>, body: object, rules: NamespaceRules<T>): Promise<object> {
    const { token } = readInput(SocketAuth, body);
    const claims = await this.claimsOf(token).catch(async (error: unknown) => {
      // Tokens cannot be tried faster than anything else from one address.
      await this.limits.admitUnknown(this.server.addressOf(socket.request));
      throw error;
    });
    if (!socket.connected) return {};
    const before = socket.data.claims;
    if (before?.userId !== claims.userId) throw refuse('forbidden', 'This socket belongs to another user');
    if (before.sessionId !== claims.sessionId) {
      void socket.leave(roomOf('session', before.sessionId));
      void socket.join(roomOf('session', claims.sessionId));
    }
    socket.data = { claims, token };
    this.endAtExpiry(socket, claims);
    rules.renewed?.(socket);
    return { expiresIn: Math.floor((claims.expiresAt - this.bus.clock.now()) / 1_000) };
  }

  private async claimsOf(token: string): Promise<Claims> {
    const claims = await this.tokens.verify(token, this.bus.clock.now());
    if (this.revocations.covers(claims)) throw refuse('unauthenticated', 'This session has ended');
    return claims;
  }

  private endAtExpiry<T extends DefaultEventsMap>(socket: UserSocket<T>, { expiresAt }: Claims): void {
    clearTimeout(this.expiries.get(socket));
    if (!socket.connected) return;
    const expiry = setTimeout(() => socket.disconnect(), Math.min(expiresAt - this.bus.clock.now(), LONGEST_MS));
    this.expiries.set(socket, expiry);
  }

  private endRevoked<T extends DefaultEventsMap>(namespace: UserNamespace<T>, { kind, id }: Revocation): void {
    for (const socketId of [...(namespace.adapter.rooms.get(roomOf(kind, id)) ?? [])]) {
      const socket = namespace.sockets.get(socketId);
      if (socket?.data.claims !== undefined && this.revocations.covers(socket.data.claims)) socket.disconnect();
    }
  }

  /** What the client finds as `connect_error`. */
  private errorFor(error: unknown): Error {
    const { code, detail } = this.refusalOf(error);
    return Object.assign(new Error(detail), { data: { code } });
  }

  private refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    this.logger.error({ err: error }, 'socket.failed');
    return refuse('internal');
  }
}
