import { ListOf, Nested, Nullable, OneOf, Optional, Paise, Text, TextList, Timestamp, Uuid, Whole } from '../fields.ts';
import { AVAILABILITIES, type Availability } from '../product/views.ts';

export const MAX_LINE_QUANTITY = 20;

export const MAX_CART_LINES = 50;

/** Why the code on the cart gives nothing now, and what would satisfy it. */
export class CouponProblem {
  @Text(1, 60) reason!: string;
  @Optional() @Text(1, 200) hint?: string;
}

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
  @Optional() @Nested(() => CouponProblem) couponProblem?: CouponProblem;
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

export class GuestCart {
  @Text(43, 43) token!: string;
  @Nested(() => Cart) cart!: Cart;
}
