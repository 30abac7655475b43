import { ListOf, Optional, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { OrderLine } from '../product/messages.ts';
import { MAX_CART_LINES, MAX_LINE_QUANTITY } from './views.ts';

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

/** Something that another service puts into a cart for its owner, once for each `takeId`. */
export class TakeItem {
  @Uuid() userId!: string;
  @Uuid() variantId!: string;
  @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
  @Uuid() takeId!: string;
}

export class AddedVariant {
  /** The user, or a number that stands for a guest's cart. */
  @Uuid() person!: string;
  @Uuid() variantId!: string;
}

/** Put into carts within the last second. */
export class AddedToCarts {
  @ListOf(() => AddedVariant, 1, 500) items!: AddedVariant[];
}
