import { operation } from '../contract.ts';
import { Means, Optional, Whole, Words } from '../fields.ts';
import { ByOrder } from '../page.ts';
import { VariantRef } from './admin.ts';
import { Committed, Reserve, Reserved } from './messages.ts';
import { Stock } from './views.ts';

export class SetStock extends VariantRef {
  @Means('The new count of units in the warehouse; either this or `delta` with a reason.')
  @Optional()
  @Whole(0, 10_000_000)
  onHand?: number;
  @Means('Added to the count; with a reason.') @Optional() @Whole(-10_000_000, 10_000_000) delta?: number;
  @Optional() @Words(1, 200) reason?: string;
}

export const stockOperations = {
  stock: operation({
    summary: 'Exact stock of a variant',
    access: 'staff',
    http: 'GET /products/:id/variants/:variantId/stock',
    in: VariantRef,
    out: Stock,
  }),
  setStock: operation({
    summary: 'Count or correct stock',
    oneOf: [['delta', 'reason'], ['onHand']],
    access: 'staff',
    http: 'PUT /products/:id/variants/:variantId/stock',
    in: SetStock,
    out: Stock,
    idempotent: true,
    errors: { 'product.below_reserved': 'conflict' },
  }),
  reserve: operation({
    summary: 'Hold stock for an order: all lines or none',
    access: 'internal',
    in: Reserve,
    out: Reserved,
    lane: 'checkout',
  }),
  commit: operation({ summary: 'The held stock is sold', access: 'internal', in: ByOrder, out: Committed, lane: 'checkout' }),
  release: operation({
    summary: 'Give held stock back; without a reservation, forbid a later one',
    access: 'internal',
    in: ByOrder,
    lane: 'checkout',
  }),
};
