import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask, askOnce, MINE, queries, queryClient } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Field } from '../parts/field.tsx';
import { Loading, PageFailed, Refused, SureButton } from '../parts/notices.tsx';
import { FIT_WORDS } from '../parts/reviews/review-words.ts';
import '../parts/reviews/reviews.css';
import { TextArea } from '../parts/text-area.tsx';
import { TO_THE_SHOP } from './base.ts';
import { ReviewPictures } from './review-pictures.tsx';

type Review = Schemas['Review'];

const OWN = { params: { ...MINE, query: { limit: 100 } } };
const WORDS = {
  'review.rating_locked':
    'The stars stay as they are: others have voted on your review, or it is older than 30 days. You can change the rest.',
  'review.already_exists': 'You have reviewed this already; look at it in another window, or load this page again.',
  'review.image_unusable': 'One of the pictures cannot be used. Take it out and add it again.',
};

/** The own review of a product: to write, or to change. */
export function ReviewPage({ productId }: { productId: string }) {
  const product = queries.useQuery('get', '/api/products/{id}', { params: { path: { id: productId } } });
  const own = queries.useQuery('get', '/api/reviews/user/{userId}', OWN);
  const failure = failureIn(product.error) ?? failureIn(own.error);
  const read = (): void => void Promise.all([product.refetch(), own.refetch()]);
  if (failure !== undefined) return <PageFailed failure={failure} retry={read} what="product" way={TO_THE_SHOP} />;
  if (product.data === undefined || own.data === undefined) return <Loading what="the product" />;
  const review = own.data.items.find((one) => one.productId === product.data.id);
  return <ReviewForm key={review?.id} product={product.data} review={review} />;
}

function ReviewForm({ product, review }: { product: Schemas['ProductDetail']; review: Review | undefined }) {
  const [, navigate] = useLocation();
  const { busy, failure, run } = useAction();
  const [rating, setRating] = useState(review?.rating ?? 0);
  const [title, setTitle] = useState(review?.title ?? '');
  const [body, setBody] = useState(review?.body ?? '');
  const [fit, setFit] = useState(review?.fit);
  const [pictures, setPictures] = useState<readonly Schemas['ReviewImage'][]>(review?.images ?? []);
  const [isMissingStars, setIsMissingStars] = useState(false);

  const save = async (): Promise<void> => {
    const written = {
      rating,
      ...(title.trim() !== '' && { title }),
      ...(body.trim() !== '' && { body }),
      ...(fit !== undefined && { fit }),
      images: pictures.map(({ id }) => id),
    };
    const saved =
      review === undefined
        ? await askOnce(`review ${product.id} ${JSON.stringify(written)}`, (header) =>
            ask(api.POST('/api/reviews', { params: { header }, body: { productId: product.id, ...written } })).then((data) => ({ data })),
          )
        : await ask(api.PUT('/api/reviews/{id}', { params: { path: { id: review.id } }, body: written }));
    await readAgain();
    navigate(`/reviews/${saved.id}`);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsMissingStars(rating === 0);
    if (rating > 0) void run(save);
  };
  const remove = async (id: string): Promise<void> => {
    await ask(api.DELETE('/api/reviews/{id}', { params: { path: { id } } }));
    await readAgain();
    navigate(`/p/${product.id}`);
  };
  const heading = review === undefined ? 'Write a review' : 'Your review';
  return (
    <>
      <title>{`${heading} – Only2U`}</title>
      <div className="page-head">
        <h1>{heading}</h1>
        <p>
          <Link to={`/p/${product.id}`}>{product.name}</Link>
        </p>
      </div>
      <form className="panel review-form" onSubmit={submit}>
        <Stars5 rating={rating} choose={setRating} isMissing={isMissingStars && rating === 0} />
        <FitChoice fit={fit} choose={setFit} />
        <Field label="In a few words" value={title} change={setTitle} required={false} maxLength={120} />
        <TextArea label="What others should know" value={body} change={setBody} maxLength={5_000} rows={6} required={false} />
        <ReviewPictures pictures={pictures} change={setPictures} />
        <Refused failure={failure} words={WORDS} />
        <div className="buttons">
          <button type="submit" className="button" disabled={busy}>
            {busy ? 'Saving …' : review === undefined ? 'Publish' : 'Save'}
          </button>
          {review !== undefined && (
            <SureButton sure="Yes, take it back" busy={busy} press={() => run(() => remove(review.id))}>
              Take it back
            </SureButton>
          )}
        </div>
      </form>
    </>
  );
}

/** What was read of own reviews and of products' is old now. */
async function readAgain(): Promise<void> {
  const isOfReviews = ({ queryKey }: { queryKey: readonly unknown[] }): boolean => String(queryKey[1]).startsWith('/api/reviews');
  await queryClient.invalidateQueries({ predicate: isOfReviews });
}

const STARS = [1, 2, 3, 4, 5] as const;

const Stars5 = ({ rating, choose, isMissing }: { rating: number; choose: (stars: number) => void; isMissing: boolean }) => (
  <fieldset className="choice">
    <legend>Your stars</legend>
    {STARS.map((stars) => (
      <label key={stars}>
        <input type="radio" name="stars" checked={rating === stars} onChange={() => choose(stars)} />
        <span>
          <span className="stars" aria-hidden="true">
            {'★'.repeat(stars)}
          </span>
          <span className="unseen">{stars === 1 ? '1 star' : `${stars} stars`}</span>
        </span>
      </label>
    ))}
    <p className="refused" role="alert">
      {isMissing ? 'Please choose how many stars you give.' : ''}
    </p>
  </fieldset>
);

const FITS = ['small', 'true', 'large'] as const;

const FitChoice = ({ fit, choose }: { fit: Review['fit']; choose: (fit: Review['fit']) => void }) => (
  <fieldset className="choice">
    <legend>How it fits</legend>
    <label>
      <input type="radio" name="fit" checked={fit === undefined} onChange={() => choose(undefined)} />
      <span>No answer</span>
    </label>
    {FITS.map((one) => (
      <label key={one}>
        <input type="radio" name="fit" checked={fit === one} onChange={() => choose(one)} />
        <span>{FIT_WORDS[one]}</span>
      </label>
    ))}
  </fieldset>
);
