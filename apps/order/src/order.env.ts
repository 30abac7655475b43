import { choice, environment, paise, seconds, text, type Values, whole } from '#libs/runtime/environment';

/** Places at which a test may end this process, as a power cut would. */
export const CRASH_POINTS = [
  'placed',
  'reserved',
  'coupons_held',
  'opened',
  'captured',
  'coupons_redeemed',
  'sold',
  'confirmed',
  'expired',
  'released',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export const orderEnv = environment(
  {
    ORDER_PAYMENT_TTL_SECONDS: seconds({ min: 1, max: 86_400, default: 900, about: 'How long an order waits for its payment.' }),
    SHIPPING_FEE: paise({ default: 4_900, about: 'The shipping fee of an order.' }),
    FREE_SHIPPING_FROM: paise({ default: 99_900, about: 'The sum of line totals from which shipping is free.' }),
    COD_FEE: paise({ default: 0, about: 'What cash on delivery costs on top.' }),
    SELLER_STATE: text({ default: 'Karnataka', about: 'The state the shop sells from: CGST and SGST within it, IGST beyond.' }),
    RETURN_WINDOW_DAYS: whole({ min: 0, max: 365, default: 7, about: 'Days after delivery within which a return may be asked for.' }),
    ORDER_CRASH_AT: choice(CRASH_POINTS, {
      optional: true,
      about: 'Kills the process at this point of a checkout, once; for tests of recovery.',
    }),
  },
  (source) =>
    source.NODE_ENV === 'production' && source.ORDER_CRASH_AT ? ['ORDER_CRASH_AT is for tests and may not be set in production'] : [],
);
export type OrderEnv = Values<typeof orderEnv>;
