import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '#libs/client/client';
import { api, ask, askOnce, MINE, queries, queryClient } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { cart } from '../cart.ts';
import { type Collection, type Wish, wishes } from '../wishes.ts';

export type Alert = Schemas['Alert'];
type Change = Partial<Pick<Collection, 'name' | 'privacy' | 'position'>>;

const LISTS = ['get', '/api/collections/user/{userId}'] as const;
const ONE = ['get', '/api/collections/{id}'] as const;
const ALERTS = ['wish alerts'] as const;
const MOST_ALERTS = 100;

/** The customer's lists; what changes one reads all that shows it anew. */
export const lists = {
  use() {
    const { data, error, refetch } = queries.useQuery(...LISTS, { params: MINE });
    return { all: data?.items, failure: data === undefined ? failureIn(error) : undefined, read: () => void refetch() };
  },
  create: async (name: string): Promise<Collection> => {
    const made = await askOnce(`list ${name}`, (header) => api.POST('/api/collections', { params: { header }, body: { name } }));
    await refresh();
    return made;
  },
  async change(id: string, body: Change): Promise<void> {
    await ask(api.PATCH('/api/collections/{id}', { params: { path: { id } }, body }));
    await refresh();
  },
  async renewLink(id: string): Promise<void> {
    await ask(api.POST('/api/collections/{id}/share', { params: { path: { id } } }));
    await refresh();
  },
  async remove(id: string): Promise<void> {
    await ask(api.DELETE('/api/collections/{id}', { params: { path: { id } } }));
    await refresh();
  },
  async take(id: string, item: Wish): Promise<void> {
    await wishes.take(id, item.id);
    await refresh();
  },
  async move(id: string, item: Wish, collectionId: string): Promise<void> {
    await askOnce(`move ${item.id} ${collectionId}`, (header) =>
      api.POST('/api/collections/{id}/products/{itemId}/move', {
        params: { path: { id, itemId: item.id }, header },
        body: { collectionId },
      }),
    );
    await refresh();
  },
  async toCart(id: string, item: Wish): Promise<void> {
    await askOnce(`to cart ${item.id}`, (header) =>
      api.POST('/api/collections/{id}/products/{itemId}/move-to-cart', { params: { path: { id, itemId: item.id }, header }, body: {} }),
    );
    await Promise.all([refresh(), cart.refresh()]);
  },
};

async function refresh(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: LISTS }),
    queryClient.invalidateQueries({ queryKey: ONE }),
    wishes.refresh(),
  ]);
}

/** What waits for the customer, of each product and variant. */
export const alerts = {
  use: (): readonly Alert[] =>
    useQuery({
      queryKey: ALERTS,
      queryFn: () => ask(api.GET('/api/collections/alerts', { params: { query: { status: 'waiting', limit: MOST_ALERTS } } })),
    }).data?.items ?? [],
  async start(kind: Alert['kind'], { productId, variantId }: Wish): Promise<void> {
    const body = { kind, productId, ...(variantId !== null && { variantId }) };
    await askOnce(`alert ${kind} ${productId} ${variantId}`, (header) => api.POST('/api/collections/alerts', { params: { header }, body }));
    await queryClient.invalidateQueries({ queryKey: ALERTS });
  },
  async stop(id: string): Promise<void> {
    await ask(api.DELETE('/api/collections/alerts/{id}', { params: { path: { id } } }));
    await queryClient.invalidateQueries({ queryKey: ALERTS });
  },
};
