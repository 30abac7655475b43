import type { Schemas } from '#libs/client/client';
import { rupees } from './money.ts';

type Coupon = Schemas['Coupon'];

/** What a coupon gives, in a few words. */
export function couponWords({ kind, value, maxDiscount, buy, get }: Coupon): string {
  if (kind === 'free_shipping') return 'Free shipping';
  if (kind === 'fixed') return `${rupees(value)} off`;
  if (kind === 'percent') return `${value}% off${maxDiscount === undefined ? '' : `, at most ${rupees(maxDiscount)}`}`;
  const reward = get === undefined ? '' : `, get ${get.quantity} ${get.percent === 100 ? 'free' : `at ${get.percent}% off`}`;
  return `Buy ${buy?.quantity ?? 1}${reward}`;
}

const day = new Intl.DateTimeFormat('en-IN', { dateStyle: 'medium', timeZone: 'Asia/Kolkata' });

/** What has to hold for it, the end of its time last: one that ends at midnight is good for the day before. */
export function conditionWords({ minSubtotal, firstOrderOnly, paymentMethods, appliesTo, endsAt }: Coupon): string {
  return [
    minSubtotal !== undefined && `from ${rupees(minSubtotal)}`,
    firstOrderOnly && 'on your first order',
    paymentMethods?.length === 1 && (paymentMethods[0] === 'cod' ? 'with cash on delivery' : 'when you pay online'),
    appliesTo !== undefined && 'on some things',
    `until ${day.format(Date.parse(endsAt) - 1)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Why the code on the cart gives nothing now, and what would change that. */
export function problemWords({ reason, hint }: Schemas['CouponProblem']): string {
  if (reason === 'unavailable') return 'Coupons cannot be checked right now, so it is not counted. Look again in a moment.';
  if (reason === 'not_valid') return 'This code is no longer valid.';
  return hint === undefined ? 'It does not apply to what is in your cart.' : `It does not apply yet. ${hint}`;
}
