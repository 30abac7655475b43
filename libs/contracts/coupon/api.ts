import { contract, event, operation } from '../contract.ts';
import { exportOperation } from '../export.ts';
import {
  Code,
  Flag,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Pattern,
  TextList,
  Timestamp,
  Uuid,
  UuidList,
  Whole,
} from '../fields.ts';
import { RequestedLine } from '../order/api.ts';
import { ById, ByOrder, Nothing, PageQuery } from '../page.ts';
import {
  Basket,
  CouponIssued,
  CouponsHeld,
  CouponsRedeemed,
  CouponToIssue,
  CouponToWithdraw,
  CouponWithdrawn,
  Discounts,
  HoldCoupons,
  IssuedCoupon,
  Promotions,
} from './messages.ts';
import {
  AppliesTo,
  Budget,
  BulkJob,
  BulkProgress,
  BuyRule,
  COUPON_KINDS,
  Coupon,
  type CouponKind,
  CouponPage,
  CouponUsage,
  CouponValue,
  CouponVerdict,
  GetRule,
  MaxDiscount,
  MinSubtotal,
  PerUserLimit,
  Redemption,
  UsageLimit,
} from './views.ts';

/** What a coupon gives, to whom and when; the part that a bulk job repeats for each code. */
export class CouponTerms {
  @OneOf(COUPON_KINDS) kind!: CouponKind;
  @CouponValue() value!: number;
  @Optional() @Nested(() => BuyRule) buy?: BuyRule;
  @Optional() @Nested(() => GetRule) get?: GetRule;
  @Optional() @MaxDiscount() maxDiscount?: number;
  @Optional() @MinSubtotal() minSubtotal?: number;
  @Timestamp() startsAt!: string;
  @Means('Not valid any more at this moment.') @Timestamp() endsAt!: string;
  @Optional() @UsageLimit() usageLimit?: number;
  @Optional() @PerUserLimit() perUserLimit?: number;
  @Optional() @Budget() budget?: number;
  @Optional() @Nested(() => AppliesTo) appliesTo?: AppliesTo;
  @Optional() @Flag() firstOrderOnly?: boolean;
  @Optional() @UuidList(1, 1_000) userIds?: string[];
  @Optional() @TextList(2, 3, 8) paymentMethods?: string[];
  @Means('Applies together with other stackable ones; default false.') @Optional() @Flag() stackable?: boolean;
  @Means('Shown to everybody in the list; default false.') @Optional() @Flag() public?: boolean;
  @Means('False switches it off; default true.') @Optional() @Flag() active?: boolean;
}

export class CreateCoupon extends CouponTerms {
  @Means('Absent: one is made up that nobody can guess. Letter case and spaces do not count.') @Optional() @Code(3, 100) code?: string;
  @Means('Applies by itself, without its code; default false.') @Optional() @Flag() automatic?: boolean;
}
/** Absent leaves as it is, null removes. Code, kind and `automatic` stay. */
export class UpdateCoupon extends ById {
  @Optional() @CouponValue() value?: number;
  @Optional() @Nullable() @Nested(() => BuyRule) buy?: BuyRule | null;
  @Optional() @Nullable() @Nested(() => GetRule) get?: GetRule | null;
  @Optional() @Nullable() @MaxDiscount() maxDiscount?: number | null;
  @Optional() @Nullable() @MinSubtotal() minSubtotal?: number | null;
  @Optional() @Timestamp() startsAt?: string;
  @Optional() @Timestamp() endsAt?: string;
  @Optional() @Nullable() @UsageLimit() usageLimit?: number | null;
  @Optional() @Nullable() @PerUserLimit() perUserLimit?: number | null;
  @Optional() @Nullable() @Budget() budget?: number | null;
  @Optional() @Nullable() @Nested(() => AppliesTo) appliesTo?: AppliesTo | null;
  @Optional() @Flag() firstOrderOnly?: boolean;
  @Optional() @Nullable() @UuidList(1, 1_000) userIds?: string[] | null;
  @Optional() @Nullable() @TextList(2, 3, 8) paymentMethods?: string[] | null;
  @Optional() @Flag() stackable?: boolean;
  @Optional() @Flag() public?: boolean;
  @Optional() @Flag() active?: boolean;
}

/** Filters are combined. Callers who are no admins see live coupons only, whatever they filter by. */
export class ListCoupons extends PageQuery {
  @Means('A part of the code; letter case and spaces do not count.') @Optional() @Code(1, 100) q?: string;
  @Optional() @OneOf(COUPON_KINDS) kind?: CouponKind;
  @Means('Switched on or off.') @Optional() @Flag() active?: boolean;
  @Optional() @Flag() automatic?: boolean;
  @Optional() @Flag() public?: boolean;
  @Means('By time: not begun yet, running, or over.')
  @Optional()
  @OneOf(['scheduled', 'running', 'over'])
  time?: 'scheduled' | 'running' | 'over';
}

