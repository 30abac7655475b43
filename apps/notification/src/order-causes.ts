import type { OrderChanged } from '#libs/contracts/order/messages';
import type { Template } from './causes.ts';

/** What a customer is told of a change of their order, and the word for it where a template has several; undefined: nothing. */
export function causeOfChange({ cause, status, previousStatus, late }: OrderChanged): { template: Template; change?: string } | undefined {
  if (late !== undefined) return { template: 'late_payment', change: late };
  if (cause === 'refund') return { template: 'refund_processed' };
  if (cause === 'units') return { template: 'order_cancelled' };
  if (cause !== 'status') return undefined;
  switch (status) {
    case 'confirmed':
      return { template: 'order_confirmed' };
    case 'shipped':
      return { template: 'order_shipped' };
    case 'out_for_delivery':
      return { template: 'order_out_for_delivery' };
    case 'delivered':
      if (previousStatus === 'return_requested') return { template: 'return_updated', change: 'refused' };
      // A return was taken, and units are left with the customer.
      if (previousStatus === 'returned') return { template: 'return_updated', change: 'returned' };
      return { template: 'order_delivered' };
    case 'cancelled':
      return { template: 'order_cancelled' };
    case 'expired':
      return { template: 'order_expired' };
    case 'return_requested':
    case 'returned':
    case 'returned_to_origin':
      return { template: 'return_updated', change: status };
    default:
      return undefined;
  }
}
