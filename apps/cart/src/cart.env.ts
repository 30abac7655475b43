import { environment, paise, type Values } from '#libs/runtime/environment';

/** The same as the order service reads: the cart must promise what the order will ask. */
export const cartEnv = environment({
  SHIPPING_FEE: paise({ default: 4_900, about: 'The shipping fee of an order.' }),
  FREE_SHIPPING_FROM: paise({ default: 99_900, about: 'The sum of line totals from which shipping is free.' }),
});
export type CartEnv = Values<typeof cartEnv>;
