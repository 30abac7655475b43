import { type FieldError, invalid, Refusal, STATUS_BY_KIND } from '#libs/contracts/errors';
import { inspect } from '#libs/contracts/shape';

/** How an event's acknowledgement says no; `fields` of the refusal stand beside these, as in a problem document. */
export interface SocketError {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly retryable: boolean;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly errors?: readonly FieldError[];
}

export type Acknowledgement =
  | { readonly ok: true; readonly [field: string]: unknown }
  | { readonly ok: false; readonly error: SocketError };

export function socketErrorOf(refusal: Refusal): SocketError {
  const { fields, code, kind, detail, retryable } = refusal;
  const retryAfter = refusal.retryAfter ?? (retryable || kind === 'rate_limited' ? 1 : undefined);
  return { ...fields, code, status: STATUS_BY_KIND[kind], detail, retryable, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** What a client has sent: an event's name, its one object, and how it is answered. */
export interface SocketEvent {
  readonly name: string;
  readonly body: object;
}

/** Reads an event that a client has sent. Throws `validation_failed` where it is not a name and one object, `malformed` as for a body of HTTP. */
export function eventOf([name, ...args]: readonly unknown[]): SocketEvent {
  if (typeof name !== 'string') throw invalid([{ path: '', message: 'an event has a name' }]);
  const [body] = args;
  if (args.length !== 1 || typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid([{ path: '', message: 'an event carries one object' }]);
  inspect(body);
  return { name, body };
}

export const unknownEvent = (): Refusal => invalid([{ path: '', message: 'is not an event of this namespace' }]);
