import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { Refused } from '../parts/notices.tsx';
import { ReviewText } from '../parts/reviews/review-text.tsx';
import { REASON_WORDS } from '../parts/reviews/review-words.ts';
import { Select } from '../parts/select.tsx';
import { session } from '../parts/session.ts';

type Review = Schemas['Review'];

const REASONS = ['spam', 'offensive', 'fake', 'private_data', 'off_topic', 'other'] as const;
const WORDS = { 'review.own_review': 'This is your own review.' };

/** A review under its product, with what a reader can say about it. */
export function ReviewItem({ review }: { review: Review }) {
  const isGuest = session.use() === undefined;
  const next = encodeURIComponent(`/p/${review.productId}`);
  return (
    <li data-testid="review">
      <ReviewText review={review} />
      {isGuest ? (
        <p>
          <small>{helpedWords(review)}</small>
          <Link to={`/sign-in?next=${next}`}>Sign in to say whether it helped</Link>
        </p>
      ) : (
        <Voice review={review} />
      )}
    </li>
  );
}

type Votes = Pick<Schemas['VoteResult'], 'helpfulCount' | 'unhelpfulCount'>;
const helpedWords = ({ helpfulCount, unhelpfulCount }: Votes): string =>
  helpfulCount + unhelpfulCount === 0 ? '' : `${helpfulCount} of ${helpfulCount + unhelpfulCount} found this helpful. `;

function Voice({ review }: { review: Review }) {
  const { busy, failure, run } = useAction();
  const [voted, setVoted] = useState<Schemas['VoteResult']>();
  const [isReporting, setIsReporting] = useState(false);
  const [isReported, setIsReported] = useState(false);
  const params = { path: { id: review.id } };
  const vote = (which: 'helpful' | 'unhelpful') =>
    run(async () => {
      const isTakenBack = voted?.vote === which;
      setVoted(
        isTakenBack
          ? await ask(api.DELETE('/api/reviews/{id}/helpful', { params }))
          : await ask(api.POST('/api/reviews/{id}/helpful', { params, body: { helpful: which === 'helpful' } })),
      );
    });
  return (
    <>
      <p role="status">
        <small>{helpedWords(voted ?? review)}</small>
      </p>
      <div className="buttons">
        <button type="button" className="plain" aria-pressed={voted?.vote === 'helpful'} disabled={busy} onClick={() => vote('helpful')}>
          Helpful
        </button>
        <button
          type="button"
          className="plain"
          aria-pressed={voted?.vote === 'unhelpful'}
          disabled={busy}
          onClick={() => vote('unhelpful')}
        >
          Not helpful
        </button>
        {!isReported && (
          <button type="button" className="plain" aria-expanded={isReporting} onClick={() => setIsReporting(!isReporting)}>
            Report
          </button>
        )}
      </div>
      <Refused failure={failure} words={WORDS} />
      {isReporting && !isReported && <Report id={review.id} done={() => setIsReported(true)} />}
      <p role="status">{isReported ? 'Thank you, we look at it.' : ''}</p>
    </>
  );
}

function Report({ id, done }: { id: string; done: () => void }) {
  const { busy, failure, run } = useAction();
  const [reason, setReason] = useState<(typeof REASONS)[number]>('spam');
  const [note, setNote] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const body = { reason, ...(note.trim() !== '' && { note }) };
      await ask(api.POST('/api/reviews/{id}/report', { params: { path: { id } }, body }));
      done();
    });
  };
  return (
    <form className="panel" onSubmit={send}>
      <Select
        label="What is wrong with it"
        value={reason}
        change={(value) => setReason(REASONS.find((one) => one === value) ?? 'other')}
        choices={Object.entries(REASON_WORDS)}
      />
      <Field label="What we should know" value={note} change={setNote} required={false} maxLength={500} />
      <Refused failure={failure} words={WORDS} />
      <button type="submit" className="button secondary" disabled={busy}>
        {busy ? 'Sending …' : 'Report this review'}
      </button>
    </form>
  );
}
