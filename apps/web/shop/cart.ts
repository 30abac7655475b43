import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '#libs/client/client';
import { api, ask, askOnce, MINE, queryClient } from '../parts/api.ts';
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
/** Why the guest's cart is not in the customer's; undefined while there is nothing to tell. */
const leftBehind = createStore<Failure | undefined>(undefined);
session.subscribe(() => leftBehind.set(undefined));

const keyOf = (userId: string | undefined) => ['cart', userId ?? null] as const;
const ownKey = () => keyOf(session.get()?.user.id);
/** Other devices change it too. */
const GOOD_MS = 2_000;
/** Hears of changes in the other tabs of this browser, and tells them; a tab does not hear itself. */
const otherTabs = new BroadcastChannel('only2u.cart');
const tellOtherTabs = (): void => otherTabs.postMessage('changed');
const readAnew = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ownKey() });

otherTabs.addEventListener('message', () => void readAnew());
// A window beside others gets the focus without having been hidden.
addEventListener(
  'focus',
  () => void queryClient.refetchQueries({ queryKey: ownKey(), type: 'active', stale: true }, { cancelRefetch: false }),
);

/** The customer's cart, or the guest's; every change answers with the whole of it. */
export const cart = {
  use() {
    const queryKey = keyOf(session.use()?.user.id);
    const { data, error, refetch } = useQuery({ queryKey, queryFn: read, staleTime: GOOD_MS });
    return { current: data, failure: data === undefined ? failureIn(error) : undefined, read: () => void refetch() };
  },
  useLeftBehind: leftBehind.use,
  /** Reads it anew in all tabs, for what the shop itself has changed, such as by an order. */
  refresh(): Promise<void> {
    tellOtherTabs();
    return readAnew();
  },
  add: (variantId: string) => keep(session.get() === undefined ? addAsGuest(variantId) : addToOwn(variantId)),
  /** 0 removes the line. */
  setQuantity: (itemId: string, quantity: number) => keep(setQuantity(itemId, quantity)),
  /** Guests have no coupons. */
  setCoupon: (code: string) => keep(ask(api.PUT('/api/cart/{userId}/coupon', { params: MINE, body: { code } }))),
  removeCoupon: () => keep(ask(api.DELETE('/api/cart/{userId}/coupon', { params: MINE }))),
};

let asked = 0;
let shown = 0;

/** Of answers that cross each other, the one that was asked for last is shown, and no reading that was begun before. */
async function keep(answer: Promise<Cart>): Promise<void> {
  const queryKey = ownKey();
  const turn = ++asked;
  const next = await answer;
  tellOtherTabs();
  await queryClient.cancelQueries({ queryKey });
  if (turn < shown) return;
  shown = turn;
  queryClient.setQueryData(queryKey, next);
}

const read = (): Promise<Cart> => (session.get() === undefined ? guestCart() : ownCart());

async function ownCart(): Promise<Cart> {
  if (guestToken.get() !== undefined) {
    const merged = await mergeGuest();
    if (merged !== undefined) return merged;
  }
  return ask(api.GET('/api/cart/{userId}', { params: MINE }));
}

let merging: Promise<Cart | undefined> | undefined;

/** Readings that are under way together share one merge. Undefined when the guest's cart cannot come along. */
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
    tellOtherTabs();
    return merged;
  } catch (error) {
    const failure = failureIn(error);
    // Without an answer the guest's cart is still to come, and so is the whole.
    if (failure?.kind !== 'refused') throw error;
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
    return await ask(api.GET('/api/cart/guest/{token}', { params: { path: { token } } }));
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
  const token = guestToken.get() ?? (await ask(api.POST('/api/cart/guest'))).token;
  guestToken.keep(token);
  return ask(api.POST('/api/cart/guest/{token}/items', { params: { path: { token } }, body: { variantId, quantity: 1 } }));
}

function setQuantity(itemId: string, quantity: number): Promise<Cart> {
  const body = { quantity };
  if (session.get() !== undefined) {
    return ask(api.PUT('/api/cart/{userId}/items/{itemId}', { params: { path: { userId: 'me', itemId } }, body }));
  }
  const path = { token: guestToken.get() ?? '', itemId };
  return ask(api.PUT('/api/cart/guest/{token}/items/{itemId}', { params: { path }, body }));
}

export const unitsIn = ({ items }: Cart): number => items.reduce((sum, { quantity }) => sum + quantity, 0);
