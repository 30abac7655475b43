import type { Schemas } from '#libs/client/client';
import { rupees } from '../money.ts';

type Order = Schemas['Order'];

export const STATUS_WORDS: Readonly<Record<Order['status'], string>> = {
  pending_payment: 'Waiting for payment',
  confirmed: 'Confirmed',
  packed: 'Packed',
  shipped: 'Shipped',
  out_for_delivery: 'Out for delivery',
  delivered: 'Delivered',
  return_requested: 'Return requested',
  returned: 'Returned',
  cancelled: 'Cancelled',
  expired: 'Expired',
  returned_to_origin: 'Returned to us',
};

export const PAYMENT_WORDS: Readonly<Record<Order['paymentStatus'], string>> = {
  unpaid: 'Not paid',
  paid: 'Paid',
  cod_due: 'Cash on delivery',
  partially_refunded: 'Partly refunded',
  refunded: 'Refunded',
};

const moment = new Intl.DateTimeFormat('en-IN', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Kolkata' });

/** Indian time, wherever the shopper is. */
export const momentOf = (timestamp: string): string => moment.format(new Date(timestamp));

/** What the customer can expect now. */
export function nextWords({ status, paymentStatus, paymentMethod, amountDue, refundedAmount }: Order): string {
  if (status === 'pending_payment') return 'We keep everything aside for you for a few minutes.';
  if (status === 'confirmed') return 'Thank you! We are getting it ready for you.';
  if (status === 'packed') return 'It leaves us soon.';
  if (status === 'shipped' || status === 'out_for_delivery') {
    return amountDue > 0 && paymentMethod === 'cod' ? `Please have ${rupees(amountDue)} ready.` : 'It is on its way to you.';
  }
  if (status === 'delivered') return 'We hope you like it.';
  if (status === 'return_requested') return 'Please have the goods ready to be picked up.';
  if (status === 'returned') return 'Everything is back with us.';
  if (status === 'returned_to_origin') return 'It could not be delivered and came back to us.';
  if (status === 'expired')
    return 'It was not paid in time, so nothing is kept aside any more. Money that still arrives goes back by itself.';
  if (paymentStatus === 'unpaid') return 'Nothing was charged.';
  return refundedAmount > 0 ? `${rupees(refundedAmount)} has been given back.` : 'Your money is on its way back.';
}
