import { type FormEvent, useState } from 'react';
import { useAction, useTick } from '../parts/action.ts';
import { api, ask, askOnce, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { type Feedback, people, REFUSAL_WORDS } from '../parts/feedback/feedback-words.ts';
import { FeedbackItemFrame } from '../parts/feedback/item-frame.tsx';
import { Moves, Talk } from '../parts/feedback/talk.tsx';
import { Loading, PageFailed, Refused } from '../parts/notices.tsx';
import { TextArea } from '../parts/text-area.tsx';

const TO_LIST = { to: '/feedback', words: 'Your feedback' } as const;
const POLL_MS = 15_000;

export function FeedbackItemPage({ id }: { id: string }) {
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/api/feedback/{id}',
    { params: { path: { id } } },
    { refetchInterval: POLL_MS },
  );
  const failure = data === undefined ? failureIn(error) : undefined;
  if (failure !== undefined) return <PageFailed failure={failure} retry={() => void refetch()} what="feedback" way={TO_LIST} />;
  if (data === undefined) return <Loading what="your feedback" />;
  const read = async (): Promise<void> => void (await refetch());
  return (
    <FeedbackItemFrame
      feedback={data}
      title={`${data.subject} – Only2U`}
      heading={data.subject}
      back={TO_LIST}
      message="What you wrote"
      beside={
        <aside className="panel">
          <h2>How far it is</h2>
          <Moves feedback={data} />
          <p>{`It matters to ${people(data.votes)}.`}</p>
          <Subscription feedback={data} read={read} />
        </aside>
      }
    >
      <section aria-label="Replies">
        <h2>Replies</h2>
        {data.replies.length === 0 && <p className="quiet">Nobody has replied yet.</p>}
        <Talk feedback={data} author="You" />
        {data.status === 'closed' ? <p className="quiet">This is closed.</p> : <ReplyForm id={id} status={data.status} read={read} />}
      </section>
    </FeedbackItemFrame>
  );
}

function ReplyForm({ id, status, read }: { id: string; status: Feedback['status']; read: () => Promise<void> }) {
  const [body, setBody] = useState('');
  const { busy, failure, run } = useAction();
  const takesUp = status === 'resolved' || status === 'rejected';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      await askOnce(`reply ${id} ${body}`, (header) =>
        api.POST('/api/feedback/{id}/replies', { params: { path: { id }, header }, body: { body } }),
      );
      setBody('');
      await read();
    });
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <TextArea
        label="Your reply"
        value={body}
        change={setBody}
        maxLength={2_000}
        {...(takesUp && { hint: 'We look at it again when you reply.' })}
      />
      <Refused failure={failure} words={REFUSAL_WORDS} />
      <button type="submit" className="button" disabled={busy} data-testid="reply">
        {busy ? 'Sending …' : 'Send reply'}
      </button>
    </form>
  );
}

function Subscription({ feedback, read }: { feedback: Feedback; read: () => Promise<void> }) {
  const { isOn, busy, failure, choose } = useTick(feedback.subscribed, async (subscribed) => {
    await ask(api.PUT('/api/feedback/{id}/subscription', { params: { path: { id: feedback.id } }, body: { subscribed } }));
    await read();
  });
  return (
    <>
      <label className="tick">
        <input type="checkbox" checked={isOn} disabled={busy} onChange={({ target }) => choose(target.checked)} />
        <span>Tell me what becomes of it</span>
      </label>
      <Refused failure={failure} />
    </>
  );
}
