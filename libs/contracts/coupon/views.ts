import { Flag, ListOf, Nested, Nullable, OneOf, Optional, Paise, Text, TextList, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';
import { pageOf } from '../page.ts';
import { LineDiscount } from './messages.ts';

export const COUPON_KINDS = ['percent', 'fixed', 'free_shipping', 'buy_x_get_y'] as const;

export type CouponKind = (typeof COUPON_KINDS)[number];

/** Units to buy before the reward counts. */
export class BuyRule {
  @Whole(1, 100) quantity!: number;
}

/** What is rewarded: the cheapest `quantity` units of each full set, at `percent` off. */
export class GetRule {
  @Whole(1, 100) quantity!: number;
  @Whole(1, 100) percent!: number;
}

/** A line counts when it fits one of the lists that are given. */
export class AppliesTo {
  @Optional() @UuidList(1, 200) categoryIds?: string[];
  @Optional() @UuidList(1, 1_000) productIds?: string[];
  @Optional() @TextList(200, 1, 100) brands?: string[];
}

export class Coupon {
  @Uuid() id!: string;
  @Text(1, 40) code!: string;
  @OneOf(COUPON_KINDS) kind!: CouponKind;
  @Paise() value!: number;
  @Optional() @Nested(() => BuyRule) buy?: BuyRule;
  @Optional() @Nested(() => GetRule) get?: GetRule;
  @Optional() @Paise(1) maxDiscount?: number;
  @Optional() @Paise(1) minSubtotal?: number;
  @Timestamp() startsAt!: string;
  @Timestamp() endsAt!: string;
  @Optional() @Whole(1, 1_000_000_000) usageLimit?: number;
  @Optional() @Whole(1, 1_000_000) perUserLimit?: number;
  @Optional() @Paise(1) budget?: number;
  @Optional() @Nested(() => AppliesTo) appliesTo?: AppliesTo;
  @Optional() @Flag() firstOrderOnly?: boolean;
  /** Only in answers to admins and to the users named. */
  @Optional() @UuidList(1, 1_000) userIds?: string[];
  @Optional() @TextList(2, 3, 8) paymentMethods?: string[];
  @Flag() automatic!: boolean;
  @Flag() stackable!: boolean;
  @Flag() public!: boolean;
  @Flag() active!: boolean;
}

export class CouponPage extends pageOf(Coupon) {}

export class CouponVerdict {
  @Flag() valid!: boolean;
  /** Paise that the code saves, automatic promotions apart. */
  @Paise() discount!: number;
  @ListOf(() => LineDiscount) lines!: LineDiscount[];
  /** `not_valid` for all that a stranger may not know; else the rule that failed, such as `min_subtotal`. */
  @Optional() @Text(1, 60) reason?: string;
  /** What would satisfy it. */
  @Optional() @Text(1, 200) hint?: string;
}

export class Redemption {
  @Uuid() redemptionId!: string;
  @Paise() discount!: number;
}

export class BulkJob {
  @Uuid() id!: string;
}

export class BulkProgress {
  @OneOf(['running', 'done', 'failed']) status!: string;
  @Whole(1, 100_000) count!: number;
  @Whole(0, 100_000) done!: number;
  /** Path of the codes as CSV, once they are all there. */
  @Optional() @Text(1, 200) url?: string;
}

export class CouponUse {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @OneOf(['held', 'redeemed']) state!: string;
  @Paise() discount!: number;
  @Timestamp() at!: string;
}

export class CouponUsage extends pageOf(CouponUse) {
  @Whole(0, 1_000_000_000) used!: number;
  @Whole(0, 1_000_000_000) held!: number;
  @Nullable() @Whole(1, 1_000_000_000) limit!: number | null;
  /** Paise of discount, held ones included. */
  @Paise() spent!: number;
}
