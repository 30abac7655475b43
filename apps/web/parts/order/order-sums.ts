import type { Schemas } from '#libs/client/client';
import { leftOf, type OrderItem, unitsLeft } from './order-units.ts';

type Order = Schemas['Order'];

/** What k of a line's units are worth in all, in paise, by the shop's rule for giving back: rounded down, so that the last one has the rest. */
const worthOf = ({ total, quantity }: OrderItem, units: number): number => Math.floor((total * units) / quantity);

/** What goes back for units that the customer still has, in paise: what they are worth after those that went before. */
export function backFor(item: OrderItem, units: number): number {
  const gone = item.quantity - leftOf(item);
  return worthOf(item, gone + units) - worthOf(item, gone);
}

/** A line's total without what was cancelled or came back. */
export const lineSum = (item: OrderItem): number => item.total - worthOf(item, item.quantity - leftOf(item));

/** An order's total without what was cancelled or came back; the fees go with the last unit. */
export const orderSum = (order: Order): number =>
  unitsLeft(order) === 0 ? 0 : order.items.reduce((sum, item) => sum + lineSum(item), order.shippingFee + order.codFee);
