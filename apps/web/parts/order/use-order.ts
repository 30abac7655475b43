import type { Schemas } from '#libs/client/client';
import { queries, queryClient } from '../api.ts';
import { failureIn } from '../failure.ts';

type Order = Schemas['Order'];

/** Where an order is kept that was read. */
const initOf = (id: string) => ({ params: { path: { id } } });
const keyOf = (id: string) => queries.queryOptions('get', '/api/orders/{id}', initOf(id)).queryKey;

/** Shows an order as an answer just told it; a reading that is under way is older. */
export async function keepOrder(order: Order): Promise<void> {
  const queryKey = keyOf(order.id);
  await queryClient.cancelQueries({ queryKey });
  queryClient.setQueryData(queryKey, order);
}

/**
 * Reads an order, again and again while somebody looks.
 * @param paceMs how long what was read is good for; undefined when it no longer changes
 */
export function useOrder(id: string, paceMs: (order: Order) => number | undefined) {
  const { data, error, refetch } = queries.useQuery('get', '/api/orders/{id}', initOf(id), {
    refetchInterval: ({ state }: { state: { data: Order | undefined } }) =>
      state.data === undefined ? false : (paceMs(state.data) ?? false),
  });
  // One reading that fails is made good by the next.
  return { order: data, failure: data === undefined ? failureIn(error) : undefined, read: () => void refetch() };
}
