import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../parts/action.ts';
import { queries } from '../parts/api.ts';
import { conditionWords, couponWords, problemWords } from '../parts/coupon-words.ts';
import { failureIn } from '../parts/failure.ts';
import { Field } from '../parts/field.tsx';
import { rupees } from '../parts/money.ts';
import { Failed, Refused } from '../parts/notices.tsx';
import { session } from '../parts/session.ts';
import { type Cart, cart } from './cart.ts';

/** The one code that a cart can have, and those that anybody may use. */
export function CouponBox({ current }: { current: Cart }) {
  const isGuest = session.use() === undefined;
  const [code, setCode] = useState('');
  const { busy, failure, run, forget } = useAction();
  const put = (wanted: string): Promise<void> =>
    run(async () => {
      await cart.setCoupon(wanted);
      setCode('');
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    put(code);
  };
  if (isGuest) {
    return (
      <p className="quiet">
        <Link to="/sign-in?next=/cart">Sign in</Link>
        <span> to use a coupon.</span>
      </p>
    );
  }
  return (
    <section className="coupon" aria-label="Coupon" aria-busy={busy}>
      {current.couponCode === undefined ? (
        <form onSubmit={submit}>
          <Field
            label="Coupon code"
            value={code}
            change={(value) => {
              setCode(value);
              forget();
            }}
            autoComplete="off"
            autoCapitalize="characters"
            maxLength={40}
          />
          <button type="submit" className="button secondary" disabled={busy} data-testid="apply-coupon">
            {busy ? 'Checking …' : 'Apply'}
          </button>
        </form>
      ) : (
        <p className="applied" data-testid="coupon-applied">
          <span>
            <strong>{current.couponCode}</strong>
            {current.couponProblem === undefined && <span className="off">{` ${savedWords(current)}`}</span>}
          </span>
          <button
            type="button"
            className="plain"
            disabled={busy}
            onClick={() => run(cart.removeCoupon)}
            aria-label={`Remove the coupon ${current.couponCode}`}
          >
            Remove
          </button>
        </p>
      )}
      <p className="note" role="status">
        {current.couponProblem !== undefined && problemWords(current.couponProblem)}
      </p>
      <Refused failure={failure} />
      <Offers chosen={current.couponCode} isBusy={busy} put={put} />
    </section>
  );
}

/** An admin is shown all others too. */
const OFFERED = { limit: 20, active: true, time: 'running' } as const;

const savedWords = ({ discount }: Cart): string => (discount > 0 ? `saves ${rupees(discount)}` : 'is applied');

function Offers({ chosen, isBusy, put }: { chosen: string | undefined; isBusy: boolean; put: (code: string) => Promise<void> }) {
  const { data, error, refetch } = queries.useQuery('get', '/api/coupons', { params: { query: OFFERED } });
  const failure = data === undefined ? failureIn(error) : undefined;
  const offers = data?.items.filter(({ automatic }) => !automatic) ?? [];
  return (
    <details>
      <summary>{data === undefined ? 'Coupons' : `Coupons (${offers.length})`}</summary>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <p role="status">Loading coupons …</p>}
      {data !== undefined && offers.length === 0 && <p className="quiet">There are none right now.</p>}
      <ul className="offers">
        {offers.map((coupon) => (
          <li key={coupon.id}>
            <span>
              <code>{coupon.code}</code>
              <span>{` ${couponWords(coupon)}`}</span>
              <small>{conditionWords(coupon)}</small>
            </span>
            <button
              type="button"
              className="plain"
              disabled={isBusy || coupon.code === chosen}
              onClick={() => put(coupon.code)}
              aria-label={`Use ${coupon.code}`}
            >
              {coupon.code === chosen ? 'In use' : 'Use'}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
