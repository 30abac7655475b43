/** What a caller can do about an error; the gateway turns a kind into an HTTP status and nothing else does. */
export const STATUS_BY_KIND = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  unsatisfiable: 416,
  unprocessable: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  timeout: 504,
} as const;

export type ErrorKind = keyof typeof STATUS_BY_KIND;

/** Codes that every operation may answer; a service's own codes are declared in its contract. */
export const COMMON_ERRORS = {
  validation_failed: { kind: 'bad_request', title: 'The request has invalid fields' },
  malformed: { kind: 'bad_request', title: 'The request cannot be read' },
  unauthenticated: { kind: 'unauthenticated', title: 'Sign in first' },
  forbidden: { kind: 'forbidden', title: 'You may not do this' },
  not_found: { kind: 'not_found', title: 'There is no such thing' },
  method_not_allowed: { kind: 'method_not_allowed', title: 'This path does not take that method' },
  conflict: { kind: 'conflict', title: 'Not possible in the present state' },
  payload_too_large: { kind: 'too_large', title: 'The request is too large' },
  unsupported_media_type: { kind: 'unsupported', title: 'This content type is not taken here' },
  rate_limited: { kind: 'rate_limited', title: 'Too many requests' },
  idempotency_key_reused: { kind: 'unprocessable', title: 'This idempotency key was used with another body' },
  idempotency_in_flight: { kind: 'conflict', title: 'The first request with this idempotency key is still running' },
  unavailable: { kind: 'unavailable', title: 'Not available right now' },
  timeout: { kind: 'timeout', title: 'No answer in time' },
  internal: { kind: 'internal', title: 'Something went wrong on our side' },
} as const satisfies Record<string, { kind: ErrorKind; title: string }>;

export type CommonCode = keyof typeof COMMON_ERRORS;

export interface FieldError {
  /** Dotted path into the input, '' for the whole of it: `items.0.quantity`. */
  path: string;
  message: string;
  /** What would be taken, where there are few. */
  allowed?: readonly string[];
}

/** An outcome the caller is told of: a stable code, a kind, and the fields its row in the API names. Anything else thrown is a bug and leaves as `internal`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    /** One sentence for a person. */
    readonly detail: string,
    /** Extra members of the problem document, as the contract declares them. */
    readonly fields: Readonly<Record<string, unknown>> = {},
    /** Seconds, where waiting helps. */
    readonly retryAfter?: number,
  ) {
    super(`${code}: ${detail}`);
  }

  /** Whether the same request may succeed later without being changed. */
  get retryable(): boolean {
    return this.kind === 'unavailable' || this.kind === 'timeout';
  }
}

export function refuse(code: CommonCode, detail: string = COMMON_ERRORS[code].title, fields: Record<string, unknown> = {}): Refusal {
  const { kind } = COMMON_ERRORS[code];
  return new Refusal(code, kind, detail, fields, kind === 'unavailable' || kind === 'timeout' ? 1 : undefined);
}

export function invalid(errors: readonly FieldError[]): Refusal {
  const first = errors[0];
  return refuse('validation_failed', first === undefined ? undefined : `${first.path || 'body'}: ${first.message}`, { errors });
}

/** The same answer for an object that does not exist and for one that belongs to somebody else. */
export const notFound = (): Refusal => refuse('not_found');
