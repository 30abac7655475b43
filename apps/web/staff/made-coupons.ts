import type { Schemas } from '#libs/client/client';
import { createStore } from '../parts/store.ts';

type Coupon = Schemas['Coupon'];

const KEY = 'only2u.coupons';
const store = createStore<readonly Coupon[]>(kept());

/** Coupons that were made or changed on this tab; the shop lists only those that are public and live. */
export const madeCoupons = {
  use: store.use,
  put(coupon: Coupon): void {
    const others = store.get().filter(({ id }) => id !== coupon.id);
    keep([coupon, ...others]);
  },
  drop: (id: string): void => keep(store.get().filter((one) => one.id !== id)),
};

function keep(coupons: readonly Coupon[]): void {
  store.set(coupons);
  sessionStorage.setItem(KEY, JSON.stringify(coupons));
}

function kept(): readonly Coupon[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
}
