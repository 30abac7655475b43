import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask, askOnce } from '../../parts/api.ts';
import { Field } from '../../parts/field.tsx';
import { paiseOf, rupees } from '../../parts/money.ts';
import { MoneyField } from '../../parts/money-field.tsx';
import { Refused, SureButton } from '../../parts/notices.tsx';
import { CATALOGUE_WORDS } from './product-words.ts';

type Variant = Schemas['StaffVariant'];

interface VariantsProps {
  readonly product: Schemas['StaffProductDetail'];
  readonly mayEdit: boolean;
  readonly changed: () => Promise<void>;
}

/** The sizes and colours of a product, with their prices. */
export function VariantsTable({ product: { id, variants }, mayEdit, changed }: VariantsProps) {
  const [edited, setEdited] = useState<string | undefined>();
  const end = async (): Promise<void> => {
    setEdited(undefined);
    await changed();
  };
  return (
    <section className="panel" aria-labelledby="variants">
      <h2 id="variants">Variants</h2>
      {variants.length === 0 && <p className="quiet">There are none yet.</p>}
      {variants.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section className="scrolls wide" aria-label="Variants and prices" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">SKU</th>
                <th scope="col">Size</th>
                <th scope="col">Colour</th>
                <th scope="col">Price</th>
                <th scope="col">MRP</th>
                {mayEdit && <th scope="col">Change</th>}
              </tr>
            </thead>
            <tbody>
              {variants.map((variant) => (
                <tr key={variant.id}>
                  <th scope="row">{variant.sku}</th>
                  <td>{variant.size}</td>
                  <td>{variant.color}</td>
                  <td>{rupees(variant.price)}</td>
                  <td>{rupees(variant.mrp)}</td>
                  {mayEdit && (
                    <td>
                      <button
                        type="button"
                        className="plain"
                        aria-expanded={edited === variant.id}
                        aria-label={`Change ${variant.sku}`}
                        onClick={() => setEdited(edited === variant.id ? undefined : variant.id)}
                      >
                        Change
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {variants
        .filter((variant) => variant.id === edited)
        .map((variant) => (
          <VariantForm key={variant.id} productId={id} variant={variant} done={end} />
        ))}
      {mayEdit && edited === undefined && <VariantForm key={variants.length} productId={id} done={end} />}
    </section>
  );
}

interface VariantFormProps {
  readonly productId: string;
  /** Absent: the form makes one. */
  readonly variant?: Variant;
  readonly done: () => Promise<void>;
}

const typed = (paise: number | undefined): string => (paise === undefined ? '' : (paise / 100).toFixed(2).replace(/\.00$/, ''));

function VariantForm({ productId, variant, done }: VariantFormProps) {
  const [values, setValues] = useState({
    sku: variant?.sku ?? '',
    size: variant?.size ?? '',
    color: variant?.color ?? '',
    price: typed(variant?.price),
    mrp: typed(variant?.mrp),
  });
  const { busy, failure, run } = useAction();
  const of = (name: keyof typeof values) => ({
    value: values[name],
    change: (value: string) => setValues((before) => ({ ...before, [name]: value })),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const { sku, size, color } = values;
      const body = { size, color, price: paiseOf(values.price) ?? 0, mrp: paiseOf(values.mrp) ?? 0, ...(sku.trim() !== '' && { sku }) };
      if (variant === undefined)
        await askOnce(`variant ${productId} ${JSON.stringify(body)}`, (header) =>
          api.POST('/api/products/{id}/variants', { params: { path: { id: productId }, header }, body }),
        );
      else
        await ask(
          api.PATCH('/api/products/{id}/variants/{variantId}', { params: { path: { id: productId, variantId: variant.id } }, body }),
        );
      await done();
    });
  };
  const withdraw = (variantId: string): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/products/{id}/variants/{variantId}', { params: { path: { id: productId, variantId } } }));
      await done();
    });
  const title = variant === undefined ? 'A new variant' : `Change ${variant.sku}`;
  return (
    <form className="variant-form" onSubmit={submit} aria-label={title} aria-busy={busy}>
      <h3>{title}</h3>
      <div className="fields">
        <Field label="Size" {...of('size')} maxLength={30} />
        <Field label="Colour" {...of('color')} maxLength={60} />
        <MoneyField label="Price in ₹" {...of('price')} />
        <MoneyField label="MRP in ₹" {...of('mrp')} />
        <Field label="SKU" {...of('sku')} maxLength={64} required={false} hint="Empty: one is made" />
      </div>
      <Refused failure={failure} words={CATALOGUE_WORDS} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          {variant === undefined ? 'Add the variant' : 'Save the variant'}
        </button>
        {variant !== undefined && (
          <SureButton sure="Yes, withdraw it" busy={busy} press={() => withdraw(variant.id)}>
            Withdraw the variant
          </SureButton>
        )}
      </div>
    </form>
  );
}
