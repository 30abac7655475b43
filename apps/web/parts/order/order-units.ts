import type { Schemas } from '#libs/client/client';

type Order = Schemas['Order'];
export type OrderItem = Order['items'][number];
/** Who reads the page of an order. */
export type Reader = 'customer' | 'staff';

/** Units that are neither cancelled nor returned. */
export const leftOf = ({ quantity, cancelledQuantity, returnedQuantity }: OrderItem): number =>
  quantity - cancelledQuantity - returnedQuantity;

export const unitsLeft = ({ items }: Order): number => items.reduce((sum, item) => sum + leftOf(item), 0);

export const pieces = (count: number): string => `${count} ${count === 1 ? 'piece' : 'pieces'}`;

/** Such as `2 × Kurta, Indigo, M`. */
export function unitWords({ items }: Order, itemId: string, quantity: number): string {
  const item = items.find(({ id }) => id === itemId);
  return `${quantity} × ${item === undefined ? 'something of this order' : `${item.name}, ${item.color}, ${item.size}`}`;
}
