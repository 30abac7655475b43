import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { api, ask } from '../parts/api.ts';
import { conditionWords, couponWords } from '../parts/coupon-words.ts';
import { rupees } from '../parts/money.ts';
import { Failed, Loading, Refused, ShowMore, SureButton } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { usePages } from '../parts/pages.ts';
import { useAction } from '../parts/resource.ts';
import { Link } from '../parts/router.tsx';
import { madeCoupons } from './made-coupons.ts';
import { NewCoupon } from './new-coupon.tsx';

type Coupon = Schemas['Coupon'];

export function StaffCouponsPage() {
  const made = madeCoupons.use();
  const [remark, setRemark] = useState('');
  const live = usePages('staff coupons', (cursor) =>
    ask(() => api.GET('/api/coupons', { params: { query: { limit: 50, ...(cursor && { cursor }) } } })),
  );
  const others = live.items.filter(({ id }) => !made.some((one) => one.id === id));
  return (
    <>
      <title>Coupons – Only2U staff</title>
      <div className="page-head">
        <h1>Coupons</h1>
      </div>
      <NewCoupon
        made={(coupon) => {
          madeCoupons.put(coupon);
          setRemark(`${coupon.code} is made.`);
        }}
      />
      <p role="status">{remark}</p>
      {live.failure !== undefined && <Failed failure={live.failure} retry={live.reload} />}
      {live.first === undefined && live.failure === undefined && <Loading what="the coupons" />}
      {live.first !== undefined && others.length + made.length === 0 && <p className="quiet">There are no coupons yet.</p>}
      <ul>
        {[...made, ...others].map((coupon) => (
          <CouponRow key={coupon.id} coupon={coupon} withdrawn={live.reload} />
        ))}
      </ul>
      <ShowMore more={live.more} busy={live.action.busy} failure={live.action.failure} />
    </>
  );
}

function CouponRow({ coupon, withdrawn }: { coupon: Coupon; withdrawn: () => void }) {
  const [isOpen, setIsOpen] = useState(false);
  const { busy, failure, run } = useAction();
  const params = { path: { id: coupon.id } };
  const turn = async (): Promise<void> => {
    madeCoupons.put(await ask(() => api.PATCH('/api/coupons/{id}', { params, body: { active: !coupon.active } })));
  };
  const withdraw = async (): Promise<void> => {
    await ask(() => api.DELETE('/api/coupons/{id}', { params }));
    madeCoupons.drop(coupon.id);
    withdrawn();
  };
  return (
    <li className="panel coupon-row">
      <p>
        <code>{coupon.code}</code> <strong>{couponWords(coupon)}</strong>
        <span className="quiet">
          {conditionWords(coupon)}
          {coupon.automatic && ' · applies by itself'}
          {!coupon.public && ' · not shown'}
          {!coupon.active && ' · switched off'}
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
  const { first, items, failure, reload, more, action } = usePages(`usage ${id}`, (cursor) =>
    ask(() => api.GET('/api/coupons/{id}/usage', { params: { path: { id }, query: { limit: 20, ...(cursor && { cursor }) } } })),
  );
  if (failure !== undefined) return <Failed failure={failure} retry={reload} />;
  if (first === undefined) return <p role="status">Loading its uses …</p>;
  return (
    <div data-testid="coupon-usage">
      <p>
        {first.used} used, {first.held} held{first.limit !== null && ` of ${first.limit}`}; {rupees(first.spent)} given.
      </p>
      <ul className="summary">
        {items.map(({ orderId, state, discount, at }) => (
          <li key={orderId}>
            <span>
              <Link to={`/staff/orders/${orderId}`}>{momentOf(at)}</Link> <span className="quiet">{state}</span>
            </span>
            <span>{rupees(discount)}</span>
          </li>
        ))}
      </ul>
      <ShowMore more={more} busy={action.busy} failure={action.failure} />
    </div>
  );
}
