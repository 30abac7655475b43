import { Link } from 'wouter';
import { PAGED, queries } from '../parts/api.ts';
import { Empty } from '../parts/notices.tsx';
import { OrderList } from '../parts/order/order-list.tsx';

const MINE = { params: { path: { userId: 'me' }, query: { limit: 10 } } };

export function OrdersPage() {
  const list = queries.useInfiniteQuery('get', '/api/orders/user/{userId}', MINE, PAGED);
  return (
    <>
      <title>Your orders – Only2U</title>
      <div className="page-head">
        <h1>Your orders</h1>
      </div>
      <OrderList
        list={list}
        what="your orders"
        none={
          <Empty title="You have not ordered anything yet">
            <Link to="/" className="button">
              See what is new
            </Link>
          </Empty>
        }
      />
    </>
  );
}
