import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { LANGUAGES } from '../../parts/language.ts';
import { Empty, Failed, Loading, SureButton } from '../../parts/notices.tsx';
import { Select } from '../../parts/select.tsx';
import { TextArea } from '../../parts/text-area.tsx';

interface Answer {
  readonly shortcut: string;
  readonly title: string;
  readonly body: string;
  readonly locale: string;
}
const NOTHING: Answer = { shortcut: '', title: '', body: '', locale: 'en' };

/** Answers that all who work here can give. */
export function CannedPage() {
  const { data, error, refetch } = queries.useQuery('get', '/api/chat/canned');
  const failure = data === undefined ? failureIn(error) : undefined;
  const read = async (): Promise<void> => void (await refetch());
  // The empty form begins anew once an answer is made, and not when the list comes.
  const [made, setMade] = useState(0);
  const keep = async (): Promise<void> => {
    setMade((count) => count + 1);
    await read();
  };
  return (
    <div className="account">
      <title>Canned answers – Only2U staff</title>
      <p className="crumbs back">
        <Link to="/chat">Chats</Link>
      </p>
      <div className="page-head">
        <h1>Canned answers</h1>
        <p>{'{{customer.name}} and {{order.number}} are filled in when an answer is given.'}</p>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="the answers" />}
      {data?.items.length === 0 && <Empty title="There is none yet" />}
      <ul className="notices" data-testid="canned">
        {data?.items.map((one) => (
          <li key={one.id} className="panel">
            <AnswerForm kept={one} id={one.id} read={read} />
          </li>
        ))}
      </ul>
      <section className="panel" aria-label="Another answer">
        <h2>Another answer</h2>
        <AnswerForm key={`new ${made}`} kept={NOTHING} read={keep} />
      </section>
    </div>
  );
}

interface AnswerFormProps {
  readonly kept: Answer;
  readonly id?: string;
  readonly read: () => Promise<void>;
}

function AnswerForm({ kept: { shortcut, title, body, locale }, id, read }: AnswerFormProps) {
  const [answer, setAnswer] = useState<Answer>({ shortcut, title, body, locale });
  const { busy, failure, run } = useAction();
  const of = (name: 'shortcut' | 'title' | 'body') => ({
    value: answer[name],
    change: (value: string) => setAnswer((before) => ({ ...before, [name]: value })),
  });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      if (id === undefined) await ask(api.POST('/api/chat/canned', { body: answer }));
      else await ask(api.PATCH('/api/chat/canned/{id}', { params: { path: { id } }, body: answer }));
      await read();
    });
  };
  const remove = (): Promise<void> =>
    run(async () => {
      if (id !== undefined) await ask(api.DELETE('/api/chat/canned/{id}', { params: { path: { id } } }));
      await read();
    });
  return (
    <form onSubmit={save} aria-busy={busy}>
      <div className="fields">
        <Field label="Shortcut" {...of('shortcut')} maxLength={40} autoComplete="off" />
        <Field label="Title" {...of('title')} maxLength={120} autoComplete="off" />
        <Select
          label="Language"
          value={answer.locale}
          change={(value) => setAnswer((before) => ({ ...before, locale: value }))}
          choices={LANGUAGES}
        />
      </div>
      <TextArea label="Text" {...of('body')} maxLength={4_000} rows={3} />
      <ChatRefused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          Save
        </button>
        {id !== undefined && (
          <SureButton sure="Really remove" busy={busy} press={remove}>
            Remove
          </SureButton>
        )}
      </div>
    </form>
  );
}
