import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { paths } from '#libs/client/schema';
import { useAction } from '../parts/action.ts';
import { api, ask, askOnce } from '../parts/api.ts';
import { PRIORITY_WORDS, REFUSAL_WORDS, type StaffFeedback } from '../parts/feedback/feedback-words.ts';
import { Field } from '../parts/field.tsx';
import { Refused } from '../parts/notices.tsx';
import { Select } from '../parts/select.tsx';
import { session } from '../parts/session.ts';

type Changes = NonNullable<paths['/api/feedback/{id}']['patch']['requestBody']>['content']['application/json'];

interface PartProps {
  readonly feedback: StaffFeedback;
  readonly read: () => Promise<void>;
}

const isPriority = (value: string): value is StaffFeedback['priority'] => Object.hasOwn(PRIORITY_WORDS, value);
const tagsIn = (text: string): string[] => [...new Set(text.split(',').flatMap((tag) => tag.trim() || []))];

/** Whose it is, how urgent, its tags, and what others are shown of it. */
export function FeedbackSorting({ feedback, read }: PartProps) {
  const me = session.use()?.user.id ?? '';
  const [tags, setTags] = useState(feedback.tags.join(', '));
  const [title, setTitle] = useState(feedback.publicTitle ?? '');
  const { busy, failure, run } = useAction();
  const change = (body: Changes): Promise<void> =>
    run(async () => {
      await ask(api.PATCH('/api/feedback/{id}', { params: { path: { id: feedback.id } }, body }));
      await read();
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change({ tags: tagsIn(tags), publicTitle: title.trim() === '' ? null : title });
  };
  return (
    <section className="panel" aria-label="Sorting" aria-busy={busy}>
      <h2>Sorting</h2>
      {feedback.held && (
        <p>
          <button type="button" className="button" disabled={busy} onClick={() => change({ held: false })}>
            Let it through
          </button>
        </p>
      )}
      <p className="pieces">
        <span data-testid="assignee">{assigneeWords(feedback, me)}</span>
        {feedback.assigneeId === me ? (
          <button type="button" className="plain" disabled={busy} onClick={() => change({ assigneeId: null })}>
            Give it back
          </button>
        ) : (
          <button type="button" className="plain" disabled={busy} onClick={() => change({ assigneeId: me })}>
            Take it
          </button>
        )}
      </p>
      <Select
        label="Priority"
        value={feedback.priority}
        change={(priority) => isPriority(priority) && void change({ priority })}
        choices={Object.entries(PRIORITY_WORDS)}
      />
      <form onSubmit={submit}>
        <Field label="Tags" value={tags} change={setTags} required={false} hint="With commas between them, at most 10." maxLength={330} />
        <Field
          label="Public title"
          value={title}
          change={setTitle}
          required={false}
          maxLength={150}
          hint="What other customers are shown, who can then vote for it. Nothing of the author’s words."
        />
        <button type="submit" className="button secondary" disabled={busy}>
          Keep
        </button>
      </form>
      <Refused failure={failure} words={REFUSAL_WORDS} />
    </section>
  );
}

function assigneeWords({ assigneeId }: StaffFeedback, me: string): string {
  if (assigneeId === null) return 'Nobody has taken it.';
  return assigneeId === me ? 'It is yours.' : 'Somebody else has it.';
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export function FeedbackMerging({ feedback: { id, mergedInto, mergedFrom }, read }: PartProps) {
  const [into, setInto] = useState('');
  const { busy, failure, run } = useAction();
  const merge = (event: FormEvent): void => {
    event.preventDefault();
    const target = ID.exec(into)?.[0] ?? into;
    run(async () => {
      await askOnce(`merge ${id} ${target}`, (header) =>
        api.POST('/api/feedback/{id}/merge', { params: { path: { id }, header }, body: { into: target } }),
      );
      await read();
    });
  };
  const unmerge = (): Promise<void> =>
    run(async () => {
      await askOnce(`unmerge ${id}`, (header) => api.POST('/api/feedback/{id}/unmerge', { params: { path: { id }, header } }));
      await read();
    });
  return (
    <section className="panel" aria-label="Merging" aria-busy={busy}>
      <h2>Merging</h2>
      {mergedFrom.length > 0 && (
        <>
          <p>{mergedFrom.length === 1 ? 'One other says the same:' : `${mergedFrom.length} others say the same:`}</p>
          <ul>
            {mergedFrom.map((one, index) => (
              <li key={one}>
                <Link to={`/feedback/${one}`}>{`Merged ${index + 1}`}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {mergedInto !== undefined && (
        <p className="pieces">
          <Link to={`/feedback/${mergedInto}`}>It is merged into this one</Link>
          <button type="button" className="button secondary" disabled={busy} onClick={unmerge}>
            Take apart
          </button>
        </p>
      )}
      {mergedInto === undefined && mergedFrom.length === 0 && (
        <form onSubmit={merge}>
          <Field label="Merge into" value={into} change={setInto} hint="The address or the id of the other one." maxLength={300} />
          <button type="submit" className="button secondary" disabled={busy}>
            Merge
          </button>
        </form>
      )}
      <Refused failure={failure} words={REFUSAL_WORDS} />
    </section>
  );
}
