import { Code, Flag, ListOf, Means, Nested, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';
import { PAYMENT_METHODS, type PaymentMethod } from '../order/views.ts';

export class LineDiscount {
  @Uuid() variantId!: string;
  @Means("What is taken off the line's worth.") @Paise() discount!: number;
}

/** A line as the rules see it. */
export class BasketLine {
  @Uuid() variantId!: string;
  @Uuid() productId!: string;
  @UuidList(0, 20) categoryIds!: string[];
  @Text(1, 100) brand!: string;
  @Paise() unitPrice!: number;
  @Whole(1, 1000) quantity!: number;
}

export class Basket {
  /** Null for a guest. */
  @Nullable() @Uuid() userId!: string | null;
  /** One line a variant. */
  @ListOf(() => BasketLine, 0, 50) lines!: BasketLine[];
  @Optional() @Code(1, 100) code?: string;
  /** Absent while it is not chosen yet: rules about it are then taken as met. */
  @Optional() @OneOf(PAYMENT_METHODS) paymentMethod?: PaymentMethod;
}

/** What coupons do to a basket now. Discounts are in the order of the basket's lines. */
export class Discounts {
  /** Paise a line; each at most the line's worth. */
  @ListOf(() => LineDiscount) lines!: LineDiscount[];
  @Flag() freeShipping!: boolean;
  /** Of the code asked for; absent without one. `unknown` covers all that a stranger may not know. */
  @Optional() @OneOf(['applied', 'not_applicable', 'unknown']) code?: string;
  /** As it is written for people, when the code is known. */
  @Optional() @Text(1, 40) couponCode?: string;
  @Optional() @Text(1, 60) reason?: string;
  @Optional() @Text(1, 200) hint?: string;
  /** Whether anything is used, the code or a promotion: the order must then hold it. */
  @Flag() uses!: boolean;
}

export class Promotions {
  /** Whether a basket without a code can be given anything at this moment. */
  @Flag() anyAutomatic!: boolean;
}

export class HoldCoupons {
  @Uuid() orderId!: string;
  @Nested(() => Basket) basket!: Basket;
  /** What the order was priced with; the hold is refused when the engine does not find exactly this any more. */
  @ListOf(() => LineDiscount) lines!: LineDiscount[];
  @Flag() freeShipping!: boolean;
  /** Seconds until the order expires; the hold outlives it by ten minutes. */
  @Whole(1, 86_400) ttlSeconds!: number;
}

export class CouponsHeld {
  /** False when a limit is reached or a rule no longer met, and when the order was already undone. Each answer is final for the order. */
  @Flag() held!: boolean;
  /** With `held: false`: whether the code itself no longer applies, or only a promotion or an amount changed. */
  @Flag() codeApplies!: boolean;
  /** With `held: false`: what would apply now. */
  @Optional() @Nested(() => Discounts) now?: Discounts;
}

export class CouponsRedeemed {
  /** False when the hold had been given back and the use is gone. */
  @Flag() redeemed!: boolean;
}

/** A coupon for one user, with one use. */
export class CouponToIssue {
  /** Names the coupon: however often it is asked for, there is one. */
  @Uuid() issueId!: string;
  @Uuid() userId!: string;
  @OneOf(['percent', 'fixed']) kind!: 'percent' | 'fixed';
  /** Whole percent or paise. */
  @Paise(1) value!: number;
  @Optional() @Paise(1) minSubtotal?: number;
  @Flag() firstOrderOnly!: boolean;
  @Timestamp() endsAt!: string;
  /** Of a welcome coupon its user is told by `coupon.issued`; a reward is told of by who gives it. */
  @OneOf(['welcome', 'reward']) cause!: 'welcome' | 'reward';
}

export class IssuedCoupon {
  @Uuid() couponId!: string;
  /** As it is written for people. */
  @Text(1, 40) code!: string;
  @Timestamp() endsAt!: string;
}

export class CouponToWithdraw {
  @Uuid() couponId!: string;
}

export class CouponWithdrawn {
  /** True: an order has used it or holds it, and it was left as it is. */
  @Flag() used!: boolean;
}

/** A coupon is for these users alone, who had not been named before. */
export class CouponIssued {
  @Uuid() couponId!: string;
  @UuidList(1, 1_000) userIds!: string[];
  /** As it is written for people. */
  @Text(1, 40) code!: string;
  @Timestamp() endsAt!: string;
  @OneOf(['admin', 'welcome']) cause!: 'admin' | 'welcome';
}
