import type { BasketLine } from '#libs/contracts/coupon/messages';
import type { CouponRow } from './coupon.ts';

/** What is known of the customer who wants to use coupons. */
export interface Facts {
  readonly now: Date;
  /** Null for a guest. */
  readonly userId: string | null;
  /** Undefined while it is not chosen: rules about it then count as met. */
  readonly paymentMethod: string | undefined;
  /** No order of theirs was confirmed, and no other order that waits uses a first-order coupon. */
  readonly isFirstOrder: boolean;
  /** Their uses by coupon id, where there are any. */
  readonly usesOfUser: ReadonlyMap<string, number>;
}

export interface Failed {
  /** The rule, in snake_case; `not_valid` for all that a stranger may not know. */
  readonly reason: string;
  readonly hint?: string;
}

const NOT_VALID: Failed = { reason: 'not_valid' };

/** Whether a coupon exists for this caller at all. Everything that is false here looks alike from outside. */
export const isVisibleTo = (coupon: CouponRow, { now, userId }: Facts): boolean =>
  coupon.active &&
  coupon.withdrawn_at === null &&
  coupon.starts_at <= now &&
  now < coupon.ends_at &&
  (coupon.user_ids === null || (userId !== null && coupon.user_ids.includes(userId)));

/** Whether the coupon covers a line: one of its lists names it, or it has none. */
export function appliesTo({ rules: { appliesTo: scope } }: CouponRow, line: BasketLine): boolean {
  if (scope === undefined) return true;
  const { categoryIds = [], productIds = [], brands = [] } = scope;
  const brand = line.brand.toLowerCase();
  return (
    productIds.includes(line.productId) ||
    line.categoryIds.some((id) => categoryIds.includes(id)) ||
    brands.some((one) => one.toLowerCase() === brand)
  );
}

/** The first rule that is not met; undefined when all are. The discount itself is judged by `overBudget`. */
export function failedRule(coupon: CouponRow, lines: readonly BasketLine[], facts: Facts): Failed | undefined {
  if (!isVisibleTo(coupon, facts)) return NOT_VALID;
  const { rules } = coupon;
  if (coupon.usage_limit !== null && coupon.uses >= coupon.usage_limit)
    return { reason: 'usage_limit', hint: 'This code has been used as often as it can be' };
  if (facts.userId === null) {
    if (coupon.per_user_limit !== null || rules.firstOrderOnly === true) return { reason: 'sign_in', hint: 'Sign in to use this code' };
  } else if (coupon.per_user_limit !== null && (facts.usesOfUser.get(coupon.id) ?? 0) >= coupon.per_user_limit) {
    return { reason: 'per_user_limit', hint: `You have used this code ${times(coupon.per_user_limit)}, which is as often as it can be` };
  } else if (rules.firstOrderOnly === true && !facts.isFirstOrder) {
    return { reason: 'first_order_only', hint: 'This code is for a first order' };
  }
  if (facts.paymentMethod !== undefined && rules.paymentMethods !== undefined && !rules.paymentMethods.includes(facts.paymentMethod))
    return { reason: 'payment_method', hint: `Pay by ${rules.paymentMethods.map(methodName).join(' or ')} to use this code` };
  const counting = lines.filter((line) => appliesTo(coupon, line));
  if (counting.length === 0) return { reason: 'no_matching_items', hint: 'Nothing in the cart is part of this offer' };
  const subtotal = counting.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
  if (rules.minSubtotal !== undefined && subtotal < rules.minSubtotal)
    return {
      reason: 'min_subtotal',
      hint: `Add ${rupees(rules.minSubtotal - subtotal)}${rules.appliesTo ? ' of what this offer is about' : ''}`,
    };
  const units = counting.reduce((sum, { quantity }) => sum + quantity, 0);
  const set = rules.buy && rules.get ? rules.buy.quantity + rules.get.quantity : 0;
  if (coupon.kind === 'buy_x_get_y' && units < set)
    return { reason: 'too_few_items', hint: `Add ${set - units} more ${set - units === 1 ? 'item' : 'items'} of this offer` };
  return undefined;
}

export const overBudget = ({ budget, spent }: CouponRow, discount: number): Failed | undefined =>
  budget !== null && spent + discount > budget ? { reason: 'budget', hint: 'This offer is used up' } : undefined;

/** `₹240`, `₹99.50`. */
const rupees = (paise: number): string =>
  `₹${(paise / 100).toLocaleString('en-IN', { minimumFractionDigits: paise % 100 === 0 ? 0 : 2, maximumFractionDigits: 2 })}`;
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const methodName = (method: string): string => (method === 'cod' ? 'cash on delivery' : 'card, UPI or net banking');
