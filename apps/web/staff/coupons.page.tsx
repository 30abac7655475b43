import { useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask, PAGED, queries } from '../parts/api.ts';
import { conditionWords, couponWords } from '../parts/coupon-words.ts';
import { failureIn } from '../parts/failure.ts';
import { rupees } from '../parts/money.ts';
import { Failed, Loading, Refused, ShowMore, SureButton } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { NewCoupon } from './new-coupon.tsx';

type Coupon = Schemas['Coupon'];

export function StaffCouponsPage() {
  const [remark, setRemark] = useState('');
  const list = queries.useInfiniteQuery('get', '/api/coupons', { params: { query: { limit: 50 } } }, PAGED);
  const coupons = list.data?.pages.flatMap(({ items }) => items);
  const failure = coupons === undefined ? failureIn(list.error) : undefined;
  const read = (): void => void list.refetch();
  return (
    <>
      <title>Coupons – Only2U staff</title>
      <div className="page-head">
        <h1>Coupons</h1>
      </div>
      <NewCoupon
        made={(coupon) => {
          read();
          setRemark(`${coupon.code} is made.`);
        }}
      />
      <p role="status">{remark}</p>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {coupons === undefined && failure === undefined && <Loading what="the coupons" />}
      {coupons?.length === 0 && <p className="quiet">There are no coupons yet.</p>}
      <ul>
        {coupons?.map((coupon) => (
          <CouponRow key={coupon.id} coupon={coupon} changed={read} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

function CouponRow({ coupon, changed }: { coupon: Coupon; changed: () => void }) {
  const [isOpen, setIsOpen] = useState(false);
  const { busy, failure, run } = useAction();
  const params = { path: { id: coupon.id } };
  const turn = async (): Promise<void> => {
    await ask(api.PATCH('/api/coupons/{id}', { params, body: { active: !coupon.active } }));
    changed();
  };
  const withdraw = async (): Promise<void> => {
    await ask(api.DELETE('/api/coupons/{id}', { params }));
    changed();
  };
  return (
    <li className="panel coupon-row">
      <p>
        <code>{coupon.code}</code>
        <strong>{` ${couponWords(coupon)}`}</strong>
        <span className="quiet">
          {[
            conditionWords(coupon),
            coupon.automatic && 'applies by itself',
            !coupon.public && 'not shown',
            !coupon.active && 'switched off',
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      <Refused failure={failure} />
      <div className="buttons">
        <button type="button" className="plain" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          Usage
        </button>
        <button type="button" className="plain" disabled={busy} onClick={() => run(turn)}>
          {coupon.active ? 'Switch off' : 'Switch on'}
        </button>
        <SureButton sure="Yes, withdraw it" busy={busy} press={() => run(withdraw)}>
          Withdraw
        </SureButton>
      </div>
      {isOpen && <Usage id={coupon.id} />}
    </li>
  );
}

function Usage({ id }: { id: string }) {
  const list = queries.useInfiniteQuery('get', '/api/coupons/{id}/usage', { params: { path: { id }, query: { limit: 20 } } }, PAGED);
  const first = list.data?.pages[0];
  const failure = first === undefined ? failureIn(list.error) : undefined;
  if (failure !== undefined) return <Failed failure={failure} retry={list.refetch} />;
  if (first === undefined) return <p role="status">Loading its uses …</p>;
  return (
    <div data-testid="coupon-usage">
      <p>{`${first.used} used, ${first.held} held${first.limit === null ? '' : ` of ${first.limit}`}; ${rupees(first.spent)} given.`}</p>
      <ul className="summary">
        {list.data?.pages
          .flatMap(({ items }) => items)
          .map(({ orderId, state, discount, at }) => (
            <li key={orderId}>
              <span>
                <Link to={`/orders/${orderId}`}>{momentOf(at)}</Link>
                <span className="quiet">{` ${state}`}</span>
              </span>
              <span>{rupees(discount)}</span>
            </li>
          ))}
      </ul>
      <ShowMore list={list} />
    </div>
  );
}
