import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask, askOnce, PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Field } from '../parts/field.tsx';
import { Empty, Failed, Loading, Refused, ShowMore, SureButton } from '../parts/notices.tsx';

type Synonyms = Schemas['Synonyms'];

const wordsIn = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '');

const CHANGED = { 'product.synonyms_changed': 'Somebody else has changed these words meanwhile. Read them again first.' };

/** Words that searches take for each other. */
export function StaffSynonymsPage() {
  const [asked, setAsked] = useState('');
  const [remark, setRemark] = useState('');
  const q = asked.trim();
  const list = queries.useInfiniteQuery(
    'get',
    '/api/search/synonyms',
    { params: { query: { limit: 50, ...(q === '' ? {} : { q: q.slice(0, 60) }) } } },
    { ...PAGED, placeholderData: (before) => before },
  );
  const items = list.data?.pages.flatMap(({ items: some }) => some);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  const changed = (words: string): void => {
    setRemark(words);
    void list.refetch();
  };
  return (
    <>
      <title>Synonyms – Only2U staff</title>
      <div className="page-head">
        <h1>Synonyms</h1>
        <p>What customers call the same thing. Typing errors and spellings that sound alike need no entry.</p>
      </div>
      <NewSynonyms made={() => changed('The words are added; searches know them already.')} />
      <Field label="Find a word" value={asked} change={setAsked} required={false} type="search" maxLength={60} />
      <p role="status">{remark}</p>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the synonyms" />}
      {items?.length === 0 && <Empty title={q === '' ? 'There are no synonyms yet' : `No entry has “${q}”`} />}
      <ul>
        {items?.map((synonyms) => (
          <SynonymsRow key={`${synonyms.id} ${synonyms.version}`} synonyms={synonyms} changed={changed} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

function NewSynonyms({ made }: { made: () => void }) {
  const [words, setWords] = useState('');
  const [finds, setFinds] = useState('');
  const { busy, failure, run } = useAction();
  const add = async (): Promise<void> => {
    const body = bodyOf(words, finds);
    await askOnce(`synonyms ${JSON.stringify(body)}`, (header) => api.POST('/api/search/synonyms', { params: { header }, body }));
    setWords('');
    setFinds('');
    made();
  };
  return (
    <form
      className="panel"
      aria-label="New synonyms"
      onSubmit={(event) => {
        event.preventDefault();
        run(add);
      }}
    >
      <Words words={words} setWords={setWords} finds={finds} setFinds={setFinds} />
      <Refused failure={failure} />
      <button type="submit" className="button" disabled={busy}>
        Add
      </button>
    </form>
  );
}

interface WordsProps {
  readonly words: string;
  readonly setWords: (text: string) => void;
  readonly finds: string;
  readonly setFinds: (text: string) => void;
}

const Words = ({ words, setWords, finds, setFinds }: WordsProps) => (
  <>
    <Field
      label="Words of one meaning"
      value={words}
      change={setWords}
      hint="With commas between them: jutti, mojari, जूती"
      maxLength={1_900}
    />
    <Field
      label="They find too"
      value={finds}
      change={setFinds}
      required={false}
      hint="Only this way round: red finds maroon, but maroon does not find red"
      maxLength={1_900}
    />
  </>
);

function bodyOf(words: string, finds: string): { words: string[]; finds: string[] | null } {
  const others = wordsIn(finds);
  return { words: wordsIn(words), finds: others.length === 0 ? null : others };
}

function SynonymsRow({ synonyms, changed }: { synonyms: Synonyms; changed: (words: string) => void }) {
  const { id, version } = synonyms;
  const [isOpen, setIsOpen] = useState(false);
  const [words, setWords] = useState(synonyms.words.join(', '));
  const [finds, setFinds] = useState((synonyms.finds ?? []).join(', '));
  const { busy, failure, run } = useAction();
  const params = { path: { id } };
  const save = async (): Promise<void> => {
    await ask(api.PATCH('/api/search/synonyms/{id}', { params, body: { ...bodyOf(words, finds), version } }));
    changed('The words are changed; searches know it already.');
  };
  const remove = async (): Promise<void> => {
    await ask(api.DELETE('/api/search/synonyms/{id}', { params }));
    changed(`The entry of “${synonyms.words[0]}” is removed.`);
  };
  return (
    <li className="panel" data-testid="synonyms-row">
      <p>
        <strong>{synonyms.words.join(', ')}</strong>
        {synonyms.finds !== null && <span className="quiet">{` find too: ${synonyms.finds.join(', ')}`}</span>}
      </p>
      {isOpen && (
        <form
          aria-label={`Synonyms of ${synonyms.words[0]}`}
          onSubmit={(event) => {
            event.preventDefault();
            run(save);
          }}
        >
          <Words words={words} setWords={setWords} finds={finds} setFinds={setFinds} />
          <button type="submit" className="button" disabled={busy}>
            Save
          </button>
        </form>
      )}
      <Refused failure={failure} words={CHANGED} />
      <div className="buttons">
        <button type="button" className="plain" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Leave as it is' : 'Change'}
        </button>
        <SureButton sure="Yes, remove it" busy={busy} press={() => run(remove)}>
          Remove
        </SureButton>
      </div>
    </li>
  );
}
