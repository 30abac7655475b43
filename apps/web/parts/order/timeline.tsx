import type { Schemas } from '#libs/client/client';
import { momentOf, STATUS_WORDS } from './order-words.ts';

const ACTORS: Readonly<Record<string, string>> = { customer: 'by the customer', staff: 'by the shop' };

type Entry = Schemas['Order']['timeline'][number];

/** Units are cancelled without a step, as long as some are left. */
const isStep = (before: Entry | undefined, status: Entry['status']): boolean =>
  before?.status !== status || (status !== 'confirmed' && status !== 'packed');

export const Timeline = ({ order: { timeline, tracking } }: { order: Schemas['Order'] }) => (
  <>
    <ol className="timeline">
      {timeline.map(({ status, at, actor, note }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added behind the others.
        <li key={index}>
          <strong>{isStep(timeline[index - 1], status) ? STATUS_WORDS[status] : 'Items cancelled'}</strong>
          <span className="quiet">{`${momentOf(at)} ${ACTORS[actor] ?? ''}`}</span>
          {note !== undefined && <span>{note}</span>}
        </li>
      ))}
    </ol>
    {tracking !== undefined && (
      <p>
        <span>{`${tracking.carrier} `}</span>
        <a href={tracking.url} target="_blank" rel="noopener noreferrer">
          {tracking.number}
        </a>
      </p>
    )}
  </>
);
