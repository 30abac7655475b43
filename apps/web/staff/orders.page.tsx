import { type FormEvent, useState } from 'react';
import type { paths } from '#libs/client/schema';
import { api, ask } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { beginOf } from '../parts/indian-day.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { OrderRow } from '../parts/order/order-row.tsx';
import { PAYMENT_WORDS, STATUS_WORDS } from '../parts/order/order-words.ts';
import { usePages } from '../parts/pages.ts';
import { Select } from '../parts/select.tsx';

type Query = NonNullable<paths['/api/orders']['get']['parameters']['query']>;

const NOTHING = { q: '', status: '', paymentStatus: '', paymentMethod: '', from: '', to: '' };
type Filters = typeof NOTHING;

const ANY = ['', 'Any'] as const;
const STATUSES = [ANY, ...Object.entries(STATUS_WORDS)];
const PAYMENTS = [ANY, ...Object.entries(PAYMENT_WORDS)];
const METHODS = [ANY, ['razorpay', 'Online'], ['cod', 'Cash on delivery']] as const;

/** What the form says, without the fields that say nothing. */
const queryOf = ({ from, to, ...rest }: Filters): Query => ({
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value.trim() !== '')),
  ...(from !== '' && { from: beginOf(from) }),
  ...(to !== '' && { to: beginOf(to, 1) }),
});

export function StaffOrdersPage() {
  const [filters, setFilters] = useState(NOTHING);
  const [asked, setAsked] = useState(NOTHING);
  const query = queryOf(asked);
  const { first, items, failure, reload, more, action } = usePages(`staff orders ${JSON.stringify(query)}`, (cursor) =>
    ask(() => api.GET('/api/orders', { params: { query: { ...query, limit: 20, ...(cursor && { cursor }) } } })),
  );
  const of = (name: keyof Filters) => ({
    value: filters[name],
    change: (value: string) => setFilters((before) => ({ ...before, [name]: value })),
  });
  const search = (event: FormEvent): void => {
    event.preventDefault();
    // The same question again means to look again.
    if (JSON.stringify(filters) === JSON.stringify(asked)) reload();
    setAsked(filters);
  };
  return (
    <>
      <title>Orders – Only2U staff</title>
      <div className="page-head">
        <h1>Orders</h1>
      </div>
      <search>
        <form className="filter-row" onSubmit={search}>
          <Field label="Number, phone or e-mail" {...of('q')} required={false} minLength={3} maxLength={254} type="search" />
          <Select label="Order" {...of('status')} choices={STATUSES} />
          <Select label="Payment" {...of('paymentStatus')} choices={PAYMENTS} />
          <Select label="Paid by" {...of('paymentMethod')} choices={METHODS} />
          <Field label="From" {...of('from')} required={false} type="date" />
          <Field label="Up to" {...of('to')} required={false} type="date" />
          <button type="submit" className="button" data-testid="search-orders">
            Search
          </button>
        </form>
      </search>
      {failure !== undefined && <Failed failure={failure} retry={reload} />}
      {first === undefined && failure === undefined && <Loading what="the orders" />}
      {first !== undefined && items.length === 0 && <Empty title="No order fits" />}
      <ul className="orders">
        {items.map((order) => (
          <OrderRow
            key={order.id}
            order={order}
            to={`/staff/orders/${order.id}`}
            who={`${order.shippingAddress.name}, ${order.shippingAddress.phone}`}
          />
        ))}
      </ul>
      <ShowMore more={more} busy={action.busy} failure={action.failure} />
    </>
  );
}
