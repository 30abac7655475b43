import type { Schemas } from '#libs/client/client';
import { fileAddress } from '../file-address.ts';
import { dayOf, factsOf } from './review-words.ts';
import { Stars } from './stars.tsx';

/** A review as it is read, by customers and by staff. */
export const ReviewText = ({ review }: { review: Schemas['Review'] }) => (
  <>
    <p className="review-head">
      <Stars rating={review.rating} />
      {review.title !== undefined && <strong>{review.title}</strong>}
    </p>
    {review.body !== undefined && <p className="story">{review.body}</p>}
    {review.images.length > 0 && (
      <ul className="review-pictures">
        {review.images.map(({ id, url }, index) => (
          <li key={id}>
            <a href={fileAddress(url)} target="_blank" rel="noreferrer">
              <img
                src={thumbOf(url)}
                alt={`${review.author}, ${index + 1} of ${review.images.length}`}
                width="96"
                height="96"
                loading="lazy"
              />
            </a>
          </li>
        ))}
      </ul>
    )}
    <p className="quiet">
      <span>{review.author}</span>
      <small>{factsOf(review)}</small>
    </p>
    {review.reply !== undefined && (
      <blockquote className="reply">
        <p className="story">{review.reply.body}</p>
        <small>{`The shop, ${dayOf(review.reply.at)}`}</small>
      </blockquote>
    )}
  </>
);

/** A signed address is good for what it names alone. */
const thumbOf = (url: string): string => fileAddress(url.includes('?') ? url : `${url}?preset=thumb`);
