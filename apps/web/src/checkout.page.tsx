import { useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { api, ask, newKey } from './api.ts';
import { Totals } from './cart.page.tsx';
import { type Cart, cart } from './cart.ts';
import { codeOf, type Failure, fieldOf, ShopFailure, wordsFor } from './failure.ts';
import { rupees } from './money.ts';
import { NewAddress } from './new-address.tsx';
import { Empty, Failed, Loading } from './notices.tsx';
import { useAction, useResource } from './resource.ts';
import { Link, navigate } from './router.tsx';

type Address = Schemas['Address'];

export function CheckoutPage() {
  const addresses = useResource('addresses', () => ask(() => api.GET('/api/auth/addresses')));
  const loaded = useResource('cart', cart.load);
  const current = cart.use();
  const failure = addresses.failure ?? (current === undefined ? loaded.failure : undefined);
  if (failure !== undefined) {
    return (
      <Failed
        failure={failure}
        retry={() => {
          addresses.reload();
          loaded.reload();
        }}
      />
    );
  }
  if (addresses.data === undefined || current === undefined) return <Loading what="the checkout" />;
  if (current.items.length === 0) {
    return (
      <Empty title="Your cart is empty">
        <Link to="/orders" className="button">
          Your orders
        </Link>
      </Empty>
    );
  }
  const add = (address: Address): void => addresses.replace({ items: [...(addresses.data?.items ?? []), address] });
  return <Checkout addresses={addresses.data.items} add={add} current={current} />;
}

function Checkout({ addresses, add, current }: { addresses: readonly Address[]; add: (address: Address) => void; current: Cart }) {
  const [addressId, setAddressId] = useState((addresses.find(({ isDefault }) => isDefault) ?? addresses[0])?.id);
  const [isAdding, setIsAdding] = useState(addresses.length === 0);
  const { busy, failure, run } = useAction();
  const attempt = useRef({ body: '', key: '' });

  const place = (): Promise<void> =>
    run(async () => {
      if (addressId === undefined) return;
      const body = { addressId, paymentMethod: 'razorpay', expectedTotal: current.total } as const;
      const said = `${JSON.stringify(body)} ${current.version}`;
      // The same key as long as nobody knows how the last attempt ended: a repeat must not make a second order.
      if (attempt.current.body !== said) attempt.current = { body: said, key: newKey() };
      const header = { 'Idempotency-Key': attempt.current.key };
      try {
        const order = await ask(() => api.POST('/api/orders', { params: { header }, body }));
        navigate(`/orders/${order.id}`, { replace: true });
      } catch (error) {
        const code = error instanceof ShopFailure ? codeOf(error.failure) : undefined;
        if (code !== undefined && code !== 'idempotency_in_flight') {
          // A refusal is kept under its key, so another try needs another.
          attempt.current = { body: '', key: '' };
          await cart.load().catch(() => undefined);
        }
        throw error;
      }
    });

  return (
    <>
      <title>Checkout – Only2U</title>
      <div className="page-head">
        <h1>Checkout</h1>
      </div>
      <div className="two-columns">
        <section className="panel" aria-labelledby="where">
          <h2 id="where">Where should it go?</h2>
          {addresses.map((address) => (
            <label key={address.id} className="address">
              <input type="radio" name="address" checked={addressId === address.id} onChange={() => setAddressId(address.id)} />
              <AddressText address={address} />
            </label>
          ))}
          {isAdding ? (
            <NewAddress
              added={(address) => {
                add(address);
                setAddressId(address.id);
                setIsAdding(false);
              }}
            />
          ) : (
            <button type="button" className="plain" onClick={() => setIsAdding(true)}>
              Add another address
            </button>
          )}
        </section>
        <aside className="panel" aria-label="Your order">
          <ul className="summary">
            {current.items.map(({ id, name, size, color, quantity, lineTotal }) => (
              <li key={id}>
                <span>
                  {quantity} × {name} <span className="quiet">{`${color}, ${size}`}</span>
                </span>
                <span>{rupees(lineTotal)}</span>
              </li>
            ))}
          </ul>
          <Totals cart={current} />
          <PlacingFailure failure={failure} current={current} />
          <button
            type="button"
            className="button large"
            data-testid="place-order"
            disabled={busy || addressId === undefined}
            onClick={place}
          >
            {busy ? 'Placing your order …' : 'Place order'}
          </button>
          <p className="quiet">
            {addressId === undefined ? 'Save an address first.' : 'You pay in the next step, by UPI, card or netbanking.'}
          </p>
        </aside>
      </div>
    </>
  );
}

/** Why no order was made, and what can be done about it. */
function PlacingFailure({ failure, current }: { failure: Failure | undefined; current: Cart }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failure !== undefined) box.current?.scrollIntoView({ block: 'nearest' });
  }, [failure]);
  const orderId = failure && fieldOf(failure, 'orderId');
  const total = failure && fieldOf(failure, 'total');
  const lines = failure && fieldOf(failure, 'lines');
  return (
    <div role="alert" ref={box} className="refused">
      {codeOf(failure) === 'order.total_changed' && typeof total === 'number' ? (
        <p>The total has changed to {rupees(total)} meanwhile. Please look it over and place the order again if you agree.</p>
      ) : codeOf(failure) === 'order.cart_already_ordered' && typeof orderId === 'string' ? (
        <p>
          You have ordered this cart already. <Link to={`/orders/${orderId}`}>See that order</Link>
        </p>
      ) : codeOf(failure) === 'order.out_of_stock' && Array.isArray(lines) ? (
        <>
          <p>Somebody was faster:</p>
          <ul>
            {current.items.flatMap(({ id, variantId, name, size }) =>
              lines
                .filter((line) => line?.variantId === variantId)
                .map((line) => <li key={id}>{`${name}, ${size}: ${line.available > 0 ? `only ${line.available} left` : 'none left'}`}</li>),
            )}
          </ul>
          <Link to="/cart">Change your cart</Link>
        </>
      ) : (
        failure !== undefined && <p>{wordsFor(failure)}</p>
      )}
    </div>
  );
}

export const AddressText = ({ address }: { address: Schemas['PostalAddress'] }) => (
  <span className="address-text">
    <strong>{address.name}</strong>
    <span>{[address.line1, address.line2].filter(Boolean).join(', ')}</span>
    <span>
      {address.city}, {address.state} {address.pincode}
    </span>
    <span className="quiet">{address.phone}</span>
  </span>
);
