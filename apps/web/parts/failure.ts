import type { Schemas } from '#libs/client/client';

/** What can go wrong with a request, as far as a shopper is concerned. */
export type Failure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'busy'; readonly retryAfter: number | undefined }
  | { readonly kind: 'down'; readonly retryAfter: number | undefined }
  /** By the device, such as a passkey that nobody chose. */
  | { readonly kind: 'declined'; readonly words: string }
  | { readonly kind: 'refused'; readonly problem: Schemas['Problem'] };

export class ShopFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind === 'refused' ? failure.problem.code : failure.kind);
    this.failure = failure;
  }
}

/** Why a request failed; undefined where none did. What was thrown by anything else is a defect of ours, and goes on. */
export function failureIn(error: unknown): Failure | undefined {
  if (error === null || error === undefined) return undefined;
  if (error instanceof ShopFailure) return error.failure;
  throw error;
}

/** Whether the same request may be answered in a moment. */
export const isPassing = ({ kind }: Failure): boolean => kind !== 'refused' && kind !== 'declined';

export const codeOf = (failure: Failure | undefined): string | undefined =>
  failure?.kind === 'refused' ? failure.problem.code : undefined;

/** Whether what an address names does not exist, or is no name of anything. */
export const isMissing = (failure: Failure): boolean => ['not_found', 'validation_failed'].includes(codeOf(failure) ?? '');

/** A field that a problem carries beside the common ones, such as `total` of `order.total_changed`. */
export function fieldOf(failure: Failure | undefined, name: string): unknown {
  return failure?.kind === 'refused' ? new Map<string, unknown>(Object.entries(failure.problem)).get(name) : undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  not_found: 'This is no longer here.',
  unauthenticated: 'Please sign in again to go on.',
  'auth.email_taken': 'There is already an account with this e-mail address. Sign in instead?',
  'auth.bad_credentials': 'This e-mail address and password do not belong together.',
  'auth.bad_code': 'This code is wrong, or no longer good. Look again, or ask for another one.',
  'auth.phone_taken': 'Another account uses this number. Sign in to that one with a code instead.',
  'auth.bad_passkey': 'This passkey was not accepted. Try again, or sign in another way.',
  'auth.too_many_passkeys': 'Your account has as many passkeys as it may. Remove one first.',
  'auth.factor_required': 'Whoever works here needs a second factor, so it cannot be turned off.',
  'auth.password_breached': 'This password is among the first that are tried. Choose another.',
  'cart.line_limit': 'You can buy at most 20 of one size and colour.',
  'cart.too_many_lines': 'Your cart is full: it holds 50 different things.',
  'cart.out_of_stock': 'There are not that many left.',
  'cart.version_conflict': 'Your cart was changed in another window. Please look again.',
  'coupon.not_valid': 'This code is not valid.',
  'coupon.not_applicable': 'The code does not apply to this order.',
  'coupon.code_taken': 'There is a coupon with this code already.',
  'wishlist.name_taken': 'Another of your lists has this name.',
  'wishlist.too_many_collections': 'You have as many lists as there may be: 50.',
  'wishlist.collection_full': 'The list is full: it holds 500 wishes.',
  'wishlist.unavailable': 'This is not sold any more.',
  'wishlist.in_stock': 'It can be bought now.',
  'wishlist.price_reached': 'It costs that already.',
  'wishlist.too_many_alerts': 'You are waiting for 100 things already. End one of the alerts first.',
  'order.cart_empty': 'Your cart is empty.',
  'order.not_cancellable': 'This can no longer be cancelled.',
  'order.not_returnable': 'This cannot be returned.',
  'order.return_window_closed': 'The time to return this is over.',
  'order.not_invoiced': 'There is no invoice yet.',
  'order.status_conflict': 'The order has moved on meanwhile, and this step does not follow.',
  'payment.refund_exceeds_capture': 'That is more than is left to give back.',
  'payment.disputed': 'The bank is looking into this payment, so no money can be given back before it is done.',
  'payment.refund_above_limit': 'That is more than you may give back without an admin.',
  'payment.refund_not_retriable': 'Only a failed refund can be sent again.',
  'payment.refund_not_settleable': 'Only a waiting refund of cash can be noted as paid out.',
  'payment.order_not_payable': 'This order can no longer be paid.',
  'payment.failed': 'The payment failed and nothing was charged. You can try again.',
  'payment.bad_signature':
    'The payment page’s answer could not be checked. If you paid, the order is confirmed as soon as the bank tells us.',
  idempotency_in_flight: 'We are still working on this. Try again in a moment.',
};

export function wordsFor(failure: Failure): string {
  if (failure.kind === 'unreachable') return 'The shop cannot be reached. Check your connection and try again.';
  if (failure.kind === 'declined') return failure.words;
  if (failure.kind !== 'refused') {
    const why = failure.kind === 'busy' ? 'That was a little too much at once.' : 'Something does not work on our side right now.';
    return `${why} Please try again ${waitWords(failure.retryAfter)}.`;
  }
  const { code, detail, errors } = failure.problem;
  if (errors !== undefined && errors.length > 0)
    return errors.map(({ path, message }) => `${path.split('.').at(-1)} ${message}`).join('; ');
  return WORDS[code] ?? detail;
}

function waitWords(seconds: number | undefined): string {
  if (seconds === undefined) return 'in a moment';
  if (seconds <= 120) return `in ${seconds} s`;
  return seconds <= 7_200 ? `in ${Math.ceil(seconds / 60)} minutes` : `in ${Math.ceil(seconds / 3_600)} hours`;
}
