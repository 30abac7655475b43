import { type FormEvent, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { paths } from '#libs/client/schema';
import { PAGED, queries } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { beginOf } from '../parts/indian-day.ts';
import { Empty } from '../parts/notices.tsx';
import { OrderList } from '../parts/order/order-list.tsx';
import { PAYMENT_WORDS, STATUS_WORDS } from '../parts/order/order-words.ts';
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

/** The page's address carries the filters, so that "Back" and a sent link find the same list. */
const filtersIn = (address: URLSearchParams): Filters => ({
  ...NOTHING,
  ...Object.fromEntries(Object.keys(NOTHING).flatMap((name) => (address.has(name) ? [[name, address.get(name) ?? '']] : []))),
});

const addressOf = (filters: Filters): string => {
  const given = new URLSearchParams(Object.entries(filters).filter(([, value]) => value.trim() !== ''));
  return given.size === 0 ? '/' : `/?${given}`;
};

export function StaffOrdersPage() {
  const [address] = useSearchParams();
  // Another address has another form.
  return <Orders key={`${address}`} asked={filtersIn(address)} />;
}

function Orders({ asked }: { asked: Filters }) {
  const [, navigate] = useLocation();
  const [filters, setFilters] = useState(asked);
  const list = queries.useInfiniteQuery('get', '/api/orders', { params: { query: { ...queryOf(asked), limit: 20 } } }, PAGED);
  const of = (name: keyof Filters) => ({
    value: filters[name],
    change: (value: string) => setFilters((before) => ({ ...before, [name]: value })),
  });
  const search = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = addressOf(filters);
    // The same question again means to look again.
    if (wanted === addressOf(asked)) list.refetch();
    else navigate(wanted);
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
      <OrderList
        list={list}
        what="the orders"
        none={<Empty title="No order fits" />}
        who={({ shippingAddress: { name, phone } }) => `${name}, ${phone}`}
      />
    </>
  );
}
