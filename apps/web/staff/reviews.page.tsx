import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import type { paths } from '#libs/client/schema';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import '../parts/reviews/reviews.css';
import { ReviewRow } from './review-row.tsx';

type Query = NonNullable<paths['/api/reviews']['get']['parameters']['query']>;
type Counts = Schemas['ReviewCounts'];

const QUEUES: readonly { name: keyof Counts; words: string; query: Query }[] = [
  { name: 'pending', words: 'Waiting', query: { status: 'pending' } },
  { name: 'reported', words: 'Reported', query: { reported: true } },
  { name: 'approved', words: 'Shown', query: { status: 'approved' } },
  { name: 'hidden', words: 'Hidden', query: { status: 'hidden' } },
];

/** What staff have to look at, and what they looked at. */
export function StaffReviewsPage() {
  const [address] = useSearchParams();
  const queue = QUEUES.find(({ name }) => name === address.get('show')) ?? (QUEUES[0] as (typeof QUEUES)[number]);
  const [remark, setRemark] = useState('');
  const list = queries.useInfiniteQuery('get', '/api/reviews', { params: { query: { ...queue.query, limit: 20 } } }, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const counts = list.data?.pages[0]?.counts;
  const failure = items === undefined ? failureIn(list.error) : undefined;
  const changed = (words: string): void => {
    setRemark(words);
    void list.refetch();
  };
  return (
    <>
      <title>Reviews – Only2U staff</title>
      <div className="page-head">
        <h1>Reviews</h1>
      </div>
      <nav className="review-tabs" aria-label="Reviews by what became of them">
        {QUEUES.map(({ name, words }) => (
          <Link key={name} to={`/reviews?show=${name}`} aria-current={name === queue.name ? 'page' : undefined}>
            {counts === undefined ? words : `${words} ${counts[name]}`}
          </Link>
        ))}
      </nav>
      <p role="status">{remark}</p>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the reviews" />}
      {items?.length === 0 && <Empty title="Nothing here" />}
      <ul className="review-list">
        {items?.map((review) => (
          <ReviewRow key={review.id} review={review} changed={changed} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}
