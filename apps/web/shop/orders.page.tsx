import { Link } from 'wouter';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { OrderRow } from '../parts/order/order-row.tsx';

const MINE = { params: { path: { userId: 'me' }, query: { limit: 10 } } };

export function OrdersPage() {
  const list = queries.useInfiniteQuery('get', '/api/orders/user/{userId}', MINE, PAGED);
  const orders = list.data?.pages.flatMap(({ items }) => items);
  const failure = orders === undefined ? failureIn(list.error) : undefined;
  return (
    <>
      <title>Your orders – Only2U</title>
      <div className="page-head">
        <h1>Your orders</h1>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {orders === undefined && failure === undefined && <Loading what="your orders" />}
      {orders?.length === 0 && (
        <Empty title="You have not ordered anything yet">
          <Link to="/" className="button">
            See what is new
          </Link>
        </Empty>
      )}
      <ul className="orders">
        {orders?.map((order) => (
          <OrderRow key={order.id} order={order} to={`/orders/${order.id}`} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}
