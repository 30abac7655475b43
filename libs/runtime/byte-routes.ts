import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AnyContract, AnyOperation, ByteAnswer, Handler } from '#libs/contracts/contract';
import { Refusal, refuse, STATUS_BY_KIND } from '#libs/contracts/errors';
import type { BusClient } from '#libs/messaging/bus-client';
import type { RequestHeader } from '#libs/messaging/envelope';
import { toWire } from '#libs/messaging/wire-error';
import { runInRequest } from '#libs/observability/context';
import { outcomeOf, type Serving } from './serving.ts';

/** The signed envelope of a request whose bytes travel over HTTP. */
export const ENVELOPE_HEADER = 'x-only2u-envelope';
export const byteRoute = (operation: AnyOperation): string => `/bytes/${operation.key}`;

/** What `listen` serves over HTTP, or null. A class, because Nest injects no controller. */
export const BYTES = Symbol('bytes');
export interface Bytes {
  readonly contract: AnyContract;
  readonly handlers: Type<object>;
}

type ByteHandlers = Readonly<Record<string, Handler<AnyOperation>>>;

/** Byte operations on the service's own port: large answers never cross Redis. The gateway is the only caller. */
export function serveBytes(
  app: NestFastifyApplication,
  contract: AnyContract,
  handlers: ByteHandlers,
  serving: Serving,
  bus: BusClient,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  for (const [name, operation] of Object.entries(contract.operations)) {
    if (!operation.bytes) continue;
    fastify.get(byteRoute(operation), async (request, reply) => {
      try {
        const header = headerOf(request.headers[ENVELOPE_HEADER], operation, bus);
        const answer = await runInRequest({ requestId: header.requestId, deadline: header.deadline }, async () => {
          const { input, call } = await serving.admit(operation, header, Buffer.alloc(0), header.user);
          return (await handlers[name]?.(input, call)) as ByteAnswer;
        });
        if (answer.fileName !== undefined) void reply.header('content-disposition', `inline; filename="${answer.fileName}"`);
        return reply
          .header('content-type', answer.mime)
          .header('cache-control', answer.maxAge > 0 ? `public, max-age=${answer.maxAge}, immutable` : 'private, no-store')
          .send(answer.body);
      } catch (error) {
        const outcome = outcomeOf(error, operation);
        if (!(outcome instanceof Refusal)) request.log.error({ err: outcome, operation: operation.key }, 'operation.failed');
        const refusal = outcome instanceof Refusal ? outcome : refuse('internal');
        return reply.status(STATUS_BY_KIND[refusal.kind]).send(toWire(refusal));
      }
    });
  }
}

function headerOf(sealed: string | string[] | undefined, operation: AnyOperation, bus: BusClient): RequestHeader {
  const opened = typeof sealed === 'string' ? bus.envelopes.open<RequestHeader>(Buffer.from(sealed, 'base64url')) : undefined;
  if (opened === undefined || opened.header.pattern !== operation.key || opened.header.to !== bus.instance) throw refuse('forbidden');
  if (opened.header.deadline <= bus.clock.now()) throw refuse('timeout');
  return opened.header;
}
