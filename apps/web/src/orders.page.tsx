import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { api, ask } from './api.ts';
import { rupees } from './money.ts';
import { Empty, Failed, Loading, Refused } from './notices.tsx';
import { momentOf, STATUS_WORDS } from './order-words.ts';
import { useAction, useResource } from './resource.ts';
import { Link } from './router.tsx';

const page = (cursor?: string) =>
  ask(() => api.GET('/api/orders/user/{userId}', { params: { path: { userId: 'me' }, query: { limit: 10, ...(cursor && { cursor }) } } }));

export function OrdersPage() {
  const first = useResource('orders', page);
  const [older, setOlder] = useState<readonly Schemas['OrderPage'][]>([]);
  const action = useAction();
  const pages = first.data === undefined ? [] : [first.data, ...older];
  const orders = pages.flatMap(({ items }) => items);
  const next = pages.at(-1)?.nextCursor;
  return (
    <>
      <title>Your orders – Only2U</title>
      <div className="page-head">
        <h1>Your orders</h1>
      </div>
      {first.failure !== undefined && <Failed failure={first.failure} retry={first.reload} />}
      {first.data === undefined && first.failure === undefined && <Loading what="your orders" />}
      {first.data !== undefined && orders.length === 0 && (
        <Empty title="You have not ordered anything yet">
          <Link to="/" className="button">
            See what is new
          </Link>
        </Empty>
      )}
      <ul className="orders">
        {orders.map(({ id, number, status, total, items, createdAt }) => (
          <li key={id}>
            <Link to={`/orders/${id}`} className="panel">
              <span>
                <strong>{number}</strong>
                <span className="quiet">{momentOf(createdAt)}</span>
              </span>
              <span className="order-items">{items.map(({ quantity, name }) => `${quantity} × ${name}`).join(', ')}</span>
              <span className={`badge ${status}`}>{STATUS_WORDS[status]}</span>
              <strong>{rupees(total)}</strong>
            </Link>
          </li>
        ))}
      </ul>
      {next && (
        <div className="centred">
          <Refused failure={action.failure} />
          <button
            type="button"
            className="button secondary"
            disabled={action.busy}
            onClick={() => action.run(async () => setOlder([...older, await page(next)]))}
          >
            Show more
          </button>
        </div>
      )}
    </>
  );
}
