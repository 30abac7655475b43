import { rupees } from '../parts/money.ts';
import type { Cart } from './cart.ts';

export function Totals({ cart: { items, couponCode, couponProblem, subtotal, discount, shippingFee, total } }: { cart: Cart }) {
  // Several lines, none of which can be had, are no order that is shipped for nothing.
  const isShipped = items.some(({ availability }) => availability !== 'out_of_stock');
  return (
    <dl className="totals" aria-live="polite">
      <dt>Subtotal</dt>
      <dd>{rupees(subtotal)}</dd>
      {discount > 0 && (
        <>
          <dt>{couponCode !== undefined && couponProblem === undefined ? `Discount (${couponCode})` : 'Discount'}</dt>
          <dd>{rupees(-discount)}</dd>
        </>
      )}
      <dt>Shipping</dt>
      <dd>{!isShipped ? '–' : shippingFee === 0 ? 'Free' : rupees(shippingFee)}</dd>
      <dt className="grand">Total</dt>
      <dd className="grand">{rupees(total)}</dd>
    </dl>
  );
}
