import { type FormEvent, useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, askOnce, PAGED, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { Failed, Refused, ShowMore } from '../../parts/notices.tsx';
import { momentOf } from '../../parts/order/order-words.ts';
import { CATALOGUE_WORDS } from './product-words.ts';

type Variant = Schemas['StaffVariant'];

interface StockGridProps {
  readonly product: Schemas['StaffProductDetail'];
  readonly changed: () => Promise<void>;
}

/** Sizes by colours with what is there of each; a cell opens its count and its book. */
export function StockGrid({ product: { id, variants }, changed }: StockGridProps) {
  const [openId, setOpenId] = useState<string | undefined>();
  if (variants.length === 0) return null;
  const sizes = [...new Set(variants.map(({ size }) => size))];
  const colors = [...new Set(variants.map(({ color }) => color))];
  const open = variants.find((variant) => variant.id === openId);
  const cell = (variant: Variant | undefined) =>
    variant === undefined ? (
      <span className="quiet">–</span>
    ) : (
      <button
        type="button"
        className="plain stock-cell"
        aria-expanded={variant.id === openId}
        aria-label={`${variant.size}, ${variant.color}: ${variant.available} to sell, ${variant.reserved} held`}
        onClick={() => setOpenId(variant.id === openId ? undefined : variant.id)}
      >
        {variant.reserved === 0 ? `${variant.available}` : `${variant.available} + ${variant.reserved} held`}
      </button>
    );
  return (
    <section className="panel" aria-labelledby="stock">
      <h2 id="stock">Stock</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="scrolls" aria-label="Stock by size and colour" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Size</th>
              {colors.map((color) => (
                <th key={color} scope="col">
                  {color}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sizes.map((size) => (
              <tr key={size}>
                <th scope="row">{size}</th>
                {colors.map((color) => (
                  <td key={color}>{cell(variants.find((one) => one.size === size && one.color === color))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {open !== undefined && (
        <div key={open.id} className="stock-open">
          <h3>{`${open.size}, ${open.color}`}</h3>
          <p className="quiet">{`${open.onHand} in the warehouse, ${open.reserved} held by unpaid orders`}</p>
          <CountForm productId={id} variant={open} changed={changed} />
          <CorrectForm productId={id} variant={open} changed={changed} />
          {/* Another count means that the book has gone on. */}
          <Book key={open.onHand} productId={id} variantId={open.id} />
        </div>
      )}
    </section>
  );
}

interface FormProps {
  readonly productId: string;
  readonly variant: Variant;
  readonly changed: () => Promise<void>;
}

function useSetting({ productId, variant: { id: variantId }, changed }: FormProps) {
  const action = useAction();
  const set = (body: { onHand: number } | { delta: number; reason: string }, after: () => void): Promise<void> =>
    action.run(async () => {
      await askOnce(`stock ${variantId} ${JSON.stringify(body)}`, (header) =>
        api.PUT('/api/products/{id}/variants/{variantId}/stock', { params: { path: { id: productId, variantId }, header }, body }),
      );
      after();
      await changed();
    });
  return { ...action, set };
}

function CountForm(props: FormProps) {
  const [count, setCount] = useState('');
  const { busy, failure, set } = useSetting(props);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void set({ onHand: Number(count) }, () => setCount(''));
  };
  return (
    <form className="stock-form" onSubmit={submit} aria-label="Count">
      <Field label="Counted in the warehouse" value={count} change={setCount} type="number" min={0} max={10_000_000} step={1} />
      <button type="submit" className="button secondary" disabled={busy} data-testid="count-stock">
        Set the count
      </button>
      <Refused failure={failure} words={CATALOGUE_WORDS} />
    </form>
  );
}

function CorrectForm(props: FormProps) {
  const [delta, setDelta] = useState('');
  const [reason, setReason] = useState('');
  const { busy, failure, set } = useSetting(props);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void set({ delta: Number(delta), reason }, () => {
      setDelta('');
      setReason('');
    });
  };
  return (
    <form className="stock-form" onSubmit={submit} aria-label="Correct">
      <Field label="More or fewer" value={delta} change={setDelta} type="number" step={1} hint="−2 takes two away" />
      <Field label="Why" value={reason} change={setReason} maxLength={200} />
      <button type="submit" className="button secondary" disabled={busy} data-testid="correct-stock">
        Correct
      </button>
      <Refused failure={failure} words={CATALOGUE_WORDS} />
    </form>
  );
}

const KINDS = { count: 'Counted', correction: 'Corrected', sale: 'Sold', return: 'Came back' } as const;

function Book({ productId: id, variantId }: { productId: string; variantId: string }) {
  const headId = useId();
  const params = { path: { id, variantId }, query: { limit: 10 } };
  const list = queries.useInfiniteQuery('get', '/api/products/{id}/variants/{variantId}/stock/movements', { params }, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  if (failure !== undefined) return <Failed failure={failure} retry={list.refetch} />;
  if (items === undefined) return <p role="status">Loading its book …</p>;
  return (
    <section aria-labelledby={headId}>
      <h4 id={headId}>Its book</h4>
      {items.length === 0 && <p className="quiet">Nothing has moved yet.</p>}
      <ul className="summary" data-testid="stock-book">
        {items.map(({ id: entry, kind, change, onHand: after, reason, at }) => (
          <li key={entry}>
            <span>{[momentOf(at), KINDS[kind], reason].filter(Boolean).join(' · ')}</span>
            <span>{`${change > 0 ? '+' : ''}${change} → ${after}`.replace('-', '−')}</span>
          </li>
        ))}
      </ul>
      <ShowMore list={list} />
    </section>
  );
}
