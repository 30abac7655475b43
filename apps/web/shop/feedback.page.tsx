import { Link } from 'wouter';
import { MINE, PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import '../parts/feedback/feedback.css';
import { CATEGORY_WORDS, type Feedback, STATUS_WORDS } from '../parts/feedback/feedback-words.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';

const QUERY = { params: { ...MINE, query: { limit: 10 } } };

/** What the customer has sent, newest first. */
export function FeedbackPage() {
  const list = queries.useInfiniteQuery('get', '/api/feedback/user/{userId}', QUERY, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  return (
    <>
      <title>Your feedback – Only2U</title>
      <div className="page-head">
        <h1>Your feedback</h1>
        <Link to="/feedback/new" className="button">
          Tell us something
        </Link>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="your feedback" />}
      {items?.length === 0 && (
        <Empty title="Nothing yet">
          <p>Tell us what is broken, what you miss and what you like. We answer here.</p>
        </Empty>
      )}
      <ul className="feedback" data-testid="feedback">
        {items?.map((one) => (
          <Row key={one.id} one={one} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

const Row = ({ one }: { one: Feedback }) => (
  <li>
    <Link to={`/feedback/${one.id}`} className="panel">
      <strong>{one.subject}</strong>
      <span className="pieces">
        <span className={`badge ${one.status}`}>{STATUS_WORDS[one.status]}</span>
        <span className="quiet">{CATEGORY_WORDS[one.category]}</span>
        <span className="quiet">{momentOf(one.createdAt)}</span>
        {one.replies.length > 0 && <span className="quiet">{one.replies.length === 1 ? '1 reply' : `${one.replies.length} replies`}</span>}
      </span>
    </Link>
  </li>
);
