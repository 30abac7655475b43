import { ListOf, Optional, Text, Timestamp, Uuid } from '../fields.ts';
import { OrderLine } from '../product/messages.ts';
import { MAX_CART_LINES } from './views.ts';

export class CartAbandoned {
  @Uuid() userId!: string;
  @Text(1, 64) version!: string;
  @ListOf(() => OrderLine, 1, MAX_CART_LINES) lines!: OrderLine[];
  @Timestamp() at!: string;
}

/** The cart as an order takes it, durable before it is answered. */
export class CartSnapshot {
  @Text(1, 64) version!: string;
  @ListOf(() => OrderLine, 0, MAX_CART_LINES) lines!: OrderLine[];
  @Optional() @Text(1, 40) couponCode?: string;
}
