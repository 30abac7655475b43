import type { Schemas } from '#libs/client/client';
import { rupees } from '../money.ts';
import { PAYMENT_WORDS } from './order-words.ts';

type Order = Schemas['Order'];

export const OrderItems = ({ order }: { order: Order }) => (
  <ul className="summary">
    {order.items.map((item) => (
      <li key={item.id}>
        <span>
          <span>{`${item.quantity} × ${item.name} `}</span>
          <span className="quiet">{`${item.color}, ${item.size} · ${item.sku}`}</span>
          {item.discount > 0 && <span className="quiet">{`${rupees(item.discount)} off`}</span>}
          {item.cancelledQuantity > 0 && <span className="note">{`${item.cancelledQuantity} cancelled`}</span>}
          {item.returnedQuantity > 0 && <span className="note">{`${item.returnedQuantity} returned`}</span>}
        </span>
        <span>{rupees(item.total)}</span>
      </li>
    ))}
  </ul>
);

export function OrderTotals({
  order: { subtotal, discount, couponCode, shippingFee, codFee, total, tax, refundedAmount, paymentStatus },
}: {
  order: Order;
}) {
  const rows: readonly (readonly [string, number])[] = [
    [couponCode === undefined ? 'Discount' : `Discount (${couponCode})`, -discount],
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
