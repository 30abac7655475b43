import type { Schemas } from '#libs/client/client';
import { api, ask, askOnce, MINE } from '../parts/api.ts';
import { codeOf, type Failure, failureIn } from '../parts/failure.ts';
import { guestToken } from '../parts/guest-token.ts';
import { session } from '../parts/session.ts';
import { createStore } from '../parts/store.ts';

export type Cart = Schemas['Cart'];

/** What a guest has who never put anything in. */
const NOTHING: Cart = {
  userId: null,
  items: [],
  subtotal: 0,
  discount: 0,
  shippingFee: 0,
  total: 0,
  currency: 'INR',
  version: 'none',
  updatedAt: new Date(0).toISOString(),
};
const store = createStore<Cart | undefined>(undefined);
/** Why the guest's cart is not in the customer's; undefined while there is nothing to tell. */
const leftBehind = createStore<Failure | undefined>(undefined);
let asked = 0;
let shown = 0;

/** The customer's cart, or the guest's, as the shop last told it; every change answers with the whole of it. */
export const cart = {
  /** Undefined as long as it is not read, and while it is still that of whoever was here before. */
  use(): Cart | undefined {
    const current = store.use();
    const userId = session.use()?.user.id ?? null;
    return current?.userId === userId ? current : undefined;
  },
  useLeftBehind: leftBehind.use,
  forget(): void {
    // What is on its way belongs to whoever was signed in before.
    shown = ++asked;
    leftBehind.set(undefined);
    store.set(undefined);
  },
  load: () => keep(session.get() === undefined ? guestCart() : ownCart()),
  add: (variantId: string) => keep(session.get() === undefined ? addAsGuest(variantId) : addToOwn(variantId)),
  /** 0 removes the line. */
  setQuantity: (itemId: string, quantity: number) => keep(setQuantity(itemId, quantity)),
  /** Guests have no coupons. */
  setCoupon: (code: string) => keep(ask(() => api.PUT('/api/cart/{userId}/coupon', { params: MINE, body: { code } }))),
  removeCoupon: () => keep(ask(() => api.DELETE('/api/cart/{userId}/coupon', { params: MINE }))),
};

/** Of answers that cross each other, the one that was asked for last is shown. */
async function keep(answer: Promise<Cart>): Promise<Cart> {
  const turn = ++asked;
  const next = await answer;
  if (turn > shown) {
    shown = turn;
    store.set(next);
  }
  return next;
}

async function ownCart(): Promise<Cart> {
  if (guestToken.get() !== undefined) {
    const merged = await mergeGuest();
    if (merged !== undefined) return merged;
  }
  return ask(() => api.GET('/api/cart/{userId}', { params: MINE }));
}

let merging: Promise<Cart | undefined> | undefined;

/** Pages that load the cart together share one merge. Undefined when the guest's cart cannot come along. */
function mergeGuest(): Promise<Cart | undefined> {
  merging ??= merge(guestToken.get() ?? '').finally(() => {
    merging = undefined;
  });
  return merging;
}

async function merge(token: string): Promise<Cart | undefined> {
  try {
    const merged = await askOnce(`merge ${token}`, (header) =>
      api.POST('/api/cart/{userId}/merge', { params: { ...MINE, header }, body: { guestToken: token } }),
    );
    leftBehind.set(undefined);
    guestToken.forget();
    return merged;
  } catch (error) {
    const failure = failureIn(error);
    // Without an answer the guest's cart is still to come, and so is the whole.
    if (failure.kind !== 'refused') throw error;
    // Somebody else's now, or too old. Any other refusal can pass, such as that of a cart that is full.
    if (codeOf(failure) === 'not_found') guestToken.forget();
    else leftBehind.set(failure);
    return undefined;
  }
}

async function guestCart(): Promise<Cart> {
  const token = guestToken.get();
  if (token === undefined) return NOTHING;
  try {
    return await ask(() => api.GET('/api/cart/guest/{token}', { params: { path: { token } } }));
  } catch (error) {
    if (codeOf(failureIn(error)) !== 'not_found') throw error;
    guestToken.forget();
    return NOTHING;
  }
}

const addToOwn = (variantId: string): Promise<Cart> =>
  askOnce(`add ${variantId}`, (header) =>
    api.POST('/api/cart/{userId}/items', { params: { ...MINE, header }, body: { variantId, quantity: 1 } }),
  );

async function addAsGuest(variantId: string): Promise<Cart> {
  // A cart that was not touched for a month is gone, and what is wanted now goes into a new one.
  await guestCart();
  const token = guestToken.get() ?? (await ask(() => api.POST('/api/cart/guest'))).token;
  guestToken.keep(token);
  return ask(() => api.POST('/api/cart/guest/{token}/items', { params: { path: { token } }, body: { variantId, quantity: 1 } }));
}

function setQuantity(itemId: string, quantity: number): Promise<Cart> {
  const body = { quantity };
  if (session.get() !== undefined) {
    return ask(() => api.PUT('/api/cart/{userId}/items/{itemId}', { params: { path: { userId: 'me', itemId } }, body }));
  }
  const path = { token: guestToken.get() ?? '', itemId };
  return ask(() => api.PUT('/api/cart/guest/{token}/items/{itemId}', { params: { path }, body }));
}

export const unitsIn = ({ items }: Cart): number => items.reduce((sum, { quantity }) => sum + quantity, 0);