export class ValidateCoupon {
  @Code(1, 100) code!: string;
  @Means('Absent: the cart.') @Optional() @ListOf(() => RequestedLine, 1, 50) items?: RequestedLine[];
}

export class RedeemCoupon {
  @Code(1, 100) code!: string;
  @Uuid() orderId!: string;
}

export class BulkCoupons {
  @Means('How many codes to make.') @Whole(1, 100_000) count!: number;
  @Means('What every code begins with.') @Optional() @Pattern(/^[A-Za-z0-9]{1,12}$/, 'must be 1 to 12 letters and digits') prefix?: string;
  @Means('What each code gives, to whom and when.') @Nested(() => CouponTerms) template!: CouponTerms;
}

export class CouponUsageOf extends PageQuery {
  @Uuid() id!: string;
}

export const couponApi = contract('coupon', {
  operations: {
    list: operation({
      summary: 'Live coupons: public ones, and own ones for a signed-in caller; all that are not withdrawn for an admin',
      access: 'optional',
      http: 'GET /coupons',
      in: ListCoupons,
      out: CouponPage,
    }),
    validate: operation({
      summary: 'What a code would save, or why it does not apply',
      access: 'user',
      http: 'POST /coupons/validate',
      in: ValidateCoupon,
      out: CouponVerdict,
      status: 200,
    }),
    redeem: operation({
      summary: 'The redemption of an own order that was placed with this code',
      access: 'user',
      http: 'POST /coupons/redeem',
      in: RedeemCoupon,
      out: Redemption,
      status: 200,
      errors: { 'coupon.not_applicable': 'conflict' },
    }),
    create: operation({
      summary: 'Create a coupon or an automatic promotion',
      access: 'admin',
      http: 'POST /coupons',
      in: CreateCoupon,
      out: Coupon,
      status: 201,
      errors: { 'coupon.code_taken': 'conflict' },
    }),
    update: operation({
      summary: 'Change a coupon; orders placed before keep theirs',
      access: 'admin',
      http: 'PATCH /coupons/:id',
      in: UpdateCoupon,
      out: Coupon,
    }),
    remove: operation({
      summary: 'Withdraw a coupon; its uses stay on record, its code may be given out again',
      access: 'admin',
      http: 'DELETE /coupons/:id',
      in: ById,
    }),
    createBulk: operation({
      summary: 'Create up to 100,000 codes that cannot be guessed',
      access: 'admin',
      http: 'POST /coupons/bulk',
      in: BulkCoupons,
      out: BulkJob,
      status: 202,
    }),
    bulk: operation({ summary: 'Progress of a bulk job', access: 'admin', http: 'GET /coupons/bulk/:id', in: BulkJob, out: BulkProgress }),
    bulkCodes: operation({
      summary: 'The codes of a bulk job, as CSV',
      access: 'admin',
      http: 'GET /coupons/bulk/:id/codes',
      in: BulkJob,
      bytes: true,
      timeoutMs: 10_000,
    }),
    usage: operation({
      summary: 'Uses of a coupon, newest first',
      access: 'admin',
      http: 'GET /coupons/:id/usage',
      in: CouponUsageOf,
      out: CouponUsage,
    }),
    promotions: operation({
      summary: 'Whether any automatic promotion is live',
      access: 'internal',
      in: Nothing,
      out: Promotions,
      lane: 'checkout',
    }),
    evaluate: operation({ summary: 'What coupons do to a basket', access: 'internal', in: Basket, out: Discounts, lane: 'checkout' }),
    hold: operation({
      summary: 'Take the uses for an order that is being placed',
      access: 'internal',
      in: HoldCoupons,
      out: CouponsHeld,
      lane: 'checkout',
    }),
    commit: operation({
      summary: 'The order is paid: its uses are redeemed',
      access: 'internal',
      in: ByOrder,
      out: CouponsRedeemed,
      lane: 'checkout',
    }),
    release: operation({
      summary: 'Give the uses of an order back, held or redeemed, once',
      access: 'internal',
      in: ByOrder,
      lane: 'checkout',
    }),
    issue: operation({
      summary: 'A coupon for one user and one use, made once however often it is asked for',
      access: 'internal',
      in: CouponToIssue,
      out: IssuedCoupon,
    }),
    withdraw: operation({
      summary: 'Withdraw an issued coupon, unless it is used or held',
      access: 'internal',
      in: CouponToWithdraw,
      out: CouponWithdrawn,
    }),
    exportOf: exportOperation('Coupons that name a user, for that archive'),
  },
  events: {
    issued: event({ summary: 'A coupon names users for the first time', version: 1, data: CouponIssued, subscribers: ['notification'] }),
  },
});
