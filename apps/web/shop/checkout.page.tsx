import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { STATE_NAMES } from '#libs/places/states';
import { useAction } from '../parts/action.ts';
import { AddressText } from '../parts/address-text.tsx';
import { api, askOnce, queries, queryClient } from '../parts/api.ts';
import { problemWords } from '../parts/coupon-words.ts';
import { failureIn, ShopFailure } from '../parts/failure.ts';
import { rupees } from '../parts/money.ts';
import { Empty, Failed, Loading } from '../parts/notices.tsx';
import { AddressForm, useStatesOf } from './address-form.tsx';
import { type Cart, cart } from './cart.ts';
import { Totals } from './cart-totals.tsx';
import { changedTotal, PlacingFailure } from './placing-failure.tsx';

type Address = Schemas['Address'];

export function CheckoutPage() {
  const addresses = queries.useQuery('get', '/api/auth/addresses');
  const { current, failure: cartFailure, read } = cart.use();
  const failure = (addresses.data === undefined ? failureIn(addresses.error) : undefined) ?? cartFailure;
  if (failure !== undefined) {
    return (
      <Failed
        failure={failure}
        retry={() => {
          addresses.refetch();
          read();
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
  const keep = (address: Address): void => {
    const { queryKey } = queries.queryOptions('get', '/api/auth/addresses');
    const others = (addresses.data?.items ?? []).filter(({ id }) => id !== address.id);
    queryClient.setQueryData(queryKey, { items: [...others, address] });
  };
  return <Checkout addresses={addresses.data.items} keep={keep} current={current} />;
}

type Method = Schemas['Order']['paymentMethod'];
const METHODS: readonly { readonly method: Method; readonly name: string; readonly about: string }[] = [
  { method: 'razorpay', name: 'Pay online', about: 'By UPI, card or netbanking, in the next step.' },
  { method: 'cod', name: 'Cash on delivery', about: 'The courier collects it. Should there be a fee, you see it before you order.' },
];

interface CheckoutProps {
  readonly addresses: readonly Address[];
  readonly keep: (address: Address) => void;
  readonly current: Cart;
}

function Checkout({ addresses, keep, current }: CheckoutProps) {
  const [addressId, setAddressId] = useState((addresses.find(({ isDefault }) => isDefault) ?? addresses[0])?.id);
  const [isAdding, setIsAdding] = useState(addresses.length === 0);
  const [method, setMethod] = useState<Method>('razorpay');
  const { busy, failure, run, forget } = useAction();
  const [, navigate] = useLocation();
  const chosen = addresses.find(({ id }) => id === addressId);
  const possible = useStatesOf(chosen?.pincode ?? '');
  // Kept before states and PIN codes were checked; guessed, it would be taxed as another state.
  const isUnreadable = chosen !== undefined && !(possible ?? STATE_NAMES).includes(chosen.state);
  const isReady = chosen !== undefined && !isUnreadable;

  const place = (expectedTotal: number): Promise<void> =>
    run(async () => {
      if (addressId === undefined) return;
      const body = { addressId, paymentMethod: method, expectedTotal };
      try {
        // The version is part of it: the same words about another cart are another order.
        const order = await askOnce(`order ${JSON.stringify(body)} ${current.version}`, (header) =>
          api.POST('/api/orders', { params: { header }, body }),
        );
        navigate(`/orders/${order.id}`, { replace: true });
      } catch (error) {
        if (error instanceof ShopFailure && error.failure.kind === 'refused') await cart.refresh();
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
          {chosen !== undefined && isUnreadable && (
            <div data-testid="unreadable-address">
              <p className="refused" role="alert">
                {`We cannot tell where this address is: ${chosen.state} ${chosen.pincode}. Please look at it again.`}
              </p>
              <AddressForm key={chosen.id} old={chosen} saved={keep} />
            </div>
          )}
          {isAdding ? (
            <AddressForm
              saved={(address) => {
                keep(address);
                setAddressId(address.id);
                setIsAdding(false);
              }}
            />
          ) : (
            <button type="button" className="plain" onClick={() => setIsAdding(true)}>
              Add another address
            </button>
          )}
          <fieldset className="ways">
            <legend>How would you like to pay?</legend>
            {METHODS.map(({ method: value, name, about }) => (
              <label key={value} className="address">
                <input
                  type="radio"
                  name="method"
                  checked={method === value}
                  disabled={busy}
                  data-testid={`pay-by-${value}`}
                  onChange={() => {
                    setMethod(value);
                    forget();
                  }}
                />
                <span className="address-text">
                  <strong>{name}</strong>
                  <span className="quiet">{about}</span>
                </span>
              </label>
            ))}
          </fieldset>
        </section>
        <aside className="panel" aria-label="Your order">
          <ul className="summary">
            {current.items.map(({ id, name, size, color, quantity, lineTotal }) => (
              <li key={id}>
                <span>
                  <span>{`${quantity} × ${name} `}</span>
                  <span className="quiet">{`${color}, ${size}`}</span>
                </span>
                <span>{rupees(lineTotal)}</span>
              </li>
            ))}
          </ul>
          <Totals cart={current} />
          {current.couponProblem !== undefined && <p className="note">{problemWords(current.couponProblem)}</p>}
          <PlacingFailure failure={failure} current={current} busy={busy || !isReady} agree={place} cleared={forget} />
          {changedTotal(failure) === undefined && (
            <button
              type="button"
              className="button large"
              data-testid="place-order"
              disabled={busy || !isReady}
              onClick={() => place(current.total)}
            >
              {busy ? 'Placing your order …' : 'Place order'}
            </button>
          )}
          <p className="quiet">{isReady ? placedWords(method) : 'Save an address first.'}</p>
        </aside>
      </div>
    </>
  );
}

const placedWords = (method: Method): string =>
  method === 'cod' ? 'You pay when it is brought to you.' : 'You pay in the next step, by UPI, card or netbanking.';
