import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { countWords, FIT_WORDS } from '../parts/reviews/review-words.ts';
import { Stars } from '../parts/reviews/stars.tsx';
import '../parts/reviews/reviews.css';
import { Select } from '../parts/select.tsx';
import { ReviewItem } from './review-item.tsx';

type Summary = Schemas['ReviewSummary'];

const SORTS = [
  ['helpful', 'Most helpful'],
  ['newest', 'Newest'],
  ['rating_high', 'Most stars'],
  ['rating_low', 'Fewest stars'],
] as const;
const RATINGS = [['', 'Any'], ...[5, 4, 3, 2, 1].map((stars): [string, string] => [String(stars), `${stars} ★`])] as const;
const A_PAGE = 5;

/** What people say of a product, under it. */
export function Reviews({ productId }: { productId: string }) {
  const [sort, setSort] = useState<(typeof SORTS)[number][0]>('helpful');
  const [rating, setRating] = useState('');
  const [isVerified, setIsVerified] = useState(false);
  const [hasPictures, setHasPictures] = useState(false);
  const query = {
    ...{ sort, limit: A_PAGE },
    ...(rating !== '' && { rating: Number(rating) }),
    ...(isVerified && { verified: true }),
    ...(hasPictures && { withImages: true }),
  };
  const list = queries.useInfiniteQuery(
    'get',
    '/api/reviews/product/{productId}',
    { params: { path: { productId }, query } },
    { ...PAGED, placeholderData: keepPreviousData },
  );
  const items = list.data?.pages.flatMap((page) => page.items);
  const summary = list.data?.pages[0]?.summary;
  const failure = items === undefined ? failureIn(list.error) : undefined;
  return (
    <section className="reviews" id="reviews" aria-labelledby="reviews-title">
      <h2 id="reviews-title">Reviews</h2>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the reviews" />}
      {summary?.count === 0 && (
        <Empty title="No reviews yet">
          <p>Be the first to say how it looks and fits.</p>
        </Empty>
      )}
      {summary !== undefined && summary.count > 0 && <Sums summary={summary} />}
      <p>
        <Link to={`/review/${productId}`} className="button secondary">
          Write a review
        </Link>
      </p>
      {summary !== undefined && summary.count > 0 && (
        <>
          <search className="filter-row">
            <Select
              label="Sorted by"
              value={sort}
              change={(value) => setSort(SORTS.find(([one]) => one === value)?.[0] ?? 'helpful')}
              choices={SORTS}
            />
            <Select label="Stars" value={rating} change={setRating} choices={RATINGS} />
            <Tick label="Bought here" isOn={isVerified} turn={setIsVerified} />
            <Tick label="With pictures" isOn={hasPictures} turn={setHasPictures} />
          </search>
          <ul className="review-list" aria-busy={list.isPlaceholderData}>
            {items?.map((review) => (
              <ReviewItem key={review.id} review={review} />
            ))}
          </ul>
          {items?.length === 0 && <p className="quiet">No review fits. Choose less.</p>}
          <ShowMore list={list} />
        </>
      )}
    </section>
  );
}

const Tick = ({ label, isOn, turn }: { label: string; isOn: boolean; turn: (isOn: boolean) => void }) => (
  <label className="tick">
    <input type="checkbox" checked={isOn} onChange={({ target }) => turn(target.checked)} />
    <span>{label}</span>
  </label>
);

function Sums({ summary: { average, count, histogram, fit } }: { summary: Summary }) {
  const answers = fit.small + fit.true + fit.large;
  return (
    <div className="review-sums">
      <div>
        <p className="average">{average.toFixed(1)}</p>
        <p>
          <Stars rating={average} />
          <span>{` ${countWords(count)}`}</span>
        </p>
      </div>
      <Bars
        title="Stars"
        rows={([5, 4, 3, 2, 1] as const).map((stars) => ({ name: `${stars} ★`, count: histogram[stars] }))}
        total={count}
      />
      {answers > 0 && (
        <div>
          <Bars
            title="How it fits"
            rows={(['small', 'true', 'large'] as const).map((one) => ({ name: FIT_WORDS[one], count: fit[one] }))}
            total={answers}
          />
          {fit.sizes.length > 0 && <FitBySize sizes={fit.sizes} />}
        </div>
      )}
    </div>
  );
}

interface BarsProps {
  readonly title: string;
  readonly rows: readonly { name: string; count: number }[];
  readonly total: number;
}

const Bars = ({ title, rows, total }: BarsProps) => (
  <dl className="bars" aria-label={title}>
    {rows.map(({ name, count }) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>
          <meter min={0} max={total} value={count} aria-label={`${name}: ${count} of ${total}`} />
        </dd>
        <dd>{count}</dd>
      </div>
    ))}
  </dl>
);

const FitBySize = ({ sizes }: { sizes: Summary['fit']['sizes'] }) => (
  <details>
    <summary>By the size that was bought</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Size</th>
          {(['small', 'true', 'large'] as const).map((one) => (
            <th key={one} scope="col">
              {FIT_WORDS[one]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sizes.map(({ size, small, true: fits, large }) => (
          <tr key={size}>
            <th scope="row">{size}</th>
            <td>{small}</td>
            <td>{fits}</td>
            <td>{large}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </details>
);
