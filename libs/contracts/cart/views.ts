import { ListOf, Means, Nested, Nullable, OneOf, Optional, Paise, Text, TextList, Timestamp, Uuid, Whole } from '../fields.ts';
import { AVAILABILITIES, type Availability } from '../product/views.ts';

export const MAX_LINE_QUANTITY = 20;

export const MAX_CART_LINES = 50;

/** Why the code on the cart gives nothing now, and what would satisfy it. */
export class CouponProblem {
  @Means('`not_valid`, `unavailable`, or the rule that failed.') @Text(1, 60) reason!: string;
  @Means('What would satisfy it, for people.') @Optional() @Text(1, 200) hint?: string;
}

export class CartItem {
  @Uuid() id!: string;
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  @Text(1, 200) name!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Means('null where the variant has no picture.') @Nullable() @Text(1, 500) image!: string | null;
  @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
  @Means('What one costs now, before discounts.') @Paise() unitPrice!: number;
  @Means("The line's share of all discounts.") @Paise() discount!: number;
  @Means('unitPrice × quantity − discount.') @Paise() lineTotal!: number;
  @Means('Of the whole quantity; a line that is out of stock does not count.') @OneOf(AVAILABILITIES) availability!: Availability;
  @Means("What differs from the line's last write: `price`, `availability`.") @Optional() @TextList(2, 1, 20) changes?: string[];
}

export class Cart {
  @Means("null for a guest's cart.") @Nullable() @Uuid() userId!: string | null;
  @ListOf(() => CartItem, 0, MAX_CART_LINES) items!: CartItem[];
  @Means('The code on the cart, whether it applies or not.') @Optional() @Text(1, 40) couponCode?: string;
  @Means('Why the code gives nothing now. Absent where it applies.') @Optional() @Nested(() => CouponProblem) couponProblem?: CouponProblem;
  @Means('Before discounts; lines out of stock count for nothing.') @Paise() subtotal!: number;
  @Means("Σ of the lines' discounts.") @Paise() discount!: number;
  @Means('0 from the sum on from which shipping is free, by coupon, or while no line counts.') @Paise() shippingFee!: number;
  @Means('Σ lineTotal + shippingFee.') @Paise() total!: number;
  @OneOf(['INR']) currency!: string;
  @Means('Opaque, new at every write, never used twice.') @Text(1, 64) version!: string;
  @Timestamp() updatedAt!: string;
}

export class GuestCart {
  @Means('Who has it has the cart.') @Text(43, 43) token!: string;
  @Nested(() => Cart) cart!: Cart;
}
