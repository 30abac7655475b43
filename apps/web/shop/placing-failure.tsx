import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useAction } from '../parts/action.ts';
import { codeOf, type Failure, fieldOf, wordsFor } from '../parts/failure.ts';
import { rupees } from '../parts/money.ts';
import { Refused } from '../parts/notices.tsx';
import { type Cart, cart } from './cart.ts';

interface PlacingFailureProps {
  readonly failure: Failure | undefined;
  readonly current: Cart;
  readonly busy: boolean;
  /** Orders for this total instead, in paise. */
  readonly agree: (total: number) => void;
  /** What was in the way is gone. */
  readonly cleared: () => void;
}

/** The total that a refused order would have now, in paise. */
export function changedTotal(failure: Failure | undefined): number | undefined {
  const total = failure && codeOf(failure) === 'order.total_changed' ? fieldOf(failure, 'total') : undefined;
  return typeof total === 'number' ? total : undefined;
}

/** Why no order was made, and what can be done about it. */
export function PlacingFailure({ failure, ...rest }: PlacingFailureProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed may be gone. Its successor must be chosen, and not get the rest of a long key press.
    if (failure !== undefined) box.current?.focus();
  }, [failure]);
  return (
    <div role="alert" ref={box} tabIndex={-1} className="refused">
      {failure !== undefined && <Reason failure={failure} {...rest} />}
    </div>
  );
}

function Reason({ failure, current, busy, agree, cleared }: PlacingFailureProps & { failure: Failure }) {
  const total = changedTotal(failure);
  if (total !== undefined) return <NewTotal total={total} current={current} busy={busy} agree={agree} />;
  const code = codeOf(failure);
  const orderId = fieldOf(failure, 'orderId');
  if (code === 'order.cart_already_ordered' && typeof orderId === 'string') {
    return (
      <p>
        <span>You have ordered this cart already. </span>
        <Link to={`/orders/${orderId}`}>See that order</Link>
      </p>
    );
  }
  const lines = fieldOf(failure, 'lines');
  if (code === 'order.out_of_stock' && Array.isArray(lines)) return <Shortages lines={lines} current={current} />;
  if (code === 'coupon.not_applicable') return <CouponRefused failure={failure} busy={busy} cleared={cleared} />;
  return <p>{wordsFor(failure)}</p>;
}

function NewTotal({ total, current, busy, agree }: { total: number } & Pick<PlacingFailureProps, 'current' | 'busy' | 'agree'>) {
  // Read again since, the cart agrees with the order but for the fee, which only the order knows.
  const fee = total - current.total;
  return (
    <>
      <p>
        {`The total is ${rupees(total)} now${fee > 0 ? `, ${rupees(fee)} more than your cart: it has fees for this way to pay` : ''}. Nothing has been ordered yet.`}
      </p>
      <button type="button" className="button large" data-testid="confirm-total" disabled={busy} onClick={() => agree(total)}>
        {busy ? 'Placing your order …' : `Order for ${rupees(total)}`}
      </button>
    </>
  );
}

interface ShortLine {
  readonly variantId?: string;
  readonly available?: number;
}

function Shortages({ lines, current }: { lines: readonly (ShortLine | null)[]; current: Cart }) {
  return (
    <>
      <p>Somebody was faster:</p>
      <ul>
        {lines.map((line, index) => {
          const item = current.items.find(({ variantId }) => variantId === line?.variantId);
          const left = line?.available ?? 0;
          const name = item === undefined ? 'Something in your cart' : `${item.name}, ${item.color}, ${item.size}`;
          return <li key={line?.variantId ?? index}>{`${name}: ${left > 0 ? `only ${left} left` : 'none left'}`}</li>;
        })}
      </ul>
      <Link to="/cart">Change your cart</Link>
    </>
  );
}

function CouponRefused({ failure, busy, cleared }: { failure: Failure } & Pick<PlacingFailureProps, 'busy' | 'cleared'>) {
  const removing = useAction();
  const remove = async (): Promise<void> => {
    await cart.removeCoupon();
    cleared();
  };
  return (
    <>
      <p>{`${wordsFor(failure)} Pay in another way, or order without it.`}</p>
      <Refused failure={removing.failure} />
      <button type="button" className="button secondary" disabled={busy || removing.busy} onClick={() => removing.run(remove)}>
        Remove the coupon
      </button>
    </>
  );
}
