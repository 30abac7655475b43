import { fileAddress } from '../file-address.ts';
import { momentOf } from '../order/order-words.ts';
import { type Feedback, STATUS_WORDS } from './feedback-words.ts';

/** What both sides wrote since it was sent. */
export const Talk = ({ feedback: { replies }, author }: { feedback: Pick<Feedback, 'replies'>; author: string }) => (
  <ol className="talk" data-testid="replies">
    {replies.map(({ id, from, body, at }) => (
      <li key={id} className={from === 'staff' ? 'ours' : undefined}>
        <strong>{from === 'staff' ? 'Only2U' : author}</strong>
        <span className="quiet">{` ${momentOf(at)}`}</span>
        <p className="said">{body}</p>
      </li>
    ))}
  </ol>
);

export const Moves = ({ feedback: { timeline } }: { feedback: Pick<Feedback, 'timeline'> }) => (
  <ol className="timeline">
    {timeline.map(({ status, at }, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added behind the others.
      <li key={index}>
        <strong>{STATUS_WORDS[status]}</strong>
        <span className="quiet">{momentOf(at)}</span>
      </li>
    ))}
  </ol>
);

/** Each opens in a tab of its own. */
export function Pictures({ images }: { images: Feedback['images'] }) {
  if (images.length === 0) return null;
  return (
    <ul className="pictures">
      {images.map(({ id, url }, index) => (
        <li key={id}>
          {url === undefined ? (
            <span className="quiet">This picture cannot be shown right now.</span>
          ) : (
            <a href={fileAddress(url)} target="_blank" rel="noopener noreferrer">
              <img src={fileAddress(url)} alt={`Screenshot ${index + 1}`} width="96" height="96" />
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}
