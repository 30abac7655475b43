import { type Refusal, refuse } from '#libs/contracts/errors';
import { fieldsOf } from './razorpay-objects.ts';

/** Razorpay understood and said no: nothing has happened, and the same request would be refused again. */
export class RazorpayRefused extends Error {
  override readonly name = 'RazorpayRefused';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly description: string,
  ) {
    super(`${status} ${code}: ${description}`);
  }
}

/** No readable answer (network, timeout, 5xx, HTML): what was asked for may have happened or not. */
export class RazorpayUnknown extends Error {
  override readonly name = 'RazorpayUnknown';
}

/** 429: nothing has happened; later it may. */
export class RazorpayBusy extends Error {
  override readonly name = 'RazorpayBusy';
}

/** 401: our own key is not accepted. Nothing has happened; only staff can mend it. */
export class RazorpayUnauthorised extends Error {
  override readonly name = 'RazorpayUnauthorised';
}

/** Nothing was sent: the breaker is open, or too many calls are under way. */
export class RazorpayUnavailable extends Error {
  override readonly name = 'RazorpayUnavailable';
}

export type RazorpayError = RazorpayRefused | RazorpayUnknown | RazorpayBusy | RazorpayUnauthorised | RazorpayUnavailable;

export const isRazorpayError = (error: unknown): error is RazorpayError =>
  error instanceof RazorpayRefused ||
  error instanceof RazorpayUnknown ||
  error instanceof RazorpayBusy ||
  error instanceof RazorpayUnauthorised ||
  error instanceof RazorpayUnavailable;

/**
 * What the package throws, as one of five classes. It throws plain objects for API errors, the same without `error` for an answer that is
 * not JSON, a TypeError about `err.response` when there was no answer, and axios' own error where we go around it.
 */
export function razorpayErrorOf(thrown: unknown): RazorpayError {
  if (isRazorpayError(thrown)) return thrown;
  const { response, statusCode, error, code } = fieldsOf(thrown);
  const answer = fieldsOf(response);
  const status = Number(answer.status ?? statusCode);
  const { code: reason, description } = fieldsOf(error ?? fieldsOf(answer.data).error);
  if (status === 401) return new RazorpayUnauthorised('Razorpay does not accept our key');
  if (status === 429) return new RazorpayBusy('Razorpay limits our calls');
  if (status >= 400 && status < 500 && typeof reason === 'string') {
    return new RazorpayRefused(status, reason.slice(0, 100), typeof description === 'string' ? description.slice(0, 300) : '');
  }
  if (Number.isInteger(status)) return new RazorpayUnknown(`Razorpay answered ${status} without an error of its own`);
  return new RazorpayUnknown(typeof code === 'string' ? `No answer from Razorpay: ${code}` : 'No answer from Razorpay');
}

/** What a customer hears of it: 503, which blames Razorpay only where Razorpay is to blame. */
export const unavailableFor = (error: RazorpayError): Refusal =>
  error instanceof RazorpayUnauthorised
    ? refuse('unavailable', 'Payments are not possible at the moment; try again later')
    : refuse('unavailable', 'Razorpay does not answer; try again');
