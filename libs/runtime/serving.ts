import { isUtf8 } from 'node:buffer';
import type { Access, VouchedFor } from '#libs/auth/access';
import { type Actor, type Call, isStaff } from '#libs/contracts/call';
import { type AnyEvent, type AnyOperation, type Delivery, declares } from '#libs/contracts/contract';
import { invalid, Refusal, refuse } from '#libs/contracts/errors';
import { fromText, parseJson, readEvent, readInput, writeOutput } from '#libs/contracts/shape';
import type { Route } from '#libs/messaging/bus-server';
import type { EventInBatch, RequestHeader } from '#libs/messaging/envelope';
import { eventAge } from '#libs/observability/metrics';
import { linked } from '#libs/observability/tracing';
import { BadCursor } from '#libs/persistence/cursor';
import type { Database } from '#libs/persistence/database';
import { isTransient } from '#libs/persistence/database-errors';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { once, onceEach } from '#libs/persistence/inbox';
import type { HandlerExtras, TransactionalDelivery } from './handlers.ts';

type Handle = (input: unknown, call: unknown) => Promise<unknown>;

/** From a message to a handler's arguments, and from its value to the answer: the same for every operation and every reaction. */
export class Serving {
  constructor(
    private readonly access: Access,
    private readonly database: Database | undefined,
  ) {}

  routeFor(extras: HandlerExtras, handle: Handle): Route {
    return 'operation' in extras ? this.operation(extras.operation, handle) : this.reaction(extras, handle);
  }

  /** Checks the caller and the input of an operation; used for messages here and for bytes over HTTP, where the gateway vouches for the user. */
  async admit(
    operation: AnyOperation,
    header: RequestHeader,
    body: Buffer,
    vouchedFor?: VouchedFor,
  ): Promise<{ input: object; call: Call }> {
    const actor = await this.access.actorFor(operation, header, vouchedFor);
    const path = ownPath(operation, header.path ?? {}, actor);
    // What a link is signed with is judged by its signature.
    const query = operation.upload?.as === 'part' ? {} : header.query;
    const input =
      operation.raw === undefined
        ? readInput(operation.in, { ...bodyOf(body, path), ...fromText(operation.in, { ...query, ...path }) })
        : { bytes: body, headers: header.headers ?? {}, query: header.query ?? {} };
    return { input, call: callOf(header, actor) };
  }

  private operation(operation: AnyOperation, handle: Handle): Route {
    return {
      serve: async (header, body) => {
        try {
          const { input, call } = await this.admit(operation, header, body);
          const value = await handle(input, call);
          return operation.out === undefined ? '' : writeOutput(operation.out, value);
        } catch (error) {
          throw outcomeOf(error, operation);
        }
      },
    };
  }

  private reaction(extras: Extract<HandlerExtras, { event: unknown }>, handle: Handle): Route {
    const { event, inbox } = extras;
    eventAge.zero({ event: event.key });
    if (extras.isBatched) return this.batch(event, handle);
    return {
      serve: async (header, body) => {
        if (header.event === undefined) throw refuse('malformed', 'An event needs an id');
        const data = readEvent(event.data, parseJson(body.toString()));
        const delivery: Delivery = { eventId: header.event.id, version: header.event.version, requestId: header.requestId };
        let value: unknown;
        try {
          if (inbox === 'own') value = await handle(data, delivery);
          else {
            if (this.database === undefined) throw new Error('a reaction with an inbox needs a database');
            const isFirst = await once(this.database, delivery.eventId, async (transaction) => {
              const withTransaction: TransactionalDelivery = { ...delivery, transaction };
              value = await handle(data, withTransaction);
            });
            if (isFirst) noteAge(event, delivery.eventId);
          }
        } catch (error) {
          throw isTransient(error) ? refuse('unavailable') : error;
        }
        return event.answer === undefined || value === undefined ? '' : writeOutput(event.answer, value);
      },
    };
  }

  /** Many events, or one that came alone: what is new among them is one list, and has its effect in one transaction. */
  private batch(event: AnyEvent, handle: Handle): Route {
    return {
      serve: async ({ event: about }, body) => {
        if (about === undefined) throw refuse('malformed', 'An event needs an id');
        if (this.database === undefined) throw new Error('a reaction with an inbox needs a database');
        const sent = parseJson(body.toString());
        const all = about.count === undefined ? [{ id: about.id, version: about.version, data: sent }] : (sent as readonly EventInBatch[]);
        const events = all.map(({ id, data, traceparent = null }) => linked({ id, data: readEvent(event.data, data), traceparent }));
        try {
          await onceEach(this.database, events, async (transaction, fresh) => {
            await handle(
              fresh.map(({ data }) => data),
              { transaction },
            );
            transaction.afterCommit(() => {
              for (const { id } of fresh) noteAge(event, id);
            });
          });
        } catch (error) {
          throw isTransient(error) ? refuse('unavailable') : error;
        }
        return '';
      },
    };
  }
}

/** An event's id is a UUID of version 7 and begins with the milliseconds of its making. */
function noteAge({ key }: AnyEvent, id: string): void {
  if (id[14] !== '7') return;
  const madeAt = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  eventAge.observe({ event: key }, Math.max(0, Date.now() - madeAt) / 1_000);
}

/** `me` stands for the caller; another user's path is 403, the same whether that user exists, where the operation is not open to others. */
function ownPath(operation: AnyOperation, path: Readonly<Record<string, string>>, actor: Actor): Readonly<Record<string, string>> {
  if (path.userId === 'me' && actor.kind === 'anonymous') throw refuse('unauthenticated');
  if (path.userId === undefined || actor.kind !== 'user') return path;
  if (path.userId === 'me') return { ...path, userId: actor.userId };
  if (operation.openToOthers) return path;
  if (path.userId.toLowerCase() !== actor.userId && !(operation.staffForAll && isStaff(actor))) throw refuse('forbidden');
  return path;
}

function bodyOf(body: Buffer, path: Readonly<Record<string, string>>): Record<string, unknown> {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw refuse('malformed', 'The body is not valid UTF-8');
  const value = parseJson(body.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid([{ path: '', message: 'must be an object' }]);
  for (const name of Object.keys(path)) {
    if (Object.hasOwn(value, name)) throw invalid([{ path: name, message: 'is given by the path and may not be in the body' }]);
  }
  return value as Record<string, unknown>;
}

const callOf = ({ requestId, deadline, receivedAt, client, idempotency, ifMatch }: RequestHeader, actor: Actor): Call => ({
  actor,
  requestId,
  deadline,
  receivedAt,
  ...(client === undefined ? {} : { client }),
  ...(idempotency === undefined ? {} : { idempotency }),
  ...(ifMatch === undefined ? {} : { ifMatch }),
});

/** What may leave: a code that the contract declares. Everything else is a bug, logged whole where it is caught. */
export function outcomeOf(error: unknown, operation: AnyOperation): unknown {
  if (error instanceof Refusal)
    return declares(operation, error.code) ? error : new Error(`${operation.key} does not declare ${error.code}`, { cause: error });
  if (error instanceof BadCursor) return invalid([{ path: 'cursor', message: 'is not a cursor of this list' }]);
  if (error instanceof IdempotencyKeyReused) return refuse('idempotency_key_reused');
  if (isTransient(error)) return refuse('unavailable');
  return error;
}
