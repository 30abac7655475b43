import type { Lane } from '#libs/contracts/contract';
import type { RequestHeader } from './envelope.ts';

export interface Answer {
  /** JSON; of a `WireError` when `failed`. */
  readonly body: string;
  readonly failed: boolean;
}

/** A service in the caller's own process. */
export interface Neighbour {
  /** Begins a request at once. Undefined when no slot of the lane is free or it takes no more: then the request goes to the service's list. */
  serve(lane: Lane, header: RequestHeader, body: string | Uint8Array): Promise<Answer> | undefined;
}

/** The services of one process that are open for calls from next door, by name. */
export type Neighbours = Map<string, Neighbour>;

/** Caller and callee share no object, just as with Redis between them. */
export const ownCopy = (header: RequestHeader): RequestHeader => JSON.parse(JSON.stringify(header)) as RequestHeader;
