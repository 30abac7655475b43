import { useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { api, ask } from './api.ts';
import { cart } from './cart.ts';
import { AddressText } from './checkout.page.tsx';
import { failureIn } from './failure.ts';
import { rupees } from './money.ts';
import { Failed, Loading, Refused } from './notices.tsx';
import { momentOf, PAYMENT_WORDS, STATUS_WORDS } from './order-words.ts';
import { goToPayment, paymentAnswer, settlePayment } from './payment.ts';
import { useAction, useResource } from './resource.ts';
import { navigate, usePlace } from './router.tsx';

type Order = Schemas['Order'];
const POLL_MS = 2_000;

export function OrderPage({ id }: { id: string }) {
  const { hash } = usePlace();
  const read = () => ask(() => api.GET('/api/orders/{id}', { params: { path: { id } } }));
  const { data: order, failure, reload, replace } = useResource(`order ${id}`, read);
  const [remark, setRemark] = useState('');
  const settled = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer of the payment page is there once, when the page opens.
  useEffect(() => {
    const answer = paymentAnswer(hash);
    if (answer === undefined || settled.current) return;
    settled.current = true;
    navigate(`/orders/${id}`, { replace: true });
    setRemark('Checking your payment …');
    settlePayment(id, answer).then((result) => {
      setRemark(typeof result === 'string' ? result : '');
      if (typeof result !== 'string') replace(result);
    });
  }, []);

  const isPending = order?.status === 'pending_payment';
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks as long as the order waits; each answer is drawn in place of the last.
  useEffect(() => {
    if (!isPending) return;
    let isWanted = true;
    const timer = setInterval(() => {
      if (document.hidden) return;
      // One poll that fails is made good by the next; one that is overtaken by other news is old.
      read().then((order) => isWanted && replace(order), failureIn);
    }, POLL_MS);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [isPending, id]);

  const isConfirmed = order?.status === 'confirmed';
  useEffect(() => {
    if (!isConfirmed) return;
    setRemark('');
    // What was ordered has left the cart.
    cart.load().catch(() => undefined);
  }, [isConfirmed]);

  if (failure !== undefined) return <Failed failure={failure} retry={reload} />;
  if (order === undefined) return <Loading what="your order" />;
  return (
    <>
      <title>{`Order ${order.number} – Only2U`}</title>
      <div className="page-head">
        <h1>Order {order.number}</h1>
        <p className="quiet">{momentOf(order.createdAt)}</p>
      </div>
      <div className="two-columns">
        <div>
          <section className={`panel status ${order.status}`} aria-label="Status">
            <p role="status" data-testid="order-status" data-status={order.status}>
              <strong>{STATUS_WORDS[order.status]}</strong>
              <span>{nextWords(order)}</span>
            </p>
            <p role="status">{remark}</p>
            {isPending && <PayOrCancel order={order} replace={replace} remark={setRemark} />}
          </section>
          <section className="panel" aria-labelledby="items">
            <h2 id="items">Items</h2>
            <ul className="summary">
              {order.items.map((item) => (
                <li key={item.id}>
                  <span>
                    {item.quantity} × {item.name} <span className="quiet">{`${item.color}, ${item.size} · ${item.sku}`}</span>
                    {item.cancelledQuantity > 0 && <span className="note">{item.cancelledQuantity} cancelled</span>}
                  </span>
                  <span>{rupees(item.total)}</span>
                </li>
              ))}
            </ul>
            <OrderTotals order={order} />
          </section>
        </div>
        <div>
          <section className="panel" aria-labelledby="history">
            <h2 id="history">What happened</h2>
            <ol className="timeline">
              {order.timeline.map(({ status, at, note }) => (
                <li key={`${status} ${at}`}>
                  <strong>{STATUS_WORDS[status]}</strong>
                  <span className="quiet">{momentOf(at)}</span>
                  {note !== undefined && <span>{note}</span>}
                </li>
              ))}
            </ol>
          </section>
          <section className="panel" aria-labelledby="to">
            <h2 id="to">Goes to</h2>
            <AddressText address={order.shippingAddress} />
          </section>
        </div>
      </div>
    </>
  );
}

interface PayOrCancelProps {
  readonly order: Order;
  readonly replace: (order: Order) => void;
  readonly remark: (words: string) => void;
}

function PayOrCancel({ order, replace, remark }: PayOrCancelProps) {
  const payment = useAction();
  const cancelling = useAction();
  const [isSure, setIsSure] = useState(false);
  const pay = (): Promise<void> => payment.run(async () => remark((await goToPayment(order.id)) ?? 'Taking you to the payment page …'));
  const cancel = (): Promise<void> =>
    cancelling.run(async () => {
      const body = { reason: 'Cancelled by the customer in the shop' };
      replace(await ask(() => api.POST('/api/orders/{id}/cancel', { params: { path: { id: order.id } }, body })));
    });
  return (
    <>
      <Refused failure={payment.failure ?? cancelling.failure} />
      <div className="buttons">
        <button type="button" className="button large" data-testid="pay" disabled={payment.busy || cancelling.busy} onClick={pay}>
          Pay {rupees(order.total)}
        </button>
        <button
          type="button"
          className={isSure ? 'button secondary' : 'plain'}
          data-testid="cancel-order"
          disabled={payment.busy || cancelling.busy}
          onClick={isSure ? cancel : () => setIsSure(true)}
        >
          {isSure ? 'Yes, cancel it' : 'Cancel order'}
        </button>
        {isSure && (
          <button type="button" className="plain" onClick={() => setIsSure(false)}>
            Keep it
          </button>
        )}
      </div>
    </>
  );
}

function OrderTotals({ order: { subtotal, discount, shippingFee, codFee, total, tax, refundedAmount, paymentStatus } }: { order: Order }) {
  const rows: readonly (readonly [string, number])[] = [
    ['Discount', -discount],
    ['Cash on delivery fee', codFee],
    ['Includes CGST', tax.cgst],
    ['Includes SGST', tax.sgst],
    ['Includes IGST', tax.igst],
    ['Refunded', refundedAmount],
  ];
  const row = ([label, paise]: readonly [string, number], className?: string) => (
    <div key={label} className={className}>
      <dt>{label}</dt>
      <dd>{label === 'Shipping' && paise === 0 ? 'Free' : rupees(paise)}</dd>
    </div>
  );
  const given = rows.filter(([, paise]) => paise !== 0);
  return (
    <dl className="totals rows">
      {row(['Subtotal', subtotal])}
      {given.filter(([, paise]) => paise < 0).map((one) => row(one))}
      {row(['Shipping', shippingFee])}
      {given.filter(([label]) => label.startsWith('Cash')).map((one) => row(one))}
      {row([`Total · ${PAYMENT_WORDS[paymentStatus]}`, total], 'grand')}
      {given.filter(([label]) => /^(Includes|Refunded)/.test(label)).map((one) => row(one, 'quiet'))}
    </dl>
  );
}

function nextWords({ status, paymentStatus }: Order): string {
  if (status === 'pending_payment') return 'We keep everything aside for you for a few minutes.';
  if (status === 'confirmed') return 'Thank you! We are getting it ready for you.';
  if (status === 'expired')
    return 'It was not paid in time, so nothing is kept aside any more. Money that still arrives goes back by itself.';
  if (status === 'cancelled') return paymentStatus === 'unpaid' ? 'Nothing was charged.' : 'Your money is on its way back.';
  return '';
}
