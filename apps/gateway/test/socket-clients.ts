import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { GatewayProcess } from './gateway-fixture.ts';

export type SocketClientOptions = Partial<ManagerOptions & SocketOptions>;

/** A client with a connection of its own, which does not come back by itself. */
export const connectTo = (gateway: GatewayProcess, namespace: string, auth: object, options: SocketClientOptions = {}): Socket =>
  io(`${gateway.url}${namespace}`, { auth, forceNew: true, reconnection: false, transports: ['websocket'], ...options });

export interface Outcome {
  readonly connected: boolean;
  readonly message?: string;
  readonly code?: unknown;
}

export const outcomeOf = (socket: Socket): Promise<Outcome> =>
  new Promise((resolve) => {
    socket.once('connect', () => resolve({ connected: true }));
    // Cut after the handshake and before the namespace answered.
    socket.once('disconnect', (reason) => resolve({ connected: false, message: reason }));
    socket.once('connect_error', (error: Error & { data?: { code?: unknown } }) =>
      resolve({ connected: false, message: error.message, ...(error.data === undefined ? {} : { code: error.data.code }) }),
    );
  });

/** Why the server, the network or the client ended it. */
export const ended = (socket: Socket): Promise<string> => new Promise((resolve) => socket.once('disconnect', (reason) => resolve(reason)));
