import type { Readable } from 'node:stream';

export type Role = 'customer' | 'support' | 'admin';

/** Who asks. `user` is proven by an access token that the service itself has checked; `service` only by the bus MAC. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly userId: string; readonly sessionId: string; readonly roles: readonly Role[] }
  | { readonly kind: 'service'; readonly name: string };

/** Who sent a request, as the gateway saw it. */
export interface Client {
  readonly ip: string;
  readonly agent: string;
  /** `X-Device-Id`, where it is one; the client may have made it up. */
  readonly device?: string;
  /** `X-App-Version`, where it is a text of 40 characters at most. */
  readonly appVersion?: string;
  /** The socket of a client that has asked by one: it is answered there, and need not hear of what it did itself. */
  readonly socket?: string;
}

/** What travels with a request beside its input. */
export interface Call {
  readonly actor: Actor;
  readonly requestId: string;
  /** Milliseconds on the bus clock after which nobody waits for the answer. */
  readonly deadline: number;
  /** Milliseconds on the bus clock at which the gateway received the request. */
  readonly receivedAt: number;
  /** Absent between services. */
  readonly client?: Client;
  /** Present when the client sent `Idempotency-Key` on a route that takes one. */
  readonly idempotency?: { readonly key: string; readonly route: string; readonly bodyHash: string };
  /** `If-Match` as sent, without quotes. */
  readonly ifMatch?: string;
  /** Present where bytes are asked for or sent (`bytes`, `upload` in the contract). */
  readonly transfer?: Transfer;
}

/** The HTTP side of a request that does not cross the bus. */
export interface Transfer {
  /** `Accept` as sent. */
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  /** Bytes of the body as declared; undefined when they come in chunks. */
  readonly length: number | undefined;
  /** Of a link, as sent: what is in it and what is not is the handler's to judge. */
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** The parts of a form, as they come in. A file has to be read before the next part comes. */
  parts(limits: { readonly fields: number; readonly fieldBytes: number }): AsyncIterable<FormPart>;
  /** The answer is that of an earlier request with the same idempotency key. */
  noteRepeat(): void;
}

export type FormPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string; readonly isCut: boolean }
  | { readonly kind: 'file'; readonly name: string; readonly fileName: string; readonly body: Readable };

export const isStaff = (actor: Actor): boolean =>
  actor.kind === 'user' && (actor.roles.includes('support') || actor.roles.includes('admin'));

/** The signed-in caller; contracts with access `user` or above guarantee one. */
export function userOf(call: Call): Extract<Actor, { kind: 'user' }> {
  if (call.actor.kind !== 'user') throw new Error('this operation is reached without a user: its contract is wrong');
  return call.actor;
}

/** The HTTP side of the request; operations with `bytes` or `upload` have it. */
export function transferOf(call: Call): Transfer {
  if (call.transfer === undefined) throw new Error('this operation is reached without its bytes: its contract is wrong');
  return call.transfer;
}
