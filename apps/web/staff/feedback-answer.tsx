import { type FormEvent, useState } from 'react';
import { useAction } from '../parts/action.ts';
import { api, ask, askOnce } from '../parts/api.ts';
import { REFUSAL_WORDS, STATUS_WORDS, type StaffFeedback } from '../parts/feedback/feedback-words.ts';
import { Refused } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { Select } from '../parts/select.tsx';
import { TextArea } from '../parts/text-area.tsx';

type Status = StaffFeedback['status'];

/** Where each can go, as the shop allows it. */
const STEPS: Readonly<Record<Status, readonly Status[]>> = {
  open: ['in_review', 'planned', 'resolved', 'rejected'],
  in_review: ['planned', 'resolved', 'rejected'],
  planned: ['in_review', 'resolved', 'rejected'],
  resolved: ['in_review', 'closed'],
  rejected: ['in_review', 'closed'],
  closed: [],
};

interface PartProps {
  readonly feedback: StaffFeedback;
  readonly read: () => Promise<void>;
}

/** A reply, a move, or both at once, of which the author is told once. */
export function FeedbackAnswer({ feedback: { id, status, mergedInto }, read }: PartProps) {
  const [reply, setReply] = useState('');
  const [to, setTo] = useState('');
  const { busy, failure, run } = useAction();
  if (mergedInto !== undefined) return <p className="quiet">It goes on where it is merged into.</p>;
  if (status === 'closed') return <p className="quiet">This is closed.</p>;
  const steps = STEPS[status];
  const target = steps.find((step) => step === to);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const path = { id };
      if (target === undefined)
        await askOnce(`reply ${id} ${reply}`, (header) =>
          api.POST('/api/feedback/{id}/replies', { params: { path, header }, body: { body: reply } }),
        );
      else
        await ask(
          api.PUT('/api/feedback/{id}/status', { params: { path }, body: { status: target, ...(reply.trim() !== '' && { reply }) } }),
        );
      setReply('');
      setTo('');
      await read();
    });
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <TextArea label="Reply to the author" value={reply} change={setReply} maxLength={2_000} required={target === undefined} />
      <Select
        label="And it becomes"
        value={to}
        change={setTo}
        choices={[['', 'As it is'], ...steps.map((step): [string, string] => [step, STATUS_WORDS[step]])]}
      />
      <Refused failure={failure} words={REFUSAL_WORDS} />
      <button type="submit" className="button" disabled={busy} data-testid="answer">
        {busy ? 'Sending …' : 'Send'}
      </button>
    </form>
  );
}

export function FeedbackNotes({ feedback: { id, notes }, read }: PartProps) {
  const [body, setBody] = useState('');
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      await askOnce(`note ${id} ${body}`, (header) =>
        api.POST('/api/feedback/{id}/notes', { params: { path: { id }, header }, body: { body } }),
      );
      setBody('');
      await read();
    });
  };
  return (
    <section className="panel" aria-label="Notes">
      <h2>Notes</h2>
      <p className="quiet">Only staff see them.</p>
      <ol className="talk">
        {notes.map((note) => (
          <li key={note.id}>
            <span className="quiet">{momentOf(note.at)}</span>
            <p className="said">{note.body}</p>
          </li>
        ))}
      </ol>
      <form onSubmit={submit} aria-busy={busy}>
        <TextArea label="Note" value={body} change={setBody} maxLength={2_000} rows={2} />
        <Refused failure={failure} />
        <button type="submit" className="button secondary" disabled={busy}>
          Add note
        </button>
      </form>
    </section>
  );
}
