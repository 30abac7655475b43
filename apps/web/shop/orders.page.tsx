import { api, ask } from '../parts/api.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { OrderRow } from '../parts/order/order-row.tsx';
import { usePages } from '../parts/pages.ts';
import { Link } from '../parts/router.tsx';

const page = (cursor?: string) =>
  ask(() => api.GET('/api/orders/user/{userId}', { params: { path: { userId: 'me' }, query: { limit: 10, ...(cursor && { cursor }) } } }));

export function OrdersPage() {
  const { first, items: orders, failure, reload, more, action } = usePages('orders', page);
  return (
    <>
      <title>Your orders – Only2U</title>
      <div className="page-head">
        <h1>Your orders</h1>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={reload} />}
      {first === undefined && failure === undefined && <Loading what="your orders" />}
      {first !== undefined && orders.length === 0 && (
        <Empty title="You have not ordered anything yet">
          <Link to="/" className="button">
            See what is new
          </Link>
        </Empty>
      )}
      <ul className="orders">
        {orders.map((order) => (
          <OrderRow key={order.id} order={order} to={`/orders/${order.id}`} />
        ))}
      </ul>
      <ShowMore more={more} busy={action.busy} failure={action.failure} />
    </>
  );
}
