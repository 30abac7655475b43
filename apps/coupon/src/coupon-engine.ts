import type { BasketLine } from '#libs/contracts/coupon/messages';
import type { CouponRow } from './coupon.ts';
import { appliesTo, type Facts, type Failed, failedRule, overBudget } from './coupon-rules.ts';

export interface Use {
  readonly coupon: CouponRow;
  /** Paise. */
  readonly discount: number;
}

/** What coupons do to a basket. `discounts`: paise for each line, in the order of the lines. */
export interface Evaluation {
  readonly discounts: readonly number[];
  readonly freeShipping: boolean;
  readonly uses: readonly Use[];
  /** Why the code is not among them; undefined when it is, or none was given. */
  readonly failed: Failed | undefined;
  /** Paise that the code itself saves. */
  readonly byCode: readonly number[];
}

export interface Question {
  readonly lines: readonly BasketLine[];
  /** Automatic ones in their fixed order: first created first. */
  readonly promotions: readonly CouponRow[];
  /** Undefined: no code was given. Null: it is unknown. */
  readonly code: CouponRow | null | undefined;
  readonly facts: Facts;
}

/**
 * The one engine that validates, prices and holds. Promotions go first, in their order, each on what the ones before left; the code comes
 * last. Two combine where both are stackable; where the code cannot be combined, whichever saves more is taken, and the code when both
 * save the same.
 */
export function evaluate({ lines, promotions, code, facts }: Question): Evaluation {
  const alone = take(lines, promotions, facts);
  if (code === undefined) return { ...alone, failed: undefined, byCode: none(lines) };
  const failed = code === null ? { reason: 'not_valid' } : failedRule(code, lines, facts);
  if (code === null || failed !== undefined) return { ...alone, failed, byCode: none(lines) };
  const under = take(lines, code.stackable ? promotions.filter(({ stackable }) => stackable) : [], facts);
  const byCode = discountOf(code, lines, under.discounts);
  const discount = sum(byCode);
  const unaffordable = overBudget(code, discount);
  if (unaffordable !== undefined) return { ...alone, failed: unaffordable, byCode: none(lines) };
  if (discount === 0 && code.kind !== 'free_shipping')
    return { ...alone, failed: { reason: 'no_discount', hint: 'Other offers already cover what this code would' }, byCode: none(lines) };
  const together: Evaluation = {
    discounts: added(under.discounts, byCode),
    freeShipping: under.freeShipping || code.kind === 'free_shipping',
    uses: [...under.uses, { coupon: code, discount }],
    failed: undefined,
    byCode,
  };
  if (sum(together.discounts) >= sum(alone.discounts)) return together;
  return { ...alone, failed: { reason: 'not_combinable', hint: 'The offers that apply by themselves save more' }, byCode: none(lines) };
}

type Taken = Pick<Evaluation, 'discounts' | 'freeShipping' | 'uses'>;

/** The promotions that apply, one after the other. */
function take(lines: readonly BasketLine[], promotions: readonly CouponRow[], facts: Facts): Taken {
  let taken: Taken = { discounts: none(lines), freeShipping: false, uses: [] };
  for (const coupon of promotions) {
    const isAlone = taken.uses.length === 0;
    if (!isAlone && !(coupon.stackable && taken.uses.every((use) => use.coupon.stackable))) continue;
    if (failedRule(coupon, lines, facts) !== undefined) continue;
    const discounts = discountOf(coupon, lines, taken.discounts);
    const discount = sum(discounts);
    if (overBudget(coupon, discount) !== undefined || (discount === 0 && coupon.kind !== 'free_shipping')) continue;
    taken = {
      discounts: added(taken.discounts, discounts),
      freeShipping: taken.freeShipping || coupon.kind === 'free_shipping',
      uses: [...taken.uses, { coupon, discount }],
    };
  }
  return taken;
}

/** Paise off each line, on top of what is off already, never more than a line is still worth. */
function discountOf(coupon: CouponRow, lines: readonly BasketLine[], before: readonly number[]): number[] {
  const worths = lines.map((line, index) => (appliesTo(coupon, line) ? line.unitPrice * line.quantity - (before[index] ?? 0) : 0));
  const cap = coupon.rules.maxDiscount ?? Number.MAX_SAFE_INTEGER;
  switch (coupon.kind) {
    case 'percent':
      return split(Math.min(percentOf(sum(worths), coupon.value), cap), worths);
    case 'fixed':
      return split(Math.min(coupon.value, sum(worths), cap), worths);
    case 'buy_x_get_y': {
      const rewards = rewardsOf(coupon, lines, worths);
      return split(Math.min(sum(rewards), cap), rewards);
    }
    case 'free_shipping':
      return none(lines);
  }
}

/** Of all units of the offer the cheapest are rewarded, as many as there are full sets of bought and rewarded ones. */
function rewardsOf(coupon: CouponRow, lines: readonly BasketLine[], worths: readonly number[]): number[] {
  const rewards = worths.map(() => 0);
  const { buy, get } = coupon.rules;
  if (buy === undefined || get === undefined) return rewards;
  const counting = lines.map((line, index) => ({ line, index })).filter(({ line }) => appliesTo(coupon, line));
  const units = sum(counting.map(({ line }) => line.quantity));
  let rewarded = Math.floor(units / (buy.quantity + get.quantity)) * get.quantity;
  const cheapestFirst = counting.sort(
    (left, right) => left.line.unitPrice - right.line.unitPrice || (left.line.variantId < right.line.variantId ? -1 : 1),
  );
  for (const { line, index } of cheapestFirst) {
    const count = Math.min(rewarded, line.quantity);
    rewarded -= count;
    // A unit's part of what the promotions before left of its line.
    rewards[index] = percentOf(partOf(worths[index] ?? 0, count, line.quantity), get.percent);
  }
  return rewards;
}

/** Divides `amount` by weight into whole paise that add up to it: each its rounded-down share, the paise left over by the largest remainders. */
export function split(amount: number, weights: readonly number[]): number[] {
  const whole = sum(weights);
  if (whole === 0) return weights.map(() => 0);
  // A product of two amounts may be above what a number holds exactly.
  const shares = weights.map((weight) => {
    const exact = BigInt(amount) * BigInt(weight);
    return { share: Number(exact / BigInt(whole)), rest: exact % BigInt(whole) };
  });
  let left = amount - sum(shares.map(({ share }) => share));
  const order = shares.map((_, index) => index).sort((a, b) => compare(shares[b]?.rest ?? 0n, shares[a]?.rest ?? 0n) || a - b);
  const result = shares.map(({ share }) => share);
  for (const index of order) {
    if (left === 0) break;
    result[index] = (result[index] ?? 0) + 1;
    left -= 1;
  }
  return result;
}

const compare = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);
/** Rounded down. */
const percentOf = (amount: number, percent: number): number => partOf(amount, percent, 100);
/** Rounded down, and exact where the product is above what a number holds. */
const partOf = (amount: number, part: number, whole: number): number => Number((BigInt(amount) * BigInt(part)) / BigInt(whole));
const none = (lines: readonly unknown[]): number[] => lines.map(() => 0);
const added = (left: readonly number[], right: readonly number[]): number[] => left.map((one, index) => one + (right[index] ?? 0));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
