import type { IncomingMessage } from 'node:http';

/** A client's connection, whichever transport it uses. */
export interface Connection {
  readonly request: IncomingMessage;
  /** Present once it is a WebSocket: engine.io keeps it to itself. */
  readonly transport: { readonly socket?: { terminate(): void } };
  close(discard?: boolean): void;
  once(event: 'close', listener: () => void): unknown;
  on(event: 'packet' | 'flush', listener: () => void): unknown;
  on(event: 'packetCreate', listener: (packet: { readonly data?: string | Buffer }) => void): unknown;
}

/** What may wait for a client that reads slowly, in characters: several answers of history. */
const MAX_WAITING = 4_194_304;
/** What a waiting packet costs beside its text. */
const PACKET_COST = 256;
const FAREWELL_MS = 500;
const SECOND_MS = 1_000;

/** Cuts a connection that sends more than `packetsPerSecond`, or that does not read what it is sent. */
export function bound(connection: Connection, packetsPerSecond: number, onCut: (why: 'flood' | 'slow') => void): void {
  let second = 0;
  /** In this second and in the one before. */
  let [sent, sentBefore] = [0, 0];
  let waiting = 0;
  let isCut = false;
  const cutFor = (why: 'flood' | 'slow'): void => {
    if (isCut) return;
    isCut = true;
    onCut(why);
    cut(connection);
  };
  connection.on('packet', () => {
    const now = performance.now() / SECOND_MS;
    const whole = Math.floor(now);
    if (whole !== second) [second, sent, sentBefore] = [whole, 0, whole === second + 1 ? sent : 0];
    sent += 1;
    // The last second reaches back into the one before.
    if (sent + sentBefore * (1 - (now - whole)) > packetsPerSecond) cutFor('flood');
  });
  connection.on('packetCreate', ({ data }) => {
    waiting += PACKET_COST + (data?.length ?? 0);
    if (waiting > MAX_WAITING) cutFor('slow');
  });
  // All that waited is on its way; there is no more before the transport has written it.
  connection.on('flush', () => {
    waiting = 0;
  });
}

/** Ends a connection whatever waits for it. A peer that does not answer the farewell keeps nothing open. */
export function cut(connection: Connection): void {
  const { socket } = connection.transport;
  connection.close(true);
  if (socket !== undefined) setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
}
