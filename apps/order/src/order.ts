import type { OrderStatus } from '#libs/contracts/order/views';

/** `placing` and `refused` are never shown: stock is not held yet, or could not be. */
export type StoredStatus = OrderStatus | 'placing' | 'refused';

export const isVisible = (status: StoredStatus): status is OrderStatus => status !== 'placing' && status !== 'refused';

/** The statuses that may follow each status; every other move is refused. */
export const NEXT_STATUSES: Readonly<Record<StoredStatus, readonly StoredStatus[]>> = {
  // Confirmed at once: cash on delivery, or a total of 0.
  placing: ['pending_payment', 'confirmed', 'refused'],
  refused: [],
  pending_payment: ['confirmed', 'cancelled', 'expired'],
  // Money that arrives late revives an order if its stock can be taken again.
  expired: ['confirmed'],
  confirmed: ['packed', 'cancelled'],
  packed: ['shipped', 'cancelled'],
  shipped: ['out_for_delivery'],
  out_for_delivery: ['delivered', 'returned_to_origin'],
  delivered: ['return_requested'],
  return_requested: ['returned', 'delivered'],
  returned: [],
  returned_to_origin: [],
  cancelled: [],
};

/** The statuses that may come before one: the condition of the UPDATE that moves an order. */
export const statusesBefore = (status: StoredStatus): StoredStatus[] =>
  (Object.keys(NEXT_STATUSES) as StoredStatus[]).filter((before) => NEXT_STATUSES[before].includes(status));
