import type { Schemas } from '#libs/client/client';
import { rupees } from '../money.ts';
import { lineSum, orderSum } from './order-sums.ts';
import { leftOf, type OrderItem } from './order-units.ts';
import { PAYMENT_WORDS } from './order-words.ts';

type Order = Schemas['Order'];

export const OrderItems = ({ order }: { order: Order }) => (
  <ul className="summary">
    {order.items.map((item) => (
      <li key={item.id} className={leftOf(item) === 0 ? 'struck' : undefined} data-testid="order-item">
        <span>
          <span className="what">{`${item.quantity} × ${item.name} `}</span>
          <span className="quiet">{`${item.color}, ${item.size} · ${item.sku}`}</span>
          {item.discount > 0 && <span className="quiet">{`${rupees(item.discount)} off`}</span>}
          {item.cancelledQuantity > 0 && <span className="note">{`${item.cancelledQuantity} cancelled`}</span>}
          {item.returnedQuantity > 0 && <span className="note">{`${item.returnedQuantity} returned`}</span>}
        </span>
        <LineSum item={item} />
      </li>
    ))}
  </ul>
);

const LineSum = ({ item }: { item: OrderItem }) => {
  const sum = lineSum(item);
  return (
    <span className="line-total">
      {sum !== item.total && <s className="quiet">{rupees(item.total)}</s>}
      <span>{rupees(sum)}</span>
    </span>
  );
};

type Row = readonly [label: string, paise: number, className?: string];

export function OrderTotals({ order }: { order: Order }) {
  const { subtotal, discount, couponCode, shippingFee, codFee, total, tax, refundedAmount, paymentStatus } = order;
  const sum = orderSum(order);
  const rows: readonly Row[] = [
    ['Subtotal', subtotal],
    [couponCode === undefined ? 'Discount' : `Discount (${couponCode})`, -discount],
    ['Shipping', shippingFee],
    ['Cash on delivery fee', codFee],
    ['Cancelled and returned', sum - total],
    [`Total · ${PAYMENT_WORDS[paymentStatus]}`, sum, 'grand'],
    ['Total as ordered', sum === total ? 0 : total, 'quiet'],
    // As ordered too: the credit notes have the rest.
    ['Includes CGST', tax.cgst, 'quiet'],
    ['Includes SGST', tax.sgst, 'quiet'],
    ['Includes IGST', tax.igst, 'quiet'],
    ['Refunded', refundedAmount, 'quiet'],
  ];
  const isSaid = ([label, paise]: Row): boolean => paise !== 0 || /^(Subtotal|Shipping|Total ·)/.test(label);
  return (
    <dl className="totals rows">
      {rows.filter(isSaid).map(([label, paise, className]) => (
        <div key={label} className={className} data-testid={className === 'grand' ? 'order-total' : undefined}>
          <dt>{label}</dt>
          <dd>{label === 'Shipping' && paise === 0 ? 'Free' : rupees(paise)}</dd>
        </div>
      ))}
    </dl>
  );
}
