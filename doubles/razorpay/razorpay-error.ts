/** Errors in Razorpay's envelope: `{ error: { code, description, field, source, step, reason, metadata } }`. */
export interface ErrorBody {
  error: {
    code: string;
    description: string;
    field: string | null;
    source: string;
    step: string;
    reason: string;
    metadata: Record<string, string>;
  };
}

export class RazorpayError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, error: Partial<ErrorBody['error']> & { description: string }) {
    super(error.description);
    this.name = 'RazorpayError';
    this.status = status;
    this.body = {
      error: { code: 'BAD_REQUEST_ERROR', field: null, source: 'NA', step: 'NA', reason: 'NA', metadata: {}, ...error },
    };
  }
}

/** 400 for a request that Razorpay's validation turns down; `field` is the parameter at fault. */
export function invalid(description: string, field: string | null = null): RazorpayError {
  return new RazorpayError(400, {
    description,
    field,
    source: 'business',
    step: 'payment_initiation',
    reason: 'input_validation_failed',
  });
}

/** 400 for an id that is well formed and unknown. Razorpay answers no 404 for objects. */
export function unknownId(): RazorpayError {
  return invalid('The id provided does not exist');
}

export function unknownUrl(): RazorpayError {
  return new RazorpayError(400, { description: 'The requested URL was not found on the server.' });
}

export function badCredentials(): RazorpayError {
  return new RazorpayError(401, { description: 'Authentication failed' });
}

export function tooManyRequests(): RazorpayError {
  return new RazorpayError(429, { description: 'Too many requests. Please try again after some time.', reason: 'rate_limit_exceeded' });
}
