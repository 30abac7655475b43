import { Link } from 'wouter';
import { AddressText } from '../parts/address-text.tsx';
import { rupees } from '../parts/money.ts';
import { Loading, PageFailed } from '../parts/notices.tsx';
import { OrderChanges, useRemark } from '../parts/order/order-changes.tsx';
import { OrderPapers } from '../parts/order/order-papers.tsx';
import { OrderReturns } from '../parts/order/order-returns.tsx';
import { OrderItems, OrderTotals } from '../parts/order/order-summary.tsx';
import { momentOf, STATUS_WORDS } from '../parts/order/order-words.ts';
import { Timeline } from '../parts/order/timeline.tsx';
import { useOrder } from '../parts/order/use-order.ts';
import { StaffRefunds } from './refunds.tsx';
import { StaffSteps } from './steps.tsx';

const TO_ORDERS = { to: '/', words: 'All orders' } as const;
const POLL_MS = 5_000;

export function StaffOrderPage({ id }: { id: string }) {
  const { order, failure, read } = useOrder(id, () => POLL_MS);
  const [changeWords, tellChange] = useRemark();
  if (failure !== undefined) return <PageFailed failure={failure} retry={read} what="order" way={TO_ORDERS} />;
  if (order === undefined) return <Loading what="the order" />;
  const isCancellable = order.status === 'confirmed' || order.status === 'packed';
  return (
    <>
      <title>{`${order.number} – Only2U staff`}</title>
      <p className="crumbs back">
        <Link to="/">All orders</Link>
      </p>
      <div className="page-head">
        <h1>{order.number}</h1>
        <p className="quiet">{momentOf(order.createdAt)}</p>
      </div>
      <div className="two-columns">
        <div>
          {order.paymentMethod === 'cod' && order.amountDue > 0 && (
            <p className="panel collect" data-testid="collect">
              {`Collect ${rupees(order.amountDue)}`}
            </p>
          )}
          <section className={`panel status ${order.status}`} aria-label="Status">
            <p role="status" data-testid="order-status" data-status={order.status}>
              <strong>{STATUS_WORDS[order.status]}</strong>
            </p>
            <p role="status">{changeWords(order)}</p>
            <StaffSteps key={order.status} order={order} />
            {isCancellable && <OrderChanges order={order} remark={tellChange} />}
          </section>
          <section className="panel" aria-labelledby="items">
            <h2 id="items">Items</h2>
            <OrderItems order={order} />
            <OrderTotals order={order} />
          </section>
          <OrderReturns order={order} />
          <StaffRefunds order={order} />
        </div>
        <div>
          <section className="panel" aria-labelledby="history">
            <h2 id="history">What happened</h2>
            <Timeline order={order} reader="staff" />
          </section>
          <OrderPapers order={order} />
          <section className="panel" aria-labelledby="to">
            <h2 id="to">Goes to</h2>
            <AddressText address={order.shippingAddress} />
          </section>
        </div>
      </div>
    </>
  );
}
