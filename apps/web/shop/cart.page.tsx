import { Link } from 'wouter';
import { useAction } from '../parts/action.ts';
import { wordsFor } from '../parts/failure.ts';
import { rupees } from '../parts/money.ts';
import { Empty, Failed, Loading, Refused } from '../parts/notices.tsx';
import { type Cart, cart } from './cart.ts';
import { Totals } from './cart-totals.tsx';
import { CouponBox } from './coupon-box.tsx';

type Line = Cart['items'][number];

export function CartPage() {
  const { current, failure, read } = cart.use();
  const leftBehind = cart.useLeftBehind();
  const action = useAction();
  if (current === undefined) return failure === undefined ? <Loading what="your cart" /> : <Failed failure={failure} retry={read} />;
  const change = (line: Line, quantity: number): Promise<void> => action.run(() => cart.setQuantity(line.id, quantity));
  const missing = current.items.some(({ availability }) => availability === 'out_of_stock');
  return (
    <>
      <title>Cart – Only2U</title>
      <div className="page-head">
        <h1>Your cart</h1>
      </div>
      {leftBehind !== undefined && (
        <div className="panel" role="alert">
          <p>{`What you picked before you signed in is not in here yet. ${wordsFor(leftBehind)}`}</p>
          <button type="button" className="button secondary" disabled={action.busy} onClick={() => action.run(cart.refresh)}>
            Try again
          </button>
        </div>
      )}
      {current.items.length === 0 ? (
        <Empty title="Your cart is empty">
          <Link to="/" className="button">
            See what is new
          </Link>
        </Empty>
      ) : (
        <div className="two-columns">
          <div>
            <ul className="lines" aria-busy={action.busy}>
              {current.items.map((line) => (
                <CartLine key={line.id} line={line} isBusy={action.busy} change={change} />
              ))}
            </ul>
            <Refused failure={action.failure} />
          </div>
          <aside className="panel" aria-label="Total">
            <CouponBox current={current} />
            <Totals cart={current} />
            {missing ? (
              <p className="refused">Something in your cart is not available. Take it out, or fewer of it, to go on.</p>
            ) : (
              <Link to="/checkout" className="button large" data-testid="checkout">
                Checkout
              </Link>
            )}
          </aside>
        </div>
      )}
    </>
  );
}

function CartLine({ line, isBusy, change }: { line: Line; isBusy: boolean; change: (line: Line, quantity: number) => Promise<void> }) {
  const isGone = line.availability === 'out_of_stock';
  const name = `${line.name}, ${line.size}, ${line.color}`;
  return (
    <li className={isGone ? 'line gone' : 'line'}>
      <Link to={`/p/${line.productId}`} className="picture" tabIndex={-1} aria-hidden="true">
        {line.image !== null && <img src={line.image} alt="" width="90" height="120" />}
      </Link>
      <div className="line-text">
        <Link to={`/p/${line.productId}`}>{line.name}</Link>
        <p className="quiet">{`${line.color} · ${line.size} · ${rupees(line.unitPrice)} each`}</p>
        {isGone && <p className="mark">Not available in this quantity; it does not count</p>}
        {line.availability === 'low_stock' && <p className="note">Only a few left</p>}
        {line.changes?.includes('price') && <p className="note">The price has changed since you added it</p>}
        {line.changes?.includes('availability') && !isGone && <p className="note">Available again</p>}
        <div className="stepper">
          <button type="button" aria-label={`One less: ${name}`} disabled={isBusy} onClick={() => change(line, line.quantity - 1)}>
            −
          </button>
          <span>
            <span className="unseen">Quantity </span>
            <span>{line.quantity}</span>
          </span>
          <button
            type="button"
            aria-label={`One more: ${name}`}
            disabled={isBusy || line.quantity >= 20}
            onClick={() => change(line, line.quantity + 1)}
          >
            +
          </button>
          <button type="button" className="plain" aria-label={`Remove: ${name}`} disabled={isBusy} onClick={() => change(line, 0)}>
            Remove
          </button>
        </div>
      </div>
      <span className="line-total">
        {!isGone && line.discount > 0 && <s className="quiet">{rupees(line.unitPrice * line.quantity)}</s>}
        <strong>{isGone ? '–' : rupees(line.lineTotal)}</strong>
      </span>
    </li>
  );
}
