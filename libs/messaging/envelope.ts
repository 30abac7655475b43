import type { Client, Role } from '#libs/contracts/call';
import { type Seals, SIGNATURE_BYTES } from './seals.ts';

/**
 * A message is `<key id><MAC><header JSON>\n<body bytes>`. The body is not looked at on the way: the gateway forwards what the client
 * sent and what the service answered. The MAC covers header and body, so neither can be changed or replaced.
 */
export interface RequestHeader {
  readonly id: string;
  /** `cart.addItem`, or `event payment.captured`. */
  readonly pattern: string;
  /** The sending service, `gateway` or `order`. */
  readonly from: string;
  /** The list that the answer goes to. */
  readonly replyTo: string;
  /** Milliseconds on the bus clock, like the next two. */
  readonly deadline: number;
  readonly sentAt: number;
  /** When the gateway got the request; the time at which a token's expiry is judged. */
  readonly receivedAt: number;
  readonly requestId: string;
  /** The process that alone may serve it, for bytes: whoever gets hold of one can use it nowhere else. */
  readonly to?: string;
  /** The user's access token. */
  readonly token?: string;
  /** For bytes, which cross the network openly: the user as the gateway knows them, instead of a token that would be good elsewhere. */
  readonly user?: VouchedUser;
  readonly client?: Client;
  /** Path parameters and query of the route, still as text. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Request headers of an operation with a raw body. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly idempotency?: { readonly key: string; readonly route: string; readonly bodyHash: string };
  readonly ifMatch?: string;
  readonly traceparent?: string;
  /** For events. `count`: the body is a list of so many, each with its own id (`EventInBatch`); then id and version are the first one's. */
  readonly event?: { readonly id: string; readonly version: number; readonly count?: number };
}

/** One of several events that travel in one message. */
export interface EventInBatch {
  readonly id: string;
  readonly version: number;
  readonly data: unknown;
  /** Of the request that caused it. */
  readonly traceparent?: string;
}

/** Whose token the gateway has checked. */
export interface VouchedUser {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
  /** Milliseconds; a revocation since then ends it. */
  readonly issuedAt: number;
}

export interface ReplyHeader {
  readonly id: string;
  readonly from: string;
  /** Present when the operation refused; the body is then a `WireError`. */
  readonly failed?: true;
}

export interface SignalHeader {
  readonly pattern: string;
  readonly from: string;
  readonly sentAt: number;
}

export interface Opened<Header> {
  readonly header: Header;
  readonly body: Buffer;
}

const NEWLINE = 0x0a;

/** Seals and opens messages with the bus secret. */
export class Envelopes {
  constructor(private readonly seals: Seals) {}

  seal(header: RequestHeader | ReplyHeader | SignalHeader, body: string | Uint8Array): Buffer {
    const head = Buffer.from(`${JSON.stringify(header)}\n`);
    const content = typeof body === 'string' ? Buffer.from(body) : body;
    const message = Buffer.allocUnsafe(SIGNATURE_BYTES + head.length + content.length);
    head.copy(message, SIGNATURE_BYTES);
    message.set(content, SIGNATURE_BYTES + head.length);
    this.seals.sign(message.subarray(SIGNATURE_BYTES)).copy(message);
    return message;
  }

  /** Undefined for anything that this bus' secret did not seal. */
  open<Header>(message: Buffer): Opened<Header> | undefined {
    if (message.length <= SIGNATURE_BYTES) return undefined;
    const sealed = message.subarray(SIGNATURE_BYTES);
    if (!this.seals.vouchesFor(message.subarray(0, SIGNATURE_BYTES), sealed)) return undefined;
    const end = sealed.indexOf(NEWLINE);
    if (end < 0) return undefined;
    // The MAC vouches for the sender, so the header has the shape that `seal` was given.
    return { header: JSON.parse(sealed.toString('utf8', 0, end)) as Header, body: sealed.subarray(end + 1) };
  }
}

/** Whom a message that nobody vouches for claims to be from: a hint for the log, and for nothing else. */
export function claimedSenderOf(message: Buffer): string {
  const claimed = /"from":"([a-z][a-z0-9-]{0,40})"/.exec(message.toString('latin1', 0, 2_000));
  return claimed?.[1] ?? 'unknown';
}
