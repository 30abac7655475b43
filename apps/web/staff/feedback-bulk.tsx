import { type FormEvent, useState } from 'react';
import type { paths } from '#libs/client/schema';
import { useAction } from '../parts/action.ts';
import { api, askOnce } from '../parts/api.ts';
import { PRIORITY_WORDS, STATUS_WORDS } from '../parts/feedback/feedback-words.ts';
import { Field } from '../parts/field.tsx';
import { Refused } from '../parts/notices.tsx';
import { Select } from '../parts/select.tsx';
import { session } from '../parts/session.ts';

type Changes = Omit<paths['/api/feedback/admin/bulk']['post']['requestBody']['content']['application/json'], 'ids'>;

const AS_IT_IS = ['', 'As it is'] as const;
const STATUSES = [AS_IT_IS, ...Object.entries(STATUS_WORDS).filter(([status]) => status !== 'open')];
const PRIORITIES = [AS_IT_IS, ...Object.entries(PRIORITY_WORDS)];
const ASSIGNEES = [AS_IT_IS, ['me', 'Me'], ['none', 'Nobody']] as const;
const NOTHING = { status: '', priority: '', assignee: '', addTag: '', removeTag: '' };

/** Changes what is chosen, each as a whole or not at all; what could not be changed stays chosen. */
export function FeedbackBulk({ ids, done }: { ids: readonly string[]; done: (left: readonly string[]) => Promise<void> }) {
  const [form, setForm] = useState(NOTHING);
  const [words, setWords] = useState('');
  const { busy, failure, run } = useAction();
  const me = session.use()?.user.id ?? '';
  const of = (name: keyof typeof NOTHING) => ({
    value: form[name],
    change: (value: string) => setForm((before) => ({ ...before, [name]: value })),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = { ids: [...ids].slice(0, 100), ...changesOf(form, me) };
    run(async () => {
      const { done: changed, failed } = await askOnce(`bulk ${JSON.stringify(body)}`, (header) =>
        api.POST('/api/feedback/admin/bulk', { params: { header }, body }),
      );
      setWords(`${changed.length} changed${failed.length === 0 ? '' : `, ${failed.length} not: the step does not follow for them`}`);
      await done(failed.map(({ id }) => id));
    });
  };
  return (
    <section className="bulk" aria-label="Change what is chosen">
      <form className="filter-row" onSubmit={submit} aria-busy={busy}>
        <Select label="Status" {...of('status')} choices={STATUSES} />
        <Select label="Priority" {...of('priority')} choices={PRIORITIES} />
        <Select label="Assign to" {...of('assignee')} choices={ASSIGNEES} />
        <Field label="Add tag" {...of('addTag')} required={false} maxLength={30} />
        <Field label="Remove tag" {...of('removeTag')} required={false} maxLength={30} />
        <button type="submit" className="button" disabled={busy || Object.values(form).every((value) => value.trim() === '')}>
          {`Change ${ids.length}`}
        </button>
      </form>
      <p role="status">{words}</p>
      <Refused failure={failure} />
    </section>
  );
}

const isOf = <Name extends string>(words: Readonly<Record<Name, string>>, value: string): value is Name => Object.hasOwn(words, value);

const changesOf = ({ status, priority, assignee, addTag, removeTag }: typeof NOTHING, me: string): Changes => ({
  ...(isOf(STATUS_WORDS, status) && { status }),
  ...(isOf(PRIORITY_WORDS, priority) && { priority }),
  ...(assignee !== '' && { assigneeId: assignee === 'me' ? me : null }),
  ...(addTag.trim() !== '' && { addTags: [addTag.trim()] }),
  ...(removeTag.trim() !== '' && { removeTags: [removeTag.trim()] }),
});
