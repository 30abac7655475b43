import { COUPON_KINDS, type CouponKind, CouponValue, MinSubtotal } from '../coupon/views.ts';
import {
  all,
  Day,
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
  Whole,
} from '../fields.ts';
import { pageOf } from '../page.ts';

export const REFERRAL_STATUSES = ['joined', 'ordered', 'delivered', 'rewarded', 'capped', 'cancelled', 'held'] as const;
export type ReferralStatus = (typeof REFERRAL_STATUSES)[number];
/**
 * `same_address`, `same_instrument`: the friend's order goes to the referrer's address, or was paid as the referrer pays. `ring`: the referrer was
 * invited by the friend, over however many others. `shared_device`: the third account of a device. `velocity`: many joins of a referrer in a day.
 */
export const HOLD_REASONS = ['same_address', 'same_instrument', 'ring', 'shared_device', 'velocity'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];
export const HOLD_STATUSES = ['held', 'approved', 'rejected'] as const;
export type HoldStatus = (typeof HOLD_STATUSES)[number];

const MAX_COUNT = 1_000_000_000;
/** How many of what. */
const Count = (of: string): PropertyDecorator => all(Means(of), Whole(0, MAX_COUNT));
const Earned = (): PropertyDecorator => all(Means('Sum of rewards and reversals.'), Paise(-MAX_PAISE));
const FirstName = (): PropertyDecorator => all(Means('First name; `Deleted` once the account is erased.'), Text(1, 100));

export class ReferralCode {
  @Text(9, 9) code!: string;
  @Means('The link to share.') @Text(1, 2_000) url!: string;
}

/** What a friend gets. */
export class WelcomeOffer {
  @OneOf(COUPON_KINDS) kind!: CouponKind;
  @CouponValue() value!: number;
  @Optional() @MinSubtotal() minSubtotal?: number;
}

export class ReferralCodeVerdict {
  @Flag() valid!: boolean;
  @Means('First name.') @Optional() @Text(1, 100) referrerName?: string;
  @Optional() @Nested(() => WelcomeOffer) welcome?: WelcomeOffer;
}

export class WelcomeCoupon extends WelcomeOffer {
  @Text(1, 40) code!: string;
  @Timestamp() endsAt!: string;
}

/** As the friend sees it who was invited. */
export class Referral {
  @Uuid() referralId!: string;
  @OneOf(REFERRAL_STATUSES) status!: ReferralStatus;
  @Means('Null until an e-mail address or a phone number is verified.')
  @Nullable()
  @Nested(() => WelcomeCoupon)
  welcomeCoupon!: WelcomeCoupon | null;
}

export class RewardCap {
  @Count('Rewards that a referrer can have at most.') limit!: number;
  @Count('Rewards that were not taken back.') used!: number;
}

export class ReferralStats {
  @Means('Null before one was generated.') @Nullable() @Text(9, 9) code!: string | null;
  @Count('Different visitors of the link.') invited!: number;
  @Count('Friends in all.') joined!: number;
  @Count('Friends who ever had a confirmed order.') ordered!: number;
  @Count('Friends whose reward was given and not taken back.') rewarded!: number;
  @Count('Friends whose reward did not fit the limits.') capped!: number;
  @Count('Friends for whom there is no reward.') cancelled!: number;
  @Count('Friends whose reward may still come.') pending!: number;
  @Earned() earned!: number;
  @OneOf(['INR']) currency!: string;
  @Nested(() => RewardCap) cap!: RewardCap;
}

export class Friend {
  @Uuid() referralId!: string;
  @FirstName() @Optional() name?: string;
  @OneOf(REFERRAL_STATUSES) status!: ReferralStatus;
  @Timestamp() joinedAt!: string;
}
export class FriendPage extends pageOf(Friend) {}

export class RewardCoupon {
  @Text(1, 40) code!: string;
  @Timestamp() endsAt!: string;
}

export class RewardEntry {
  @Uuid() id!: string;
  @Uuid() referralId!: string;
  @OneOf(['reward', 'reversal']) kind!: 'reward' | 'reversal';
  @Means('Below 0 for a reversal.') @Paise(-MAX_PAISE) amount!: number;
  @Means('What the reward was given as.') @Optional() @Nested(() => RewardCoupon) coupon?: RewardCoupon;
  @Timestamp() at!: string;
}

export class RewardPage extends pageOf(RewardEntry) {
  @Means('Entries less the coupons that were given and not withdrawn.') @Paise(-MAX_PAISE) balance!: number;
}

export class ReferralFigures {
  @Count('Visits of links, the first of each visitor and code.') visits!: number;
  @Count('Friends who joined.') joined!: number;
  @Count('Those of them who ever had a confirmed order.') ordered!: number;
  @Count('Those of them whose reward was given and not taken back.') rewarded!: number;
  @Count('Those of them whose reward did not fit the limits.') capped!: number;
  @Count('Those of them for whom there is no reward.') cancelled!: number;
  @Earned() earned!: number;
}

export class ReferralDay extends ReferralFigures {
  @Day() date!: string;
}

export class TopReferrer {
  @Uuid() userId!: string;
  @FirstName() @Optional() name?: string;
  @Count('Friends who joined in this time.') joined!: number;
  @Count('Those of them whose reward was given and not taken back.') rewarded!: number;
  @Earned() earned!: number;
}

export class ReferralBudget {
  @Means('What all rewards together can come to at most.') @Paise() limit!: number;
  @Means('Rewards less reversals.') @Paise() spent!: number;
}

export class ReferralAnalytics {
  @ListOf(() => ReferralDay) days!: ReferralDay[];
  @Nested(() => ReferralFigures) totals!: ReferralFigures;
  @ListOf(() => TopReferrer, 0, 10) topReferrers!: TopReferrer[];
  @Count('Referrals that wait for a decision.') holds!: number;
  @Nested(() => ReferralBudget) budget!: ReferralBudget;
}

export class ReferralHold {
  @Uuid() id!: string;
  @Uuid() referralId!: string;
  @Uuid() referrerId!: string;
  @Uuid() refereeId!: string;
  @TextList(HOLD_REASONS.length, 1, 20) reasons!: HoldReason[];
  @OneOf(HOLD_STATUSES) status!: HoldStatus;
  @Means('Of the decision.') @Optional() @Text(1, 500) note?: string;
  @Timestamp() at!: string;
}
export class ReferralHoldPage extends pageOf(ReferralHold) {}
