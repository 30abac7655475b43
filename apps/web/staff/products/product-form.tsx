import { type FormEvent, useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask, askOnce } from '../../parts/api.ts';
import { Field } from '../../parts/field.tsx';
import { Refused } from '../../parts/notices.tsx';
import { Select } from '../../parts/select.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import { useCategories } from './category-choices.ts';
import { CATALOGUE_WORDS } from './product-words.ts';

type Detail = Schemas['StaffProductDetail'];

const valuesOf = (product: Detail | undefined) => ({
  name: product?.name ?? '',
  brand: product?.brand ?? '',
  categoryId: product?.categoryId ?? '',
  description: product?.description ?? '',
  hsn: product?.hsn ?? '',
  countryOfOrigin: product?.countryOfOrigin ?? '',
  attributes: Object.entries(product?.attributes ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n'),
});
type Values = ReturnType<typeof valuesOf>;

const linesOf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || []);

const bodyOf = ({ attributes, hsn, countryOfOrigin, ...rest }: Values) => ({
  ...rest,
  ...(hsn !== '' && { hsn }),
  ...(countryOfOrigin !== '' && { countryOfOrigin }),
  attributes: Object.fromEntries(
    linesOf(attributes).map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.trim(), value.join(':').trim()];
    }),
  ),
});

interface ProductFormProps {
  /** Absent: the form makes one. */
  readonly product?: Detail;
  readonly saved: (id: string) => Promise<void>;
}

/** What a product says of itself. */
export function ProductForm({ product, saved }: ProductFormProps) {
  const [values, setValues] = useState(() => valuesOf(product));
  const [remark, setRemark] = useState('');
  const { busy, failure, run } = useAction();
  const categories = useCategories();
  const headId = useId();
  const of = (name: keyof Values) => ({
    value: values[name],
    change: (value: string) => {
      setRemark('');
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  const save = async (): Promise<string> => {
    const body = bodyOf(values);
    if (product !== undefined) {
      const { id } = product;
      await ask(api.PATCH('/api/products/{id}', { params: { path: { id } }, body }));
      return id;
    }
    const made = { ...body, published: false };
    const { id } = await askOnce(`product ${JSON.stringify(made)}`, (header) =>
      api.POST('/api/products', { params: { header }, body: made as never }),
    );
    return id;
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      await saved(await save());
      setRemark('Saved.');
    });
  };
  return (
    <form className="panel" onSubmit={submit} aria-labelledby={headId} aria-busy={busy}>
      <h2 id={headId}>What it is</h2>
      <div className="fields">
        <Field label="Name" {...of('name')} maxLength={200} />
        <Field label="Brand" {...of('brand')} maxLength={100} />
        <Select label="Category" {...of('categoryId')} choices={[['', 'Choose one'], ...categories]} />
        <Field label="HSN" {...of('hsn')} required={false} pattern="\d{2,8}" inputMode="numeric" hint="2 to 8 digits" />
        <Field label="Country of origin" {...of('countryOfOrigin')} required={false} maxLength={60} />
      </div>
      <TextArea label="Description" {...of('description')} required={false} maxLength={5000} />
      <TextArea label="Attributes" {...of('attributes')} required={false} maxLength={20_000} hint="One a line: Fabric: Cotton" rows={3} />
      <Refused failure={failure} words={CATALOGUE_WORDS} />
      <button type="submit" className="button" disabled={busy || values.categoryId === ''} data-testid="save-product">
        {busy ? 'One moment …' : 'Save'}
      </button>
      <p role="status">{remark}</p>
    </form>
  );
}
