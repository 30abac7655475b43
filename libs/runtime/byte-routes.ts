import type { Readable } from 'node:stream';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type AnyContract,
  type AnyOperation,
  type ByteAnswer,
  type ByteSource,
  goesOverHttp,
  type Handler,
} from '#libs/contracts/contract';
import { Refusal, refuse, STATUS_BY_KIND } from '#libs/contracts/errors';
import { writeOutput } from '#libs/contracts/shape';
import type { BusClient } from '#libs/messaging/bus-client';
import type { RequestHeader } from '#libs/messaging/envelope';
import { toWire } from '#libs/messaging/wire-error';
import { runInRequest } from '#libs/observability/context';
import { portionFor } from './byte-range.ts';
import { dispositionOf } from './disposition.ts';
import { outcomeOf, type Serving } from './serving.ts';
import { takeStreams, transferFor } from './transfer.ts';

/** The signed envelope of a request whose bytes travel over HTTP. */
export const ENVELOPE_HEADER = 'x-only2u-envelope';
/** A refusal as JSON in base64url, for an answer to HEAD has no body. */
export const REFUSAL_HEADER = 'x-only2u-refusal';
export const byteRoute = (operation: AnyOperation): string => `/bytes/${operation.key}`;

/** What `listen` serves over HTTP, or null. A class, because Nest injects no controller. */
export const BYTES = Symbol('bytes');
export interface Bytes {
  readonly contract: AnyContract;
  readonly handlers: Type<object>;
}

const JSON_TYPE = 'application/json; charset=utf-8';

type ByteHandlers = Readonly<Record<string, Handler<AnyOperation>>>;

/** Operations with bytes on the service's own port: large bodies and answers never cross Redis. The gateway is the only caller. */
export function serveBytes(
  app: NestFastifyApplication,
  contract: AnyContract,
  handlers: ByteHandlers,
  serving: Serving,
  bus: BusClient,
): void {
  void app
    .getHttpAdapter()
    .getInstance()
    .register(async (fastify: FastifyInstance) => {
      await takeStreams(fastify);
      for (const [name, operation] of Object.entries(contract.operations)) {
        if (!goesOverHttp(operation)) continue;
        fastify.route({
          method: operation.upload === undefined ? ['GET', 'HEAD'] : 'POST',
          url: byteRoute(operation),
          handler: async (request, reply) => {
            try {
              const header = headerOf(request.headers[ENVELOPE_HEADER], operation, bus);
              const answer = await runInRequest({ requestId: header.requestId, deadline: header.deadline }, async () => {
                const { input, call } = await serving.admit(operation, header, Buffer.alloc(0), header.user);
                return handlers[name]?.(input, { ...call, transfer: transferFor(request, reply, header.query ?? {}) });
              });
              return operation.bytes
                ? await sendBytes(operation, answer as ByteAnswer, request, reply)
                : sendValue(operation, answer, reply);
            } catch (error) {
              return sendRefusal(operation, error, request, reply);
            }
          },
        });
      }
    });
}

async function sendBytes(operation: AnyOperation, answer: ByteAnswer, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { body, mime, maxAge, fileName, disposition, policy, vary } = answer;
  const source = isSource(body) ? body : undefined;
  if (fileName !== undefined || disposition !== undefined)
    void reply.header('content-disposition', dispositionOf(disposition ?? 'inline', fileName));
  if (policy !== undefined) void reply.header('content-security-policy', policy);
  if (vary !== undefined) void reply.header('vary', vary);
  // What has a tag can be asked about again, and may have been taken back.
  const keeping = source === undefined ? `public, max-age=${maxAge}, immutable` : `public, max-age=${maxAge}`;
  void reply.header('content-type', mime).header('cache-control', maxAge > 0 ? keeping : 'private, no-store');
  if (source === undefined) return reply.send(body);
  void reply.header('etag', `"${source.etag}"`).header('accept-ranges', 'bytes');
  const { headers, method } = request;
  const portion = portionFor(
    { method, range: headers.range, ifRange: headers['if-range'] as string | undefined, ifNoneMatch: headers['if-none-match'] },
    source,
  );
  if (portion.status === 304) return reply.status(304).removeHeader('content-type').send();
  if (portion.status === 416) {
    void reply.header('content-range', `bytes */${source.size}`);
    throw new Refusal(`${operation.service}.range_not_satisfiable`, 'unsatisfiable', `There are ${source.size} bytes`);
  }
  const range = portion.status === 206 ? portion.range : undefined;
  const length = range === undefined ? source.size : range.end - range.start + 1;
  const bytes = method === 'HEAD' ? undefined : await begun(await source.open(range), reply);
  if (range !== undefined) void reply.header('content-range', `bytes ${range.start}-${range.end}/${source.size}`);
  return reply.status(portion.status).header('content-length', length).send(bytes);
}

/** Waits for the first bytes, for until then the answer can still be another: afterwards a fault only breaks it off. */
async function begun(bytes: Readable, reply: FastifyReply): Promise<Readable> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (): void => reject(refuse('unavailable', 'The bytes are not available right now'));
  // The error listener stays: whatever sends them has none of its own until the next turn.
  bytes.on('error', fail).once('close', fail).once('end', resolve).once('readable', resolve);
  // Who asked is gone, and so is the reason for reading.
  reply.raw.once('close', () => bytes.destroy());
  if (bytes.destroyed) fail();
  await promise;
  bytes.off('readable', resolve);
  return bytes;
}

function sendValue(operation: AnyOperation, value: unknown, reply: FastifyReply): FastifyReply {
  if (operation.out === undefined) return reply.status(operation.status).send();
  return reply.status(operation.status).header('content-type', JSON_TYPE).send(writeOutput(operation.out, value));
}

function sendRefusal(operation: AnyOperation, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const outcome = outcomeOf(error, operation);
  if (!(outcome instanceof Refusal)) request.log.error({ err: outcome, operation: operation.key }, 'operation.failed');
  const refusal = outcome instanceof Refusal ? outcome : refuse('internal');
  const wire = JSON.stringify(toWire(refusal));
  if (request.method === 'HEAD') void reply.header(REFUSAL_HEADER, Buffer.from(wire).toString('base64url'));
  return reply.status(STATUS_BY_KIND[refusal.kind]).header('content-type', JSON_TYPE).removeHeader('content-length').send(wire);
}

const isSource = (body: ByteAnswer['body']): body is ByteSource => 'open' in body && 'etag' in body;

function headerOf(sealed: string | string[] | undefined, operation: AnyOperation, bus: BusClient): RequestHeader {
  const opened = typeof sealed === 'string' ? bus.envelopes.open<RequestHeader>(Buffer.from(sealed, 'base64url')) : undefined;
  if (opened?.header.pattern !== operation.key || opened.header.to === undefined) throw refuse('forbidden');
  // Meant for the process that had this address before, which is still announced for a while after its death.
  if (opened.header.to !== bus.instance) throw refuse('unavailable');
  if (opened.header.deadline <= bus.clock.now()) throw refuse('timeout');
  return opened.header;
}
