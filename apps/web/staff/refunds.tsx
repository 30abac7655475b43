import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, askOnce } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { paiseOf, rupees } from '../parts/money.ts';
import { MoneyField } from '../parts/money-field.tsx';
import { Failed, Refused } from '../parts/notices.tsx';
import { useOrderMoney } from '../parts/order/order-money.tsx';
import { momentOf } from '../parts/order/order-words.ts';

type Order = Schemas['Order'];
type Refund = Schemas['Refund'];

const STATE_WORDS: Readonly<Record<Refund['status'], string>> = { pending: 'On its way', processed: 'Given back', failed: 'Failed' };

export function StaffRefunds({ order }: { order: Order }) {
  const { payments, failure, read } = useOrderMoney(order);
  return (
    <section className="panel" aria-labelledby="refunds">
      <h2 id="refunds">Money</h2>
      {failure !== undefined && <Failed failure={failure} retry={read} />}
      {payments === undefined && failure === undefined && <p role="status">Loading the payments …</p>}
      {payments !== undefined && (
        <>
          <p>{`${rupees(payments.captured)} received, ${rupees(payments.refunded)} given back.`}</p>
          {payments.disputes.map(({ id, amount, status }) => (
            <p className="note" key={id}>{`Dispute ${id} over ${rupees(amount)}: ${status}`}</p>
          ))}
          <ul className="refunds" data-testid="refunds">
            {payments.refunds.map((refund) => (
              <RefundRow key={refund.id} refund={refund} isCash={order.paymentMethod === 'cod'} changed={read} />
            ))}
          </ul>
          {payments.refunds.length === 0 && <p className="quiet">There are no refunds.</p>}
          {payments.captured > 0 && <Goodwill order={order} changed={read} />}
        </>
      )}
    </section>
  );
}

function RefundRow({ refund, isCash, changed }: { refund: Refund; isCash: boolean; changed: () => void }) {
  const { busy, failure, run } = useAction();
  const params = { path: { id: refund.id } };
  const settle = async (): Promise<void> => {
    await askOnce(`settle ${refund.id}`, (header) => api.POST('/api/payments/refunds/{id}/settle', { params: { ...params, header } }));
    changed();
  };
  const retry = async (): Promise<void> => {
    await askOnce(`retry ${refund.id}`, (header) => api.POST('/api/payments/refunds/{id}/retry', { params: { ...params, header } }));
    changed();
  };
  return (
    <li data-status={refund.status}>
      <span>
        <strong>{rupees(refund.amount)}</strong>
        <span>{isCash && refund.status === 'pending' ? ' To be paid out' : ` ${STATE_WORDS[refund.status]}`}</span>
        <small>{`${momentOf(refund.createdAt)} ${refund.razorpayRefundId ?? ''}`}</small>
      </span>
      {isCash && refund.status === 'pending' && (
        <button type="button" className="button secondary" disabled={busy} onClick={() => run(settle)} data-testid="settle-refund">
          Paid out
        </button>
      )}
      {refund.status === 'failed' && (
        <button type="button" className="button secondary" disabled={busy} onClick={() => run(retry)} data-testid="retry-refund">
          Send again
        </button>
      )}
      <Refused failure={failure} />
    </li>
  );
}

function Goodwill({ order, changed }: { order: Order; changed: () => void }) {
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const [remark, setRemark] = useState('');
  const { busy, failure, run } = useAction();
  const paise = paiseOf(amount);
  const isUnsent = order.status === 'confirmed' || order.status === 'packed';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (paise === undefined || paise === 0) return;
    run(async () => {
      const body = { orderId: order.id, amount: paise, reason: reason.trim() };
      await askOnce(`goodwill ${JSON.stringify(body)}`, (header) => api.POST('/api/payments/refund', { params: { header }, body }));
      setAmount('');
      setReason('');
      setRemark(`${rupees(paise)} go back to the customer.`);
      changed();
    });
  };
  return (
    <form className="goodwill" onSubmit={submit} aria-busy={busy}>
      <h3>Give money back as goodwill</h3>
      <MoneyField
        label="Amount in ₹"
        value={amount}
        change={setAmount}
        hint={isUnsent ? 'All that was paid cancels the order, as it is not sent yet.' : undefined}
      />
      <Field label="Reason" value={reason} change={setReason} maxLength={500} pattern=".*\S.*" />
      <Refused failure={failure} />
      <p role="status">{remark}</p>
      <button type="submit" className="button secondary" disabled={busy} data-testid="goodwill">
        {busy ? 'One moment …' : paise ? `Give ${rupees(paise)} back` : 'Give back'}
      </button>
    </form>
  );
}
