import type { Schemas } from '#libs/client/client';
import type { Reader } from './order-units.ts';
import { momentOf, STATUS_WORDS } from './order-words.ts';

type Entry = Schemas['Order']['timeline'][number];

const ACTORS: Readonly<Record<Reader, Readonly<Record<string, string>>>> = {
  customer: { customer: 'by you', staff: 'by the shop' },
  staff: { customer: 'by the customer', staff: 'by the shop' },
};

/** What an entry says, which depends on the one before it: units go without a step, and a delivered order can come back to that. */
function wordsOf(before: Entry | undefined, { status }: Entry): string {
  if (before?.status === status && (status === 'confirmed' || status === 'packed')) return 'Items cancelled';
  if (status === 'delivered' && before?.status === 'return_requested') return 'Return refused';
  if (status === 'delivered' && before?.status === 'returned') return 'The rest stays delivered';
  return STATUS_WORDS[status];
}

/** A note that only repeats the status in the machine's words says nothing. */
const isSaid = (note: string | undefined, { status }: Entry): boolean =>
  note !== undefined && !Object.hasOwn(STATUS_WORDS, note.trim().toLowerCase()) && note !== status;

export const Timeline = ({ order: { timeline, tracking }, reader }: { order: Schemas['Order']; reader: Reader }) => (
  <>
    <ol className="timeline">
      {timeline.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added behind the others.
        <li key={index}>
          <strong>{wordsOf(timeline[index - 1], entry)}</strong>
          <span className="quiet">{`${momentOf(entry.at)} ${ACTORS[reader][entry.actor] ?? ''}`}</span>
          {isSaid(entry.note, entry) && <span>{entry.note}</span>}
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
