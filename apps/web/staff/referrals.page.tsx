import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import '../parts/reviews/reviews.css';
import { ReferralFigures } from './referral-figures.tsx';
import { HoldRow } from './referral-hold.tsx';

const QUEUES = [
  ['held', 'Held'],
  ['approved', 'Approved'],
  ['rejected', 'Rejected'],
] as const;
const FIGURES = 'figures';

/** Referrals that somebody has to decide, those that were decided, and what referrals bring. */
export function StaffReferralsPage() {
  const [address] = useSearchParams();
  const show = address.get('show');
  const [status] = QUEUES.find(([name]) => name === show) ?? QUEUES[0];
  const current = show === FIGURES ? FIGURES : status;
  return (
    <>
      <title>Referrals – Only2U staff</title>
      <div className="page-head">
        <h1>Referrals</h1>
      </div>
      <nav className="review-tabs" aria-label="Referrals">
        {[...QUEUES, [FIGURES, 'Figures'] as const].map(([name, words]) => (
          <Link key={name} to={`/referrals?show=${name}`} aria-current={name === current ? 'page' : undefined}>
            {words}
          </Link>
        ))}
      </nav>
      {current === FIGURES ? <ReferralFigures /> : <Holds key={current} status={current} />}
    </>
  );
}

function Holds({ status }: { status: (typeof QUEUES)[number][0] }) {
  const [remark, setRemark] = useState('');
  const list = queries.useInfiniteQuery('get', '/api/referrals/holds', { params: { query: { status, limit: 20 } } }, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  const changed = (words: string): void => {
    setRemark(words);
    void list.refetch();
  };
  return (
    <>
      <p role="status">{remark}</p>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the referrals" />}
      {items?.length === 0 && <Empty title={status === 'held' ? 'Nothing waits for you' : 'Nothing here'} />}
      <ul className="review-list">
        {items?.map((hold) => (
          <HoldRow key={hold.id} hold={hold} changed={changed} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}
