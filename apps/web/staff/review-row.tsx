import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { Refused, SureButton } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { ReviewText } from '../parts/reviews/review-text.tsx';
import { HOLD_WORDS, REASON_WORDS } from '../parts/reviews/review-words.ts';
import { TextArea } from '../parts/text-area.tsx';
import { SHOP } from './base.ts';

type Review = Schemas['Review'];

const WORDS = { 'review.own_review': 'This is your own review: somebody else decides.' };
const DECIDED = { approved: 'The review is shown.', hidden: 'The review is hidden.' };

/** A review with what staff know of it and can do about it. */
export function ReviewRow({ review, changed }: { review: Review; changed: (words: string) => void }) {
  const { busy, failure, run } = useAction();
  const [note, setNote] = useState('');
  const [isReplying, setIsReplying] = useState(false);
  const params = { path: { id: review.id } };
  const decide = (status: 'approved' | 'hidden') =>
    run(async () => {
      const body = { status, ...(note.trim() !== '' && { note }) };
      await ask(api.PATCH('/api/reviews/{id}/moderation', { params, body }));
      setNote('');
      changed(DECIDED[status]);
    });
  return (
    <li className="panel" data-testid="staff-review" data-status={review.status}>
      <ReviewText review={review} />
      <Known review={review} />
      <Field label="Note for the staff" value={note} change={setNote} required={false} maxLength={500} />
      <Refused failure={failure} words={WORDS} />
      <div className="buttons">
        {(review.status !== 'approved' || (review.reports?.count ?? 0) > 0) && (
          <button type="button" className="button" disabled={busy} onClick={() => decide('approved')}>
            {review.status === 'approved' ? 'Leave it shown' : 'Show it'}
          </button>
        )}
        {review.status !== 'hidden' && (
          <button type="button" className="button secondary" disabled={busy} onClick={() => decide('hidden')}>
            Hide it
          </button>
        )}
        <button type="button" className="plain" aria-expanded={isReplying} onClick={() => setIsReplying(!isReplying)}>
          {review.reply === undefined ? 'Answer' : 'Change the answer'}
        </button>
      </div>
      {isReplying && (
        <Reply
          review={review}
          done={(words) => {
            setIsReplying(false);
            changed(words);
          }}
        />
      )}
    </li>
  );
}

function Known({ review: { productId, holds = [], reports, moderation = [] } }: { review: Review }) {
  const reasons = Object.entries(reports?.reasons ?? {}).map(([reason, count]) => `${REASON_WORDS[reason] ?? reason} (${count})`);
  return (
    <>
      <p>
        <a href={`${SHOP}/p/${productId}`}>The product</a>
      </p>
      {holds.length > 0 && <p className="note">{`It waits: ${holds.map((hold) => HOLD_WORDS[hold] ?? hold).join(', ')}.`}</p>}
      {reasons.length > 0 && <p className="note">{`Reported: ${reasons.join(', ')}.`}</p>}
      {moderation.length > 0 && (
        <ul className="summary">
          {moderation.map(({ status, note, at }) => (
            <li key={at}>
              <span>{[status === 'approved' ? 'Shown' : 'Hidden', note].filter(Boolean).join(': ')}</span>
              <span className="quiet">{momentOf(at)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Reply({ review, done }: { review: Review; done: (words: string) => void }) {
  const { busy, failure, run } = useAction();
  const [body, setBody] = useState(review.reply?.body ?? '');
  const params = { path: { id: review.id } };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await ask(api.PUT('/api/reviews/{id}/reply', { params, body: { body } }));
      done('The answer is published.');
    });
  };
  const remove = async (): Promise<void> => {
    await ask(api.DELETE('/api/reviews/{id}/reply', { params }));
    done('The answer is gone.');
  };
  return (
    <form onSubmit={send}>
      <TextArea label="Answer in the shop’s name" value={body} change={setBody} maxLength={2_000} />
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          Publish the answer
        </button>
        {review.reply !== undefined && (
          <SureButton sure="Yes, remove it" busy={busy} press={() => run(remove)}>
            Remove the answer
          </SureButton>
        )}
      </div>
    </form>
  );
}
