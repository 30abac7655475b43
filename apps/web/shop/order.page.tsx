import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { Loading, PageFailed } from '../parts/notices.tsx';
import { OrderChanges, useRemark } from '../parts/order/order-changes.tsx';
import { OrderMoney } from '../parts/order/order-money.tsx';
import { OrderSheet } from '../parts/order/order-sheet.tsx';
import { useOrderSignals } from '../parts/order/order-signals.ts';
import { nextWords } from '../parts/order/order-words.ts';
import { keepOrder, useOrder } from '../parts/order/use-order.ts';
import { cart } from './cart.ts';
import { PayOrCancel } from './order-pay.tsx';
import { OrderReviews } from './order-reviews.tsx';
import { paymentAnswer, settlePayment } from './payment.ts';

type Order = Schemas['Order'];
const TO_ORDERS = { to: '/orders', words: 'Your orders' } as const;
const SECOND_LOOK_MS = 2_500;
const PAYING_MS = 2_000;
const MOVING_MS = 5_000;

/** A socket can be open and silent, behind a proxy for one. */
const LIVE_MS = 20_000;

/** How often an order is looked at: while it is being paid, and until it cannot move any more. */
function pollMs({ status, paymentStatus }: Order, isLive: boolean): number | undefined {
  if (isLive) return LIVE_MS;
  if (status === 'pending_payment') return PAYING_MS;
  const isOver = ['cancelled', 'expired', 'returned', 'returned_to_origin'].includes(status);
  return isOver && paymentStatus === 'unpaid' ? undefined : MOVING_MS;
}

export function OrderPage({ id }: { id: string }) {
  const [, navigate] = useLocation();
  const news = useRef<() => void>(() => undefined);
  const isLive = useOrderSignals(id, () => news.current());
  const { order, failure, read } = useOrder(id, (order) => pollMs(order, isLive));
  news.current = read;
  const [remark, setRemark] = useState('');
  const [changeWords, tellChange] = useRemark();
  const settled = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer of the payment page is there once, when the page opens.
  useEffect(() => {
    const answer = paymentAnswer(location.hash.slice(1));
    if (answer === undefined || settled.current) return;
    settled.current = true;
    navigate(`/orders/${id}`, { replace: true });
    setRemark('Checking your payment …');
    settlePayment(id, answer).then((result) => {
      setRemark(typeof result === 'string' ? result : '');
      if (typeof result !== 'string') keepOrder(result);
    });
  }, []);

  const isPending = order?.status === 'pending_payment';
  const isConfirmed = order?.status === 'confirmed';
  const isDelivered = order?.status === 'delivered' || order?.status === 'return_requested' || order?.status === 'returned';
  useEffect(() => {
    if (!isConfirmed) return undefined;
    setRemark('');
    // What was ordered leaves the cart, at once or, when the cart hears of it a little later, by the second look.
    cart.refresh();
    const timer = setTimeout(cart.refresh, SECOND_LOOK_MS);
    return () => clearTimeout(timer);
  }, [isConfirmed]);

  if (failure !== undefined) return <PageFailed failure={failure} retry={read} what="order" way={TO_ORDERS} />;
  if (order === undefined) return <Loading what="your order" />;
  return (
    <>
      <title>{`Order ${order.number} – Only2U`}</title>
      <OrderSheet
        order={order}
        reader="customer"
        title={`Order ${order.number}`}
        next={nextWords(order)}
        remark={remark || changeWords(order)}
        below={
          <>
            {isDelivered && <OrderReviews order={order} />}
            {!isPending && (
              <>
                <p>
                  <Link to={`/chat/new?orderId=${order.id}`} className="button secondary">
                    Ask about this order
                  </Link>
                </p>
                <p>
                  <Link to={`/feedback/new?orderId=${order.id}`}>Is something wrong? Tell us</Link>
                </p>
              </>
            )}
          </>
        }
        beside={!isPending && <OrderMoney order={order} />}
      >
        {isPending && <PayOrCancel order={order} remark={setRemark} />}
        <OrderChanges order={order} remark={tellChange} />
      </OrderSheet>
    </>
  );
}
