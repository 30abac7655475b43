import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { Claims } from '#libs/auth/access-token';
import { type CommonCode, Refusal } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Readiness } from '#libs/runtime/probes';
import { clientAddresses } from './client-address.ts';
import { EDGE_HEADERS, requestIdOf } from './edge-headers.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { cutConnections } from './gateway.metrics.ts';
import { isAllowedOrigin } from './origins.ts';
import { RateLimits } from './rate-limits.ts';
import { bound, type Connection } from './socket-connection.ts';

export const SOCKET_PATH = '/socket.io';

const MAX_FRAME_BYTES = 65_536;
/** Frames in a second, before RATE_LIMIT_SCALE. */
const MAX_FRAMES = 300;
/** How long a connection may stay without a namespace that has let it in. */
const CONNECT_LIMIT_MS = 5_000;
const CLOSE_ROUNDS = 20;
const CLOSE_ROUND_MS = 100;
/** Sockets closed in one round: so many are no burden for the gateway that their clients come back to. */
const CLOSE_AT_ONCE = 50;
const FAREWELL_MS = 500;

export interface SocketData {
  claims: Claims;
  token: string;
}

/**
 * socket.io beside Fastify on the gateway's port: who may open a connection, how many, and how they end. A namespace checks its own sockets;
 * one that nobody declared is refused, the nameless one too.
 */
@Injectable()
export class SocketServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly io: Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
  readonly addressOf: (request: IncomingMessage) => string;
  private readonly open = new Set<Connection>();
  private readonly byAddress = new Map<string, number>();
  private readonly upgraded = new Set<Duplex>();
  /** Sockets that namespaces have let in, by connection. */
  private readonly admitted = new Map<unknown, number>();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly limits: RateLimits,
    private readonly readiness: Readiness,
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
  ) {
    this.addressOf = clientAddresses(env.TRUST_PROXY);
    for (const reason of ['flood', 'slow']) cutConnections.inc({ reason }, 0);
    this.io = new Server({
      path: SOCKET_PATH,
      serveClient: false,
      transports: ['polling', 'websocket'],
      maxHttpBufferSize: MAX_FRAME_BYTES,
      connectTimeout: CONNECT_LIMIT_MS,
      httpCompression: false,
      destroyUpgrade: false,
      cors: { origin: (origin, answer) => answer(null, origin !== undefined && isAllowedOrigin(origin, env.CORS_ORIGINS)), maxAge: 600 },
      allowRequest: (request, answer) => {
        this.refusalOf(request).then(
          (code) => answer(code, code === undefined),
          () => answer('internal', false),
        );
      },
    });
    this.io.use((_socket, next) => next(new Error('Invalid namespace')));
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as HttpServer;
    this.io.attach(server);
    this.io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      response.setHeader('x-request-id', requestIdOf(request));
      for (const [name, value] of Object.entries(EDGE_HEADERS)) response.setHeader(name, value);
      response.setHeader('cache-control', 'no-store');
      next();
    });
    this.io.engine.on('connection', (connection: Connection) => this.opened(connection));
    server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
      this.upgraded.add(socket);
      socket.once('close', () => this.upgraded.delete(socket));
    });
  }

  /** Keeps the connection of a socket that a namespace has let in. */
  hold({ conn }: Socket): void {
    this.admitted.set(conn, (this.admitted.get(conn) ?? 0) + 1);
  }

  /** To be called when such a socket ends. A connection that no namespace holds any more is closed, as one that never entered. */
  release({ conn }: Socket): void {
    const left = (this.admitted.get(conn) ?? 1) - 1;
    if (left > 0) this.admitted.set(conn, left);
    else {
      this.admitted.delete(conn);
      setTimeout(() => {
        if (!this.admitted.has(conn)) conn.close();
      }, CONNECT_LIMIT_MS).unref();
    }
  }

  /**
   * While the process drains: connections are cut, not ended, so that clients come back by themselves, to another gateway; not all in the same
   * moment. A peer that does not answer its farewell must not hold the process.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const open = [...this.open];
    const size = Math.max(CLOSE_AT_ONCE, Math.ceil(open.length / CLOSE_ROUNDS));
    for (let from = 0; from < open.length; from += size) {
      if (from > 0) await new Promise((resolve) => setTimeout(resolve, CLOSE_ROUND_MS));
      for (const connection of open.slice(from, from + size)) connection.close();
    }
    this.io.engine?.close();
    const end = performance.now() + FAREWELL_MS;
    while (this.upgraded.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const socket of this.upgraded) socket.destroy();
  }

  /**
   * socket.io sends CORS headers but leaves the check to the browser, which makes none for WebSockets. A client without an `Origin` is no
   * browser. Pages of the gateway itself are at home here.
   */
  private async refusalOf(request: IncomingMessage): Promise<CommonCode | undefined> {
    if (this.readiness.isDraining) return 'unavailable';
    const { origin, host } = request.headers;
    if (origin !== undefined && !isAllowedOrigin(origin, this.env.CORS_ORIGINS) && !isOwn(origin, host)) return 'forbidden';
    const address = this.addressOf(request);
    if ((this.byAddress.get(address) ?? 0) >= this.env.SOCKETS_PER_ADDRESS) return 'rate_limited';
    try {
      await this.limits.admitUnknown(address);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return 'rate_limited';
      throw error;
    }
  }

  private opened(connection: Connection): void {
    const address = this.addressOf(connection.request);
    const count = (this.byAddress.get(address) ?? 0) + 1;
    this.open.add(connection);
    this.byAddress.set(address, count);
    bound(connection, Math.max(1, MAX_FRAMES * this.env.RATE_LIMIT_SCALE), (reason) => cutConnections.inc({ reason }));
    connection.once('close', () => {
      this.open.delete(connection);
      const left = (this.byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.byAddress.delete(address);
      else this.byAddress.set(address, left);
    });
    // `allowRequest` counts open connections only, so several that ask at once all pass it.
    if (count > this.env.SOCKETS_PER_ADDRESS) connection.close();
  }
}

const isOwn = (origin: string, host: string | undefined): boolean => host !== undefined && origin.replace(/^https?:\/\//, '') === host;
