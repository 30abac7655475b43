import {
  all,
  Flag,
  ListOf,
  MAX_PAISE,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Paise,
  Text,
  TextList,
  Timestamp,
  Uuid,
  UuidList,
  Whole,
} from '../fields.ts';
import { pageOf } from '../page.ts';
import { LineDiscount } from './messages.ts';

export const COUPON_KINDS = ['percent', 'fixed', 'free_shipping', 'buy_x_get_y'] as const;

export type CouponKind = (typeof COUPON_KINDS)[number];

/** Units to buy before the reward counts. */
export class BuyRule {
  @Means('Units to buy before the reward counts.') @Whole(1, 100) quantity!: number;
}

/** What is rewarded: the cheapest `quantity` units of each full set, at `percent` off. */
export class GetRule {
  @Means('Units of each full set that are rewarded, the cheapest first.') @Whole(1, 100) quantity!: number;
  @Means('Percent off the rewarded units; 100 makes them free.') @Whole(1, 100) percent!: number;
}

/** A line counts when it fits one of the lists that are given. */
export class AppliesTo {
  @Means('Their descendants too.') @Optional() @UuidList(1, 200) categoryIds?: string[];
  @Optional() @UuidList(1, 1_000) productIds?: string[];
  @Optional() @TextList(200, 1, 100) brands?: string[];
}

export const CouponValue = (): PropertyDecorator =>
  all(Means('Percent off, 1 to 100, of a `percent` coupon; paise off of a `fixed` one; 0 of the other kinds.'), Whole(0, MAX_PAISE));
export const MaxDiscount = (): PropertyDecorator => all(Means('What a single order can save at most.'), Paise(1));
export const MinSubtotal = (): PropertyDecorator =>
  all(Means('The sum that the lines that count must come to, before discounts.'), Paise(1));
export const UsageLimit = (): PropertyDecorator => all(Means('Orders in all that can use it.'), Whole(1, 1_000_000_000));
export const PerUserLimit = (): PropertyDecorator => all(Means('Orders of one user that can use it.'), Whole(1, 1_000_000));
export const Budget = (): PropertyDecorator => all(Means('What all orders together can save at most.'), Paise(1));

export class Coupon {
  @Uuid() id!: string;
  @Text(1, 40) code!: string;
  @OneOf(COUPON_KINDS) kind!: CouponKind;
  @CouponValue() value!: number;
  @Optional() @Nested(() => BuyRule) buy?: BuyRule;
  @Optional() @Nested(() => GetRule) get?: GetRule;
  @Optional() @MaxDiscount() maxDiscount?: number;
  @Optional() @MinSubtotal() minSubtotal?: number;
  @Timestamp() startsAt!: string;
  @Timestamp() endsAt!: string;
  @Optional() @UsageLimit() usageLimit?: number;
  @Optional() @PerUserLimit() perUserLimit?: number;
  @Optional() @Budget() budget?: number;
  @Optional() @Nested(() => AppliesTo) appliesTo?: AppliesTo;
  @Optional() @Flag() firstOrderOnly?: boolean;
  @Means('Only in answers to admins and to the users named.') @Optional() @UuidList(1, 1_000) userIds?: string[];
  @Optional() @TextList(2, 3, 8) paymentMethods?: string[];
  @Means('Applies by itself, without its code.') @Flag() automatic!: boolean;
  @Means('Applies together with other stackable ones.') @Flag() stackable!: boolean;
  @Means('Shown to everybody in the list.') @Flag() public!: boolean;
  @Means('Switched on; it counts only between `startsAt` and `endsAt`.') @Flag() active!: boolean;
}

export class CouponPage extends pageOf(Coupon) {}

export class CouponVerdict {
  @Flag() valid!: boolean;
  @Means('What the code saves, automatic promotions apart.') @Paise() discount!: number;
  @ListOf(() => LineDiscount) lines!: LineDiscount[];
  @Means('`not_valid` for all that a stranger may not know; else the rule that failed, such as `min_subtotal`.')
  @Optional()
  @Text(1, 60)
  reason?: string;
  @Means('What would satisfy it.') @Optional() @Text(1, 200) hint?: string;
}

export class Redemption {
  @Uuid() redemptionId!: string;
  @Means('What the code saved on the order.') @Paise() discount!: number;
}

export class BulkJob {
  @Uuid() id!: string;
}

export class BulkProgress {
  @OneOf(['running', 'done', 'failed']) status!: string;
  @Means('Codes that were asked for.') @Whole(1, 100_000) count!: number;
  @Means('Codes that are made.') @Whole(0, 100_000) done!: number;
  @Means('Path of the codes as CSV, once they are all there.') @Optional() @Text(1, 200) url?: string;
}

export class CouponUse {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @Means('`held` by an order that is not paid yet.') @OneOf(['held', 'redeemed']) state!: string;
  @Means('What it saved on the order.') @Paise() discount!: number;
  @Timestamp() at!: string;
}

export class CouponUsage extends pageOf(CouponUse) {
  @Means('Uses of paid orders.') @Whole(0, 1_000_000_000) used!: number;
  @Means('Uses of orders that are not paid yet.') @Whole(0, 1_000_000_000) held!: number;
  @Means('Uses that there may be in all; null without a limit.') @Nullable() @Whole(1, 1_000_000_000) limit!: number | null;
  @Means('Σ of discounts, held ones included.') @Paise() spent!: number;
}
