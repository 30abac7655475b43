/** Seconds that stock and coupons stay held beyond the order's expiry, which the order itself acts on first. */
export const HOLD_GRACE_SECONDS = 600;
