import { useState } from 'react';
import { queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Refused } from '../../parts/notices.tsx';

interface CannedAnswersProps {
  readonly threadId: string;
  readonly choose: (text: string) => void;
}

/** Answers that are kept for all, with this customer's name and order filled in. */
export function CannedAnswers({ threadId, choose }: CannedAnswersProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [q, setQ] = useState('');
  const query = { threadId, ...(q.trim() !== '' && { q: q.trim() }) };
  const { data, error } = queries.useQuery('get', '/api/chat/canned', { params: { query } }, { enabled: isOpen });
  const take = (text: string): void => {
    choose(text);
    setIsOpen(false);
  };
  return (
    <div className="card-picker">
      <button type="button" className="plain" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        Canned answers
      </button>
      {isOpen && (
        <>
          <input type="search" value={q} aria-label="Search canned answers" onChange={({ target }) => setQ(target.value)} />
          <Refused failure={data === undefined ? failureIn(error) : undefined} />
          <ul className="picks">
            {data?.items.map(({ id, title, body, shortcut }) => (
              <li key={id}>
                <button type="button" className="plain" onClick={() => take(body)} title={body}>
                  {`${title} (${shortcut})`}
                </button>
              </li>
            ))}
            {data?.items.length === 0 && <li>There is none.</li>}
          </ul>
        </>
      )}
    </div>
  );
}
