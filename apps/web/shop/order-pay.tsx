import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, askOnce } from '../parts/api.ts';
import { rupees } from '../parts/money.ts';
import { Refused } from '../parts/notices.tsx';
import { keepOrder } from '../parts/order/use-order.ts';
import { goToPayment } from './payment.ts';

type Order = Schemas['Order'];

interface PayOrCancelProps {
  readonly order: Order;
  readonly remark: (words: string) => void;
}

/** For an order that waits for its payment. */
export function PayOrCancel({ order, remark }: PayOrCancelProps) {
  const payment = useAction();
  const cancelling = useAction();
  const [isSure, setIsSure] = useState(false);
  const pay = (): Promise<void> => payment.run(async () => remark((await goToPayment(order.id)) ?? 'Taking you to the payment page …'));
  const cancel = (): Promise<void> =>
    cancelling.run(async () => {
      const body = { reason: 'Cancelled by the customer in the shop' };
      await keepOrder(
        await askOnce(`cancel ${order.id}`, (header) =>
          api.POST('/api/orders/{id}/cancel', { params: { path: { id: order.id }, header }, body }),
        ),
      );
    });
  return (
    <>
      <Refused failure={payment.failure ?? cancelling.failure} />
      <div className="buttons">
        <button type="button" className="button large" data-testid="pay" disabled={payment.busy || cancelling.busy} onClick={pay}>
          {`Pay ${rupees(order.total)}`}
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
