import { type FormEvent, useState } from 'react';
import { useAction } from '../../parts/action.ts';
import { api, ask, askOnce, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { Empty, Failed, Loading, Refused, SureButton } from '../../parts/notices.tsx';
import { Select } from '../../parts/select.tsx';
import './products.css';
import { flattened, indented, type PlacedCategory } from './category-choices.ts';
import { CATALOGUE_WORDS } from './product-words.ts';

/** Public answers may be a second old: an edit shows at the next look. */
const LATEST_MS = 2_000;

/** The tree of categories, in the order that customers see. */
export function StaffCategoriesPage() {
  const { data, error, refetch } = queries.useQuery('get', '/api/categories', {}, { refetchInterval: LATEST_MS });
  const failure = data === undefined ? failureIn(error) : undefined;
  const placed = flattened(data?.items ?? []);
  const changed = async (): Promise<void> => {
    await refetch();
  };
  return (
    <>
      <title>Categories – Only2U staff</title>
      <div className="page-head">
        <h1>Categories</h1>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="the categories" />}
      {data !== undefined && <NewCategory placed={placed} made={changed} />}
      {data?.items.length === 0 && <Empty title="There are no categories yet" />}
      <ul className="tree" data-testid="categories">
        {placed.map((one) => (
          <Row key={one.category.id} one={one} placed={placed} changed={changed} />
        ))}
      </ul>
    </>
  );
}

const parentsOf = (placed: readonly PlacedCategory[]): (readonly [string, string])[] => [
  ['', 'At the top'],
  ...placed.map((one) => [one.category.id, indented(one)] as const),
];

function NewCategory({ placed, made }: { placed: readonly PlacedCategory[]; made: () => Promise<void> }) {
  const [name, setName] = useState('');
  const [parentId, setParentId] = useState('');
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const body = { name, parentId: parentId === '' ? null : parentId };
      await askOnce(`category ${JSON.stringify(body)}`, (header) => api.POST('/api/categories', { params: { header }, body }));
      setName('');
      await made();
    });
  };
  return (
    <form className="panel" onSubmit={submit} aria-label="A new category" aria-busy={busy}>
      <h2>A new category</h2>
      <div className="fields">
        <Field label="Name" value={name} change={setName} maxLength={100} />
        <Select label="Below" value={parentId} change={setParentId} choices={parentsOf(placed)} />
      </div>
      <Refused failure={failure} words={CATALOGUE_WORDS} />
      <button type="submit" className="button" disabled={busy}>
        Add the category
      </button>
    </form>
  );
}

interface RowProps {
  readonly one: PlacedCategory;
  readonly placed: readonly PlacedCategory[];
  readonly changed: () => Promise<void>;
}

function Row({ one: { category, depth, place, siblings }, placed, changed }: RowProps) {
  const [isOpen, setIsOpen] = useState(false);
  const { busy, failure, run } = useAction();
  const { id, name } = category;
  const change = (body: { name?: string; parentId?: string | null; place?: number }): Promise<void> =>
    run(async () => {
      await ask(api.PATCH('/api/categories/{id}', { params: { path: { id } }, body }));
      await changed();
    });
  const remove = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/categories/{id}', { params: { path: { id } } }));
      await changed();
    });
  return (
    <li style={{ paddingInlineStart: `${Math.min(depth, 8) * 18}px` }}>
      <div className="tree-row">
        <span>{name}</span>
        <span className="pieces">
          <button
            type="button"
            className="plain"
            disabled={busy || place === 0}
            aria-label={`Move ${name} up`}
            onClick={() => change({ place: place - 1 })}
          >
            Up
          </button>
          <button
            type="button"
            className="plain"
            disabled={busy || place === siblings - 1}
            aria-label={`Move ${name} down`}
            onClick={() => change({ place: place + 1 })}
          >
            Down
          </button>
          <button type="button" className="plain" aria-expanded={isOpen} aria-label={`Change ${name}`} onClick={() => setIsOpen(!isOpen)}>
            Change
          </button>
        </span>
      </div>
      <Refused failure={failure} words={CATALOGUE_WORDS} />
      {isOpen && <Change category={category} placed={placed} busy={busy} change={change} remove={remove} />}
    </li>
  );
}

interface ChangeProps {
  readonly category: PlacedCategory['category'];
  readonly placed: readonly PlacedCategory[];
  readonly busy: boolean;
  readonly change: (body: { name: string; parentId: string | null }) => Promise<void>;
  readonly remove: () => Promise<void>;
}

function Change({ category, placed, busy, change, remove }: ChangeProps) {
  const [name, setName] = useState(category.name);
  const [parentId, setParentId] = useState(category.parentId ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void change({ name, parentId: parentId === '' ? null : parentId });
  };
  return (
    <form className="variant-form" onSubmit={submit} aria-label={`Change ${category.name}`}>
      <div className="fields">
        <Field label="Name" value={name} change={setName} maxLength={100} />
        <Select
          label="Below"
          value={parentId}
          change={setParentId}
          choices={parentsOf(placed.filter((one) => one.category.id !== category.id))}
        />
      </div>
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          Save
        </button>
        <SureButton sure="Yes, remove it" busy={busy} press={remove}>
          Remove
        </SureButton>
      </div>
    </form>
  );
}
