import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask, queries } from '../parts/api.ts';
import { people, REFUSAL_WORDS, STATUS_WORDS } from '../parts/feedback/feedback-words.ts';
import { Refused } from '../parts/notices.tsx';

const PAUSE_MS = 400;
const SHORTEST = 3;

/** What is known already that sounds like what is being typed. Nothing of it is needed to send, so a failure says nothing. */
export function SimilarFeedback({ text }: { text: string }) {
  const [q, setQ] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim().slice(0, 200)), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data } = queries.useQuery('get', '/api/feedback/similar', { params: { query: { q } } }, { enabled: q.length >= SHORTEST });
  const items = q.length < SHORTEST ? [] : (data?.items ?? []);
  return (
    <div role="status">
      {items.length > 0 && (
        <section className="similar" aria-label="Known already" data-testid="similar">
          <h2>Is it one of these?</h2>
          <ul>
            {items.map((one) => (
              <Row key={one.id} one={one} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Row({ one }: { one: Schemas['SimilarFeedback'] }) {
  const [votes, setVotes] = useState<number>();
  const { busy, failure, run } = useAction();
  const vote = (): Promise<void> =>
    run(async () => {
      setVotes((await ask(api.POST('/api/feedback/{id}/vote', { params: { path: { id: one.id } } }))).votes);
    });
  return (
    <li>
      <span>
        {one.mine ? <Link to={`/feedback/${one.id}`}>{one.title}</Link> : <span>{one.title}</span>}
        <span className="quiet">{` ${STATUS_WORDS[one.status]}, ${people(votes ?? one.votes)}`}</span>
      </span>
      {one.mine && <span className="quiet">Yours</span>}
      {!one.mine && votes === undefined && (
        <button type="button" className="button secondary" disabled={busy} aria-label={`Me too: ${one.title}`} onClick={vote}>
          Me too
        </button>
      )}
      {votes !== undefined && <span className="quiet">You count, and hear of it</span>}
      <Refused failure={failure} words={REFUSAL_WORDS} />
    </li>
  );
}
