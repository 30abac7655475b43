import { Link } from 'wouter';
import { queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Loading, PageFailed } from '../parts/notices.tsx';
import { ReviewText } from '../parts/reviews/review-text.tsx';
import '../parts/reviews/reviews.css';
import { TO_THE_SHOP } from './base.ts';

const STATUS_WORDS = {
  approved: 'It is published. Thank you!',
  pending: 'We look at it before it is published.',
  hidden: 'It is not shown. You can change it; then we look at it again.',
};

/** An own review as it stands. */
export function OwnReviewPage({ id }: { id: string }) {
  const { data, error, refetch } = queries.useQuery('get', '/api/reviews/{id}', { params: { path: { id } } });
  const failure = failureIn(error);
  if (failure !== undefined) return <PageFailed failure={failure} retry={refetch} what="review" way={TO_THE_SHOP} />;
  if (data === undefined) return <Loading what="your review" />;
  return (
    <>
      <title>Your review – Only2U</title>
      <div className="page-head">
        <h1>Your review</h1>
      </div>
      <p role="status" data-testid="review-status" data-status={data.status}>
        {STATUS_WORDS[data.status]}
      </p>
      <ul className="review-list panel">
        <li>
          <ReviewText review={data} />
        </li>
      </ul>
      <div className="buttons">
        <Link to={`/p/${data.productId}`} className="button">
          To the product
        </Link>
        <Link to={`/review/${data.productId}`} className="button secondary">
          Change it
        </Link>
      </div>
    </>
  );
}
