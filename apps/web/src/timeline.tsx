import type { Schemas } from '#libs/client/client';
import { momentOf, STATUS_WORDS } from './order-words.ts';

const ACTORS: Readonly<Record<string, string>> = { customer: 'by the customer', staff: 'by the shop' };

export const Timeline = ({ order: { timeline, tracking } }: { order: Schemas['Order'] }) => (
  <>
    <ol className="timeline">
      {timeline.map(({ status, at, actor, note }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added behind the others.
        <li key={index}>
          <strong>{STATUS_WORDS[status]}</strong>
          <span className="quiet">
            {momentOf(at)} {ACTORS[actor]}
          </span>
          {note !== undefined && <span>{note}</span>}
        </li>
      ))}
    </ol>
    {tracking !== undefined && (
      <p>
        {tracking.carrier}{' '}
        <a href={tracking.url} target="_blank" rel="noopener noreferrer">
          {tracking.number}
        </a>
      </p>
    )}
  </>
);
