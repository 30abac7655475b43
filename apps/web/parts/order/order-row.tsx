import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { rupees } from '../money.ts';
import { orderSum } from './order-sums.ts';
import { momentOf, PAYMENT_WORDS, STATUS_WORDS } from './order-words.ts';

/** One order of a list. */
export const OrderRow = ({ order, to, who }: { order: Schemas['Order']; to: string; who?: string }) => (
  <li>
    <Link to={to} className="panel">
      <span>
        <strong>{order.number}</strong>
        <span className="quiet">{momentOf(order.createdAt)}</span>
      </span>
      <span className="order-items">
        {who !== undefined && <span className="who">{who}</span>}
        <span>{order.items.map(({ quantity, name }) => `${quantity} × ${name}`).join(', ')}</span>
      </span>
      <span>
        <span className={`badge ${order.status}`}>{STATUS_WORDS[order.status]}</span>
        {order.status !== 'pending_payment' && <small>{PAYMENT_WORDS[order.paymentStatus]}</small>}
      </span>
      <OrderSum order={order} />
    </Link>
  </li>
);

/** What it comes to now, beside what it was ordered for. */
function OrderSum({ order }: { order: Schemas['Order'] }) {
  const sum = orderSum(order);
  return (
    <span className="line-total">
      {sum !== order.total && <s className="quiet">{rupees(order.total)}</s>}
      <strong>{rupees(sum)}</strong>
    </span>
  );
}
