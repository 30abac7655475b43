import { contract, operation } from './contract.ts';
import { ListOf, Nullable, OneOf, Optional, Paise, Text, TextList, Timestamp, Uuid, Whole } from './fields.ts';
import { AVAILABILITIES, type Availability } from './product.ts';
import { OrderLine } from './reservation.ts';

export const MAX_LINE_QUANTITY = 20;
export const MAX_CART_LINES = 50;

export class CartItem {
  @Uuid() id!: string;
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  @Text(1, 200) name!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Nullable() @Text(1, 500) image!: string | null;
  @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
  @Paise() unitPrice!: number;
  @Paise() discount!: number;
  /** unitPrice × quantity − discount, in paise. */
  @Paise() lineTotal!: number;
  @OneOf(AVAILABILITIES) availability!: Availability;
  /** What differs from the line's last write: `price`, `availability`. */
  @Optional() @TextList(2, 1, 20) changes?: string[];
}

export class Cart {
  @Nullable() @Uuid() userId!: string | null;
  @ListOf(() => CartItem, 0, MAX_CART_LINES) items!: CartItem[];
  @Optional() @Text(1, 40) couponCode?: string;
  /** Before discounts; lines out of stock count for nothing. */
  @Paise() subtotal!: number;
  @Paise() discount!: number;
  @Paise() shippingFee!: number;
  /** Σ lineTotal + shippingFee. */
  @Paise() total!: number;
  @OneOf(['INR']) currency!: string;
  /** Opaque, new at every write, never used twice. */
  @Text(1, 64) version!: string;
  @Timestamp() updatedAt!: string;
}

export class CartOf {
  @Uuid() userId!: string;
}
export class AddCartItem extends CartOf {
  @Uuid() variantId!: string;
  @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
}
export class SetCartItem extends CartOf {
  @Uuid() itemId!: string;
  /** 0 removes the line. */
  @Whole(0, MAX_LINE_QUANTITY) quantity!: number;
}
export class CartItemRef extends CartOf {
  @Uuid() itemId!: string;
}

/** The cart as an order takes it, durable before it is answered. */
export class CartSnapshot {
  @Text(1, 64) version!: string;
  @ListOf(() => OrderLine, 0, MAX_CART_LINES) lines!: OrderLine[];
  @Optional() @Text(1, 40) couponCode?: string;
}

const STALE = { 'cart.version_conflict': 'conflict' } as const;
const LIMITS = { ...STALE, 'cart.line_limit': 'conflict', 'cart.too_many_lines': 'conflict', 'cart.out_of_stock': 'conflict' } as const;

export const cartApi = contract('cart', {
  operations: {
    get: operation({ summary: 'The cart, priced and stock-checked now', access: 'user', http: 'GET /cart/:userId', in: CartOf, out: Cart }),
    addItem: operation({
      summary: 'Add a variant; the same variant adds up',
      access: 'user',
      http: 'POST /cart/:userId/items',
      in: AddCartItem,
      out: Cart,
      status: 201,
      errors: LIMITS,
    }),
    setItem: operation({
      summary: "Change a line's quantity",
      access: 'user',
      http: 'PUT /cart/:userId/items/:itemId',
      in: SetCartItem,
      out: Cart,
      errors: LIMITS,
    }),
    removeItem: operation({
      summary: 'Remove a line',
      access: 'user',
      http: 'DELETE /cart/:userId/items/:itemId',
      in: CartItemRef,
      out: Cart,
      errors: STALE,
    }),
    clear: operation({ summary: 'Empty the cart', access: 'user', http: 'DELETE /cart/:userId', in: CartOf, errors: STALE }),
    snapshot: operation({ summary: 'The cart as an order takes it', access: 'internal', in: CartOf, out: CartSnapshot, lane: 'checkout' }),
  },
});
