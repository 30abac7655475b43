import { stateOf } from '#libs/places/states';
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
    SELLER_STATE: text({
      default: 'Karnataka',
      about: 'The state the shop sells from, by name or code: CGST and SGST within it, IGST beyond.',
    }),
    SELLER_NAME: text({ sandbox: 'Only2U Sandbox Private Limited', about: "The seller's legal name, on invoices." }),
    SELLER_ADDRESS: text({
      sandbox: '12, MG Road, Bengaluru 560001',
      about: "The seller's registered address without the state, on invoices.",
    }),
    SELLER_GSTIN: text({
      pattern: /^\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[\dA-Z]$/,
      expects: 'a GST identification number of 15 characters',
      sandbox: '29AAACO0000A1ZG',
      about: "The seller's GST identification number, on invoices; it begins with the code of SELLER_STATE.",
    }),
    SELLER_CIN: text({
      optional: true,
      pattern: /^[LU]\d{5}[A-Z]{2}\d{4}[A-Z]{3}\d{6}$/,
      expects: 'a corporate identity number of 21 characters',
      about: "The seller's corporate identity number, on invoices; a company must name it (Companies Act s. 12).",
    }),
    SELLER_PHONE: text({ optional: true, about: "The seller's phone number, on invoices." }),
    SELLER_EMAIL: text({ optional: true, about: "The seller's mail address, on invoices." }),
    RETURN_WINDOW_DAYS: whole({ min: 0, max: 365, default: 7, about: 'Days after delivery within which a return may be asked for.' }),
    ORDER_CRASH_AT: choice(CRASH_POINTS, {
      optional: true,
      about: 'Kills the process at this point of a checkout, once; for tests of recovery.',
    }),
  },
  (source) =>
    source.NODE_ENV === 'production' && source.ORDER_CRASH_AT ? ['ORDER_CRASH_AT is for tests and may not be set in production'] : [],
  ({ SELLER_GSTIN, SELLER_STATE = 'Karnataka' }) => {
    const state = stateOf(SELLER_STATE);
    if (state === undefined) return ['SELLER_STATE must be a state or union territory of India'];
    return SELLER_GSTIN && !SELLER_GSTIN.startsWith(state.gst)
      ? ['SELLER_GSTIN must begin with the code of the state in SELLER_STATE']
      : [];
  },
);
export type OrderEnv = Values<typeof orderEnv>;
