import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { Empty, Failed, Loading, Refused, SureButton } from '../../parts/notices.tsx';
import { Select } from '../../parts/select.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import './products.css';
import { useCategories } from './category-choices.ts';
import { chartIn, chartText } from './size-chart-text.ts';

type SizeChart = Schemas['SizeChart'];

const UNITS = [
  ['cm', 'Centimetres'],
  ['in', 'Inches'],
] as const;

/** Which body a size fits, by category and brand. */
export function StaffSizeChartsPage() {
  const [edited, setEdited] = useState<SizeChart | undefined>();
  // The form is emptied once it is saved, and not when the list comes.
  const [saves, setSaves] = useState(0);
  const categories = useCategories();
  const { data, error, refetch } = queries.useQuery('get', '/api/size-charts');
  const failure = data === undefined ? failureIn(error) : undefined;
  const changed = async (): Promise<void> => {
    setEdited(undefined);
    await refetch();
  };
  const saved = async (): Promise<void> => {
    setSaves((count) => count + 1);
    await changed();
  };
  const named = new Map(categories);
  return (
    <>
      <title>Size charts – Only2U staff</title>
      <div className="page-head">
        <h1>Size charts</h1>
      </div>
      <ChartForm key={edited?.id ?? `new ${saves}`} chart={edited} categories={categories} saved={saved} />
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="the size charts" />}
      {data?.items.length === 0 && <Empty title="There are no size charts yet" />}
      <ul data-testid="size-charts">
        {data?.items.map((chart) => (
          <Row key={chart.id} chart={chart} category={named.get(chart.categoryId) ?? ''} edit={() => setEdited(chart)} changed={changed} />
        ))}
      </ul>
    </>
  );
}

interface ChartFormProps {
  readonly chart: SizeChart | undefined;
  readonly categories: readonly (readonly [string, string])[];
  readonly saved: () => Promise<void>;
}

function ChartForm({ chart, categories, saved }: ChartFormProps) {
  const [categoryId, setCategoryId] = useState(chart?.categoryId ?? '');
  const [brand, setBrand] = useState(chart?.brand ?? '');
  const [unit, setUnit] = useState<string>(chart?.unit ?? 'cm');
  const [text, setText] = useState(chart === undefined ? '' : chartText(chart));
  const [note, setNote] = useState(chart?.note ?? '');
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const about = {
        categoryId,
        brand: brand.trim() === '' ? null : brand,
        unit: unit as 'cm' | 'in',
        note: note.trim() === '' ? null : note,
      };
      await ask(api.PUT('/api/size-charts', { body: { ...about, ...chartIn(text) } }));
      await saved();
    });
  };
  return (
    <form className="panel" onSubmit={submit} aria-label="A size chart" aria-busy={busy}>
      <h2>{chart === undefined ? 'A size chart' : 'Change the size chart'}</h2>
      <div className="fields">
        <Select label="Category" value={categoryId} change={setCategoryId} choices={[['', 'Choose one'], ...categories]} />
        <Field
          label="Brand"
          value={brand}
          change={setBrand}
          required={false}
          maxLength={100}
          hint="Empty: for all that have none of their own"
        />
        <Select label="In" value={unit} change={setUnit} choices={UNITS} />
      </div>
      <TextArea
        label="Sizes"
        value={text}
        change={setText}
        maxLength={10_000}
        rows={6}
        hint="As pasted from a spreadsheet: Size, Bust, Waist; then S, 86, 70"
      />
      <TextArea label="Note" value={note} change={setNote} maxLength={1_000} rows={2} required={false} />
      <Refused failure={failure} />
      <button type="submit" className="button" disabled={busy || categoryId === ''}>
        Save the size chart
      </button>
    </form>
  );
}

interface RowProps {
  readonly chart: SizeChart;
  readonly category: string;
  readonly edit: () => void;
  readonly changed: () => Promise<void>;
}

function Row({ chart: { id, brand, unit, measures, sizes }, category, edit, changed }: RowProps) {
  const { busy, failure, run } = useAction();
  const remove = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/size-charts/{id}', { params: { path: { id } } }));
      await changed();
    });
  const title = `${category.replaceAll('— ', '')}, ${brand ?? 'all brands'}`;
  return (
    <li className="panel">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="scrolls" aria-label={title} tabIndex={0}>
        <table>
          <caption>{`${title}, in ${unit}`}</caption>
          <thead>
            <tr>
              <th scope="col">Size</th>
              {measures.map((measure) => (
                <th key={measure} scope="col">
                  {measure}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sizes.map(({ size, values }) => (
              <tr key={size}>
                <th scope="row">{size}</th>
                {measures.map((measure, index) => (
                  <td key={measure}>{values[index]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Refused failure={failure} />
      <div className="buttons">
        <button type="button" className="plain" aria-label={`Change ${title}`} onClick={edit}>
          Change
        </button>
        <SureButton sure="Yes, remove it" busy={busy} press={remove}>
          Remove
        </SureButton>
      </div>
    </li>
  );
}
