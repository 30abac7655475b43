import type { Schemas } from '#libs/client/client';

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
