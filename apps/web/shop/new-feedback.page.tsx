import { type FormEvent, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useAction } from '../parts/action.ts';
import { api, askOnce, queryClient } from '../parts/api.ts';
import '../parts/feedback/feedback.css';
import { CATEGORY_WORDS, type Feedback, REFUSAL_WORDS } from '../parts/feedback/feedback-words.ts';
import { Field } from '../parts/field.tsx';
import { Refused } from '../parts/notices.tsx';
import { Select } from '../parts/select.tsx';
import { TextArea } from '../parts/text-area.tsx';
import { type Screenshot, Screenshots } from './feedback-screenshots.tsx';
import { SimilarFeedback } from './similar-feedback.tsx';

const RATINGS = [
  ['', 'No rating'],
  ...[5, 4, 3, 2, 1].map((stars): [string, string] => [`${stars}`, `${stars} of 5`]),
] as const satisfies readonly (readonly [string, string])[];

const isCategory = (value: string): value is Feedback['category'] => Object.hasOwn(CATEGORY_WORDS, value);

/** Tells the shop something; an address with `orderId` or `productId` says what it is about. */
export function NewFeedbackPage() {
  const [address] = useSearchParams();
  const [, navigate] = useLocation();
  const [category, setCategory] = useState<Feedback['category']>('bug');
  const [subject, setSubject] = useState('');
  const [message, setMessage] = useState('');
  const [rating, setRating] = useState('');
  const [screenshots, setScreenshots] = useState<readonly Screenshot[]>([]);
  const { busy, failure, run } = useAction();
  const [orderId, productId] = [address.get('orderId'), address.get('productId')];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = {
      ...{ category, subject, message },
      ...(rating !== '' && { rating: Number(rating) }),
      ...(screenshots.length > 0 && { images: screenshots.map(({ id }) => id) }),
      ...(orderId !== null && { orderId }),
      ...(productId !== null && { productId }),
    };
    run(async () => {
      const { id } = await askOnce(`feedback ${JSON.stringify(body)}`, (header) => api.POST('/api/feedback', { params: { header }, body }));
      await queryClient.invalidateQueries({ queryKey: ['get', '/api/feedback/user/{userId}'] });
      navigate(`/feedback/${id}`);
    });
  };
  return (
    <div className="account">
      <title>Tell us something – Only2U</title>
      <p className="crumbs back">
        <Link to="/feedback">Your feedback</Link>
      </p>
      <div className="page-head">
        <h1>Tell us something</h1>
        {orderId !== null && <p>We see which order it is about.</p>}
      </div>
      <form className="panel" onSubmit={submit} aria-busy={busy}>
        <Select
          label="What is it?"
          value={category}
          change={(value) => isCategory(value) && setCategory(value)}
          choices={Object.entries(CATEGORY_WORDS)}
        />
        <Field label="In a few words" value={subject} change={setSubject} maxLength={150} autoComplete="off" />
        <SimilarFeedback text={subject} />
        <TextArea label="What happened, or what do you wish for?" value={message} change={setMessage} maxLength={5_000} rows={7} />
        <Screenshots screenshots={screenshots} change={setScreenshots} />
        <Select label="How do you like the shop?" value={rating} change={setRating} choices={RATINGS} />
        <Refused failure={failure} words={REFUSAL_WORDS} />
        <button type="submit" className="button" disabled={busy} data-testid="send-feedback">
          {busy ? 'Sending …' : 'Send'}
        </button>
      </form>
    </div>
  );
}
