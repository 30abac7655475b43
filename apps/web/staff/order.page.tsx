import { Link } from 'wouter';
import { rupees } from '../parts/money.ts';
import { Loading, PageFailed } from '../parts/notices.tsx';
import { OrderChanges, useRemark } from '../parts/order/order-changes.tsx';
import { openReturn } from '../parts/order/order-returns.tsx';
import { OrderSheet } from '../parts/order/order-sheet.tsx';
import { useOrder } from '../parts/order/use-order.ts';
import { ReceiveReturn } from './receive-return.tsx';
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
  const open = order.status === 'return_requested' ? openReturn(order) : undefined;
  return (
    <>
      <title>{`${order.number} – Only2U staff`}</title>
      <p className="crumbs back">
        <Link to="/">All orders</Link>
      </p>
      <OrderSheet
        order={order}
        reader="staff"
        title={order.number}
        remark={changeWords(order)}
        first={
          order.paymentMethod === 'cod' &&
          order.amountDue > 0 && (
            <p className="panel collect" data-testid="collect">
              {`Collect ${rupees(order.amountDue)}`}
            </p>
          )
        }
        below={<StaffRefunds order={order} />}
      >
        {open === undefined ? <StaffSteps key={order.status} order={order} /> : <ReceiveReturn key={open.id} order={order} open={open} />}
        {isCancellable && <OrderChanges order={order} remark={tellChange} />}
      </OrderSheet>
    </>
  );
}
