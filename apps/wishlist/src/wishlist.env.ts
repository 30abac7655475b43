import { environment, type Values } from '#libs/runtime/environment';

export const wishlistEnv = environment({});
export type WishlistEnv = Values<typeof wishlistEnv>;
