import type { ComponentProps, ReactElement } from 'react';
import type { Schemas } from '#libs/client/client';
import { failureIn } from '../failure.ts';
import { Failed, Loading, ShowMore } from '../notices.tsx';
import { OrderRow } from './order-row.tsx';

type Order = Schemas['Order'];

interface OrderListProps {
  readonly list: ComponentProps<typeof ShowMore>['list'] & {
    readonly data: { readonly pages: readonly { readonly items: readonly Order[] }[] } | undefined;
    readonly refetch: () => unknown;
  };
  /** Such as `your orders`. */
  readonly what: string;
  /** In place of a list without orders. */
  readonly none: ReactElement;
  readonly who?: (order: Order) => string;
}

/** Orders page by page, each a link to its own page. */
export function OrderList({ list, what, none, who }: OrderListProps) {
  const orders = list.data?.pages.flatMap(({ items }) => items);
  const failure = orders === undefined ? failureIn(list.error) : undefined;
  return (
    <>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {orders === undefined && failure === undefined && <Loading what={what} />}
      {orders?.length === 0 && none}
      <ul className="orders">
        {orders?.map((order) => (
          <OrderRow key={order.id} order={order} to={`/orders/${order.id}`} {...(who && { who: who(order) })} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}
