import type { Schemas } from '#libs/client/client';
import { MINE, PAGED, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { rupees } from '../../parts/money.ts';
import { Failed, Loading, ShowMore } from '../../parts/notices.tsx';
import { momentOf } from '../../parts/order/order-words.ts';

const QUERY = { params: { ...MINE, query: { limit: 10 } } };

/** What the own code has earned, newest first. */
export function Rewards() {
  const list = queries.useInfiniteQuery('get', '/api/referrals/user/{userId}/rewards', QUERY, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const balance = list.data?.pages[0]?.balance ?? 0;
  const failure = items === undefined ? failureIn(list.error) : undefined;
  return (
    <section className="panel" aria-label="Your rewards">
      <h2>Your rewards</h2>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="your rewards" />}
      {items?.length === 0 && <p className="quiet">A reward comes when a friend has kept a first order.</p>}
      {balance < 0 && <p className="note">{`${rupees(-balance)} come off your next rewards: an order that was rewarded went back.`}</p>}
      <ul className="friends" data-testid="rewards">
        {items?.map((one) => (
          <Entry key={one.id} entry={one} />
        ))}
      </ul>
      <ShowMore list={list} />
    </section>
  );
}

const Entry = ({ entry: { kind, amount, coupon, at } }: { entry: Schemas['RewardEntry'] }) => (
  <li>
    <span>
      <strong>{kind === 'reward' ? 'Reward' : 'Taken back, the order went back'}</strong>
      <small>{momentOf(at)}</small>
      {coupon !== undefined && (
        <span>
          <code>{coupon.code}</code>
          <small>{` good until ${momentOf(coupon.endsAt)}`}</small>
        </span>
      )}
    </span>
    <strong>{rupees(amount)}</strong>
  </li>
);
