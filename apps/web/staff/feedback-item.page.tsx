import { Link } from 'wouter';
import { queries, queryClient } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { people, type StaffFeedback } from '../parts/feedback/feedback-words.ts';
import { FeedbackItemFrame } from '../parts/feedback/item-frame.tsx';
import { Moves, Talk } from '../parts/feedback/talk.tsx';
import { Loading, PageFailed } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { FeedbackAnswer, FeedbackNotes } from './feedback-answer.tsx';
import { FeedbackMerging, FeedbackSorting } from './feedback-sorting.tsx';

const TO_QUEUE = { to: '/feedback', words: 'All feedback' } as const;
const POLL_MS = 10_000;
const initOf = (id: string) => ({ params: { path: { id } } });

/** The staff get all of it. */
const isWhole = (one: object): one is StaffFeedback => 'priority' in one && 'context' in one;

export function StaffFeedbackItemPage({ id }: { id: string }) {
  const { data, error, refetch } = queries.useQuery('get', '/api/feedback/{id}', initOf(id), { refetchInterval: POLL_MS });
  const failure = data === undefined ? failureIn(error) : undefined;
  if (failure !== undefined) return <PageFailed failure={failure} retry={() => void refetch()} what="feedback" way={TO_QUEUE} />;
  if (data === undefined || !isWhole(data)) return <Loading what="the feedback" />;
  const read = async (): Promise<void> => {
    await refetch();
    await queryClient.invalidateQueries({ queryKey: ['get', '/api/feedback/admin'] });
  };
  return (
    <FeedbackItemFrame
      feedback={data}
      title={`${data.subject} – Only2U staff`}
      heading={data.userId === null ? 'Erased by its author' : data.subject}
      back={TO_QUEUE}
      message="Message"
      beside={
        <aside>
          <FeedbackSorting key={data.updatedAt} feedback={data} read={read} />
          <section className="panel" aria-label="What is known">
            <h2>What is known</h2>
            <Known feedback={data} />
          </section>
          <section className="panel" aria-label="How far it is">
            <h2>How far it is</h2>
            <Moves feedback={data} />
          </section>
          <FeedbackMerging feedback={data} read={read} />
        </aside>
      }
    >
      <section aria-label="Replies">
        <h2>Replies</h2>
        <Talk feedback={data} author="The author" />
        <FeedbackAnswer key={data.status} feedback={data} read={read} />
      </section>
      <FeedbackNotes feedback={data} read={read} />
    </FeedbackItemFrame>
  );
}

function Known({ feedback }: { feedback: StaffFeedback }) {
  const { context, orderId, productId, appVersion, votes, dueAt, firstResponseAt, overdue, escalatedAt, holds } = feedback;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Order', context.orderStatus === undefined ? undefined : `was ${context.orderStatus}`],
    ['Product', context.productName ?? productId],
    ['App', appVersion],
    ['Browser', context.userAgent],
    ['It matters to', people(votes)],
    ['Answer due', `${momentOf(dueAt)}${overdue ? ', overdue' : ''}`],
    ['First answer', firstResponseAt === undefined ? undefined : momentOf(firstResponseAt)],
    ['Priority rose', escalatedAt === undefined ? undefined : momentOf(escalatedAt)],
    ['Held for', holds.length === 0 ? undefined : holds.join(', ')],
  ];
  return (
    <dl className="known">
      {orderId !== undefined && (
        <>
          <dt>Order number</dt>
          <dd>
            <Link to={`/orders/${orderId}`}>{context.orderNumber ?? orderId}</Link>
          </dd>
        </>
      )}
      {rows.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
