import { environment, type Values } from '#libs/runtime/environment';

/** Coupons need no variables of their own: all that is set about them is in their rows. */
export const couponEnv = environment({});
export type CouponEnv = Values<typeof couponEnv>;
