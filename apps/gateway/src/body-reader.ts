import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts/errors';

/** What a route says of its body in Fastify's configuration. */
export interface BodyConfig {
  /** The body goes on as it comes in, and is never in memory. */
  readonly streams?: boolean;
}

/** The largest body that is read here: the payment provider's callback. */
export const MAX_BODY_BYTES = 1_048_576;
/** The time for a body that is read here, from its request's first byte. */
const LONGEST_READ_MS = 30_000;
/** 50 MiB at a slow 3G line's 200 KB/s, and as much again. */
export const LONGEST_UPLOAD_MS = 600_000;

/** Fastify's parser of every body: its bytes, or nothing yet where they go on as a stream. */
export async function readBody(request: FastifyRequest, payload: IncomingMessage): Promise<Buffer | undefined> {
  const { streams } = request.routeOptions.config as BodyConfig;
  if (streams === true) return undefined;
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw refuse('payload_too_large');
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => reject(refuse('malformed', 'The body did not come in time')), LONGEST_READ_MS);
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) reject(refuse('payload_too_large'));
    else chunks.push(chunk);
  };
  payload.on('data', take);
  payload.once('end', () => resolve(Buffer.concat(chunks, size)));
  payload.once('error', () => reject(refuse('malformed', 'The body broke off')));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    payload.off('data', take);
  }
}
