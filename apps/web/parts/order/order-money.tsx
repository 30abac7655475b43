import { useEffect, useRef } from 'react';
import type { Schemas } from '#libs/client/client';
import { queries } from '../api.ts';
import { failureIn } from '../failure.ts';
import { rupees } from '../money.ts';
import { Failed } from '../notices.tsx';
import { momentOf } from './order-words.ts';

type Order = Schemas['Order'];
type Payments = Schemas['OrderPayments'];
type Refund = Payments['refunds'][number];
const POLL_MS = 4_000;

/** What was paid for an order and what went back; it follows refunds that are on their way. */
export function useOrderMoney(order: Order) {
  const params = { path: { orderId: order.id } };
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/api/payments/order/{orderId}',
    { params },
    {
      refetchInterval: ({ state }: { state: { data: Payments | undefined } }) =>
        state.data !== undefined && isMoving(order, state.data) ? POLL_MS : false,
    },
  );
  const news = [order.status, order.paymentStatus, order.refundedAmount, order.amountDue].join();
  const known = useRef(news);
  useEffect(() => {
    if (known.current === news) return;
    known.current = news;
    refetch();
  });
  return { payments: data, failure: data === undefined ? failureIn(error) : undefined, read: () => void refetch() };
}

function isMoving(order: Order, { refunds }: Payments): boolean {
  const isPromised = order.paymentStatus === 'refunded' || order.paymentStatus === 'partially_refunded';
  return refunds.some(({ status }) => status === 'pending') || (isPromised && refunds.length === 0);
}

export function OrderMoney({ order }: { order: Order }) {
  const { payments, failure, read } = useOrderMoney(order);
  return (
    <section className="panel" aria-labelledby="money">
      <h2 id="money">Payment</h2>
      {failure !== undefined && <Failed failure={failure} retry={read} />}
      {payments === undefined && failure === undefined && (
        <p className="quiet" role="status">
          Loading the payments …
        </p>
      )}
      {payments !== undefined && <MoneyLines order={order} payments={payments} />}
    </section>
  );
}

function MoneyLines({ order, payments: { captures, refunds, disputes } }: { order: Order; payments: Payments }) {
  return (
    <>
      {captures.length === 0 && <p className="quiet">{unpaidWords(order)}</p>}
      <ul className="summary money" data-testid="payments">
        {captures.map(({ razorpayPaymentId, amount, method, at }) => (
          <li key={razorpayPaymentId}>
            <span>
              <span>{method === null ? 'Paid ' : `Paid by ${METHOD_WORDS[method] ?? method} `}</span>
              <span className="quiet">{momentOf(at)}</span>
            </span>
            <span>{rupees(amount)}</span>
          </li>
        ))}
        {refunds.map((refund) => (
          <li key={refund.id} data-status={refund.status}>
            <span>
              <span>{`${refundWords(order, refund)} `}</span>
              <span className="quiet">{momentOf(refund.createdAt)}</span>
            </span>
            <span>{rupees(-refund.amount)}</span>
          </li>
        ))}
      </ul>
      {disputes.map(({ id, amount, status }) => (
        <p className="note" key={id}>
          {`The bank ${['won', 'lost', 'closed'].includes(status) ? 'has looked' : 'is looking'} into ${rupees(amount)} (${status}).`}
        </p>
      ))}
      {order.amountDue > 0 && order.paymentMethod === 'cod' && (
        <p>
          <span>The courier collects </span>
          <strong>{`${rupees(order.amountDue)}.`}</strong>
        </p>
      )}
    </>
  );
}

const METHOD_WORDS: Readonly<Record<string, string>> = { upi: 'UPI', card: 'card', netbanking: 'netbanking', cash: 'cash' };

function unpaidWords({ paymentMethod, total }: Order): string {
  if (total === 0) return 'There was nothing to pay.';
  return paymentMethod === 'cod' ? 'Nothing has been collected.' : 'Nothing has been paid.';
}

export function refundWords({ paymentMethod }: Pick<Order, 'paymentMethod'>, { status }: Pick<Refund, 'status'>): string {
  if (status === 'processed') return 'Given back';
  if (status === 'failed') return 'Did not reach you; we look into it';
  return paymentMethod === 'cod' ? 'Will be paid out to you' : 'On its way back to you';
}
