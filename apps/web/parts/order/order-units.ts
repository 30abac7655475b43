import type { Schemas } from '#libs/client/client';

type Order = Schemas['Order'];
export type OrderItem = Order['items'][number];

/** Units that are neither cancelled nor returned. */
export const leftOf = ({ quantity, cancelledQuantity, returnedQuantity }: OrderItem): number =>
  quantity - cancelledQuantity - returnedQuantity;

export const unitsLeft = ({ items }: Order): number => items.reduce((sum, item) => sum + leftOf(item), 0);

export const pieces = (count: number): string => `${count} ${count === 1 ? 'piece' : 'pieces'}`;
