import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '#libs/client/client';
import { api, ask, askOnce, MINE, queryClient } from '../parts/api.ts';
import { codeOf, type Failure, failureIn } from '../parts/failure.ts';
import { session } from '../parts/session.ts';
import { sharedStore } from '../parts/site-data.ts';
import { createStore } from '../parts/store.ts';

export type Collection = Schemas['Collection'];
export type Wish = Schemas['Item'];

/** A wish of somebody who is not signed in, as it was shown. */
export interface GuestWish {
  readonly productId: string;
  readonly variantId?: string;
  readonly name: string;
  readonly slug: string;
  readonly image: string | null;
}

/** As many as a merge takes. */
const MAX_GUEST_WISHES = 200;
const PAGE = 100;
const GOOD_MS = 60_000;

const guest = sharedStore('only2u.wishes', (text) => {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) && found.every((one) => typeof one?.productId === 'string') ? (found as GuestWish[]) : undefined;
  } catch {
    return undefined;
  }
});
/** Why the guest's wishes are not in the customer's list; undefined while there is nothing to tell. */
const leftBehind = createStore<Failure | undefined>(undefined);
session.subscribe(() => leftBehind.set(undefined));

/** The customer's default list with all that is in it. */
export interface DefaultList {
  readonly id: string;
  readonly items: readonly Wish[];
}

const keyOf = (userId: string | undefined) => ['wishes', userId ?? null] as const;
const ownKey = () => keyOf(session.get()?.user.id);

/** What hearts show and change: the customer's default list, or the guest's wishes, which this browser keeps. */
export const wishes = {
  guest: { use: guest.use, remove: (productId: string) => guest.set((guest.get() ?? []).filter((one) => one.productId !== productId)) },
  useLeftBehind: leftBehind.use,
  /** Also takes the guest's wishes over, once somebody is signed in. */
  useList(): DefaultList | undefined {
    const userId = session.use()?.user.id;
    return useQuery({ queryKey: keyOf(userId), queryFn: read, staleTime: GOOD_MS, enabled: userId !== undefined }).data;
  },
  useHolds(productId: string): boolean {
    const isGuest = session.use() === undefined;
    const own = wishes.useList();
    const guests = guest.use() ?? [];
    return (isGuest ? guests : (own?.items ?? [])).some((one) => one.productId === productId);
  },
  async add({ productId, variantId, ...shown }: GuestWish): Promise<void> {
    const wish = { productId, ...(variantId !== undefined && { variantId }) };
    if (session.get() === undefined) {
      guest.set([...(guest.get() ?? []), { ...wish, ...shown }].slice(-MAX_GUEST_WISHES));
      return;
    }
    const { id } = await current();
    await askOnce(`wish ${id} ${productId} ${variantId}`, (header) =>
      api.POST('/api/collections/{id}/products', { params: { path: { id }, header }, body: wish }),
    );
    await wishes.refresh();
  },
  /** The product, in whatever size and colour. */
  async remove(productId: string): Promise<void> {
    if (session.get() === undefined) return wishes.guest.remove(productId);
    const { id, items } = await current();
    for (const item of items.filter((one) => one.productId === productId)) await wishes.take(id, item.id);
    await wishes.refresh();
  },
  /** Off a list; what is gone already is gone. */
  async take(id: string, itemId: string): Promise<void> {
    await ask(api.DELETE('/api/collections/{id}/products/{itemId}', { params: { path: { id, itemId } } })).catch((error: unknown) => {
      if (codeOf(failureIn(error)) !== 'not_found') throw error;
    });
  },
  refresh: (): Promise<void> => queryClient.invalidateQueries({ queryKey: ownKey() }),
};

const current = (): Promise<DefaultList> => queryClient.fetchQuery({ queryKey: ownKey(), queryFn: read, staleTime: GOOD_MS });

async function read(): Promise<DefaultList> {
  await mergeGuest();
  const { items: lists } = await ask(api.GET('/api/collections/user/{userId}', { params: MINE }));
  const id = lists.find(({ isDefault }) => isDefault)?.id ?? '';
  const items: Wish[] = [];
  let cursor: string | null | undefined;
  do {
    const query = { limit: PAGE, ...(cursor && { cursor }) };
    const page = await ask(api.GET('/api/collections/{id}', { params: { path: { id }, query } }));
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { id, items };
}

/** What a guest wished for comes along; a repeat adds nothing, so two tabs may do it at once. */
async function mergeGuest(): Promise<void> {
  const kept = guest.readAgain() ?? [];
  if (kept.length === 0) return;
  const items = kept
    .slice(-MAX_GUEST_WISHES)
    .map(({ productId, variantId }) => ({ productId, ...(variantId !== undefined && { variantId }) }));
  try {
    await ask(api.POST('/api/collections/merge', { body: { items } }));
    leftBehind.set(undefined);
    guest.set(undefined);
    // Lists that were read beside this one lack what has just come.
    void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/collections/') });
  } catch (error) {
    const failure = failureIn(error);
    // Without an answer they are still to come.
    if (failure?.kind !== 'refused') throw error;
    if (codeOf(failure) === 'validation_failed') guest.set(undefined);
    else leftBehind.set(failure);
  }
}
