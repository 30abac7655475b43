import { type FormEvent, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useAction } from '../parts/action.ts';
import { api, ask, PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import '../parts/feedback/feedback.css';
import { CATEGORY_WORDS, PRIORITY_WORDS, STATUS_WORDS, type StaffFeedback } from '../parts/feedback/feedback-words.ts';
import { Field } from '../parts/field.tsx';
import { Empty, Failed, Loading, Refused, ShowMore } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { save } from '../parts/save.ts';
import { Select } from '../parts/select.tsx';
import { session } from '../parts/session.ts';
import { FeedbackBulk } from './feedback-bulk.tsx';
import { addressOf, type Filters, filtersIn, queryOf } from './feedback-filters.ts';

const ANY = ['', 'Any'] as const;
const PRIORITIES = [ANY, ...Object.entries(PRIORITY_WORDS)];
const SORTS = [
  ['', 'Newest first'],
  ['oldest', 'Oldest first'],
  ['due', 'Due first'],
  ['votes', 'Most people first'],
] as const;
const SHOWN = [
  ['', 'The queue'],
  ['overdue', 'Overdue'],
  ['held', 'Held'],
  ['merged', 'Merged'],
] as const;

export function StaffFeedbackPage() {
  const [address] = useSearchParams();
  // Another address has another form.
  return <Queue key={`${address}`} asked={filtersIn(address)} />;
}

function Queue({ asked }: { asked: Filters }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = queries.useInfiniteQuery('get', '/api/feedback/admin', { params: { query: { ...queryOf(asked), limit: 20 } } }, PAGED);
  const [first] = list.data?.pages ?? [];
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  const choose = (id: string, isChosen: boolean): void =>
    setChosen((before) => new Set(isChosen ? [...before, id] : [...before].filter((one) => one !== id)));
  return (
    <>
      <title>Feedback – Only2U staff</title>
      <div className="page-head">
        <h1>Feedback</h1>
        <ExportButton asked={asked} />
      </div>
      <FilterForm asked={asked} again={() => void list.refetch()} />
      {first !== undefined && (
        <>
          <Counted name="status" words={STATUS_WORDS} counts={first.counts.status} asked={asked} />
          <Counted name="category" words={CATEGORY_WORDS} counts={first.counts.category} asked={asked} />
          <p className="quiet" role="status" data-testid="total">{`${first.total} in this list`}</p>
        </>
      )}
      {chosen.size > 0 && (
        <FeedbackBulk
          ids={[...chosen]}
          done={async (left) => {
            setChosen(new Set(left));
            await list.refetch();
          }}
        />
      )}
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the feedback" />}
      {items?.length === 0 && <Empty title="No feedback fits" />}
      <ul className="feedback queue" data-testid="queue">
        {items?.map((one) => (
          <Row key={one.id} one={one} isChosen={chosen.has(one.id)} choose={choose} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

function FilterForm({ asked, again }: { asked: Filters; again: () => void }) {
  const [, navigate] = useLocation();
  const [filters, setFilters] = useState(asked);
  const me = session.use()?.user.id ?? '';
  const of = (name: keyof Filters) => ({
    value: filters[name],
    change: (value: string) => setFilters((before) => ({ ...before, [name]: value })),
  });
  const shown = SHOWN.map(([name]) => name).find((name) => name !== '' && filters[name] === 'true') ?? '';
  const show = (name: string): void =>
    setFilters((before) => ({ ...before, held: '', overdue: '', merged: '', ...(name !== '' && { [name]: 'true' }) }));
  const search = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = addressOf(filters);
    // The same question again means to look again.
    if (wanted === addressOf(asked)) again();
    else navigate(wanted);
  };
  const assignees = [
    ANY,
    ['none', 'Nobody'],
    [me, 'Me'],
    ...(['', 'none', me].includes(filters.assigneeId) ? [] : [[filters.assigneeId, 'Somebody else']]),
  ];
  return (
    <search>
      <form className="filter-row" onSubmit={search}>
        <Field label="Words" {...of('q')} required={false} maxLength={200} type="search" />
        <Select label="Show" value={shown} change={show} choices={SHOWN} />
        <Select label="Assigned to" {...of('assigneeId')} choices={assignees as readonly (readonly [string, string])[]} />
        <Select label="Priority" {...of('priority')} choices={PRIORITIES} />
        <Field label="Tag" {...of('tag')} required={false} maxLength={30} />
        <Field label="From" {...of('from')} required={false} type="date" />
        <Field label="Up to" {...of('to')} required={false} type="date" />
        <Select label="Order" {...of('sort')} choices={SORTS} />
        <button type="submit" className="button" data-testid="search-feedback">
          Search
        </button>
      </form>
    </search>
  );
}

interface CountedProps {
  readonly name: 'status' | 'category';
  readonly words: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly asked: Filters;
}

/** How many there are of each, as links to them. */
const Counted = ({ name, words, counts, asked }: CountedProps) => (
  <nav className="counted" aria-label={name === 'status' ? 'By status' : 'By category'}>
    <Link to={addressOf({ ...asked, [name]: '' })} aria-current={asked[name] === '' ? 'true' : undefined}>
      All
    </Link>
    {Object.entries(words).map(([value, word]) => (
      <Link key={value} to={addressOf({ ...asked, [name]: value })} aria-current={asked[name] === value ? 'true' : undefined}>
        {`${word} ${counts[value] ?? 0}`}
      </Link>
    ))}
  </nav>
);

function ExportButton({ asked }: { asked: Filters }) {
  const { busy, failure, run } = useAction();
  const fetchAll = (): Promise<void> =>
    run(async () => {
      const file = await ask(api.GET('/api/feedback/admin/export', { params: { query: queryOf(asked) }, parseAs: 'blob' }));
      save(file, 'feedback.csv');
    });
  return (
    <div>
      <button type="button" className="button secondary" disabled={busy} onClick={fetchAll}>
        {busy ? 'Fetching …' : 'Export as CSV'}
      </button>
      <Refused failure={failure} />
    </div>
  );
}

interface RowProps {
  readonly one: StaffFeedback;
  readonly isChosen: boolean;
  readonly choose: (id: string, isChosen: boolean) => void;
}

const Row = ({ one, isChosen, choose }: RowProps) => (
  <li>
    <label className="tick">
      <input type="checkbox" checked={isChosen} onChange={({ target }) => choose(one.id, target.checked)} />
      <span className="unseen">{`Choose ${one.subject}`}</span>
    </label>
    <Link to={`/feedback/${one.id}`} className="panel">
      <strong>{one.userId === null ? 'Erased by its author' : one.subject}</strong>
      <span className="pieces">
        <span className={`badge ${one.status}`}>{STATUS_WORDS[one.status]}</span>
        <span className={`badge ${one.priority}`}>{PRIORITY_WORDS[one.priority]}</span>
        {one.overdue && <span className="badge late">Overdue</span>}
        {one.held && <span className="badge held">Held</span>}
        <span className="quiet">{CATEGORY_WORDS[one.category]}</span>
        <span className="quiet">{momentOf(one.createdAt)}</span>
        {one.votes > 1 && <span className="quiet">{`${one.votes} people`}</span>}
        {one.tags.map((tag) => (
          <span key={tag} className="badge">
            {tag}
          </span>
        ))}
      </span>
    </Link>
  </li>
);
