import type { Account } from './account.ts';
import type { CaptureRule, Notes, OrderRecord } from './entities.ts';
import { newId } from './identifiers.ts';

export interface OrderRequest {
  amount: number;
  currency: string;
  receipt: string | null;
  notes: Notes;
  capture: CaptureRule;
}

export function createOrder(account: Account, { amount, currency, receipt, notes, capture }: OrderRequest): OrderRecord {
  const record: OrderRecord = {
    entity: {
      id: newId('order'),
      entity: 'order',
      amount,
      amount_paid: 0,
      amount_due: amount,
      currency,
      receipt,
      offer_id: null,
      status: 'created',
      attempts: 0,
      notes,
      created_at: account.clock.seconds(),
    },
    capture,
  };
  account.save({ kind: 'order', record });
  return record;
}

/** Whether a payment of the order is authorised or captured, for `GET /v1/orders?authorized=`. */
export function hasAuthorisedPayment(account: Account, orderId: string): boolean {
  return account.paymentsOf(orderId).some(({ entity }) => entity.status === 'authorized' || entity.captured);
}
