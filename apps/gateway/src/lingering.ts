import type { FastifyRequest } from 'fastify';

/** A client that still sends may take this long to notice that it was answered. */
const LINGER_MS = 5_000;

/**
 * For an answer that comes before the body has ended. Closing at once would reset the connection, and the client would lose the answer; so
 * what still comes is read and dropped, for a moment.
 */
export function lingerFor({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS).unref();
  raw.once('end', () => clearTimeout(timer));
  raw.once('close', () => clearTimeout(timer));
}
