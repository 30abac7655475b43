import type { Schemas } from '#libs/client/client';
import { api, ask, MINE } from './api.ts';
import { createStore } from './store.ts';

export type Cart = Schemas['Cart'];

const store = createStore<Cart | undefined>(undefined);
let wanted: string | undefined;

/** The signed-in customer's cart as the shop last told it; every change answers with the whole of it. */
export const cart = {
  use: store.use,
  forget: () => store.set(undefined),
  load: () => keep(ask(() => api.GET('/api/cart/{userId}', { params: MINE }))),
  add: (variantId: string) => keep(ask(() => api.POST('/api/cart/{userId}/items', { params: MINE, body: { variantId, quantity: 1 } }))),
  /** Remembers what somebody wants who has to sign in first. */
  want(variantId: string): void {
    wanted = variantId;
  },
  async addWanted(): Promise<void> {
    const variantId = wanted;
    wanted = undefined;
    if (variantId !== undefined) await cart.add(variantId);
  },
  /** 0 removes the line. */
  setQuantity: (itemId: string, quantity: number) =>
    keep(ask(() => api.PUT('/api/cart/{userId}/items/{itemId}', { params: { path: { userId: 'me', itemId } }, body: { quantity } }))),
};

async function keep(answer: Promise<Cart>): Promise<Cart> {
  const next = await answer;
  store.set(next);
  return next;
}

export const unitsIn = ({ items }: Cart): number => items.reduce((sum, { quantity }) => sum + quantity, 0);
