import { environment, paise, seconds, type Values } from '#libs/runtime/environment';

/** The same as the order service reads: the cart must promise what the order will ask. */
export const cartEnv = environment({
  SHIPPING_FEE: paise({ default: 4_900, about: 'The shipping fee of an order.' }),
  FREE_SHIPPING_FROM: paise({ default: 99_900, about: 'The sum of line totals from which shipping is free.' }),
  CART_ABANDONED_AFTER_SECONDS: seconds({
    default: 86_400,
    min: 1,
    about: 'A cart that is neither changed nor ordered for this long counts as abandoned.',
  }),
});
export type CartEnv = Values<typeof cartEnv>;
