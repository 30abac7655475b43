import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, askOnce } from '../../parts/api.ts';
import { rupees } from '../../parts/money.ts';
import { Refused } from '../../parts/notices.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import './products.css';
import { type PriceLine, priceLinesIn } from './price-lines.ts';

type Repricing = Schemas['Repricing'];

/** Many prices at once: typed or pasted, looked at, then set; all of them or none. */
export function StaffPricesPage() {
  const [text, setText] = useState('');
  const [preview, setPreview] = useState<Repricing | undefined>();
  const { busy, failure, run, forget } = useAction();
  const lines = priceLinesIn(text);
  const wrong = lines.filter((line) => line.problem !== undefined);
  const changes = lines.flatMap(({ change }) => change ?? []);
  const ask = (isPreview: boolean): Promise<void> =>
    run(async () => {
      // As previewed: a price that was changed meanwhile is an error of its row.
      const from = new Map((preview?.items ?? []).map(({ sku, priceBefore }) => [sku.toLowerCase(), priceBefore]));
      const body = {
        preview: isPreview,
        changes: isPreview ? changes : changes.map((change) => ({ ...change, ...fromOf(from.get(change.sku.toLowerCase())) })),
      };
      setPreview(
        await askOnce(`prices ${JSON.stringify(body)}`, (header) => api.POST('/api/products/prices', { params: { header }, body })),
      );
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void ask(true);
  };
  return (
    <>
      <title>Many prices – Only2U staff</title>
      <div className="page-head">
        <h1>Many prices</h1>
      </div>
      <form className="panel" onSubmit={submit} aria-label="Prices" aria-busy={busy}>
        <TextArea
          label="SKU, price and MRP in ₹"
          value={text}
          change={(value) => {
            setText(value);
            setPreview(undefined);
            forget();
          }}
          maxLength={100_000}
          rows={8}
          hint="One a line, as pasted from a spreadsheet: KURTA-M-RED 699 999. The MRP may be left out. At most 500."
        />
        <Problems lines={wrong} />
        <Refused failure={failure} />
        <button
          type="submit"
          className="button"
          disabled={busy || changes.length === 0 || changes.length > 500 || wrong.length > 0}
          data-testid="preview-prices"
        >
          {busy ? 'One moment …' : 'See what changes'}
        </button>
      </form>
      {preview !== undefined && <Outcome outcome={preview} busy={busy} apply={() => ask(false)} />}
    </>
  );
}

const fromOf = (from: number | undefined): { from?: number } => (from === undefined ? {} : { from });

const Problems = ({ lines }: { lines: readonly PriceLine[] }) => (
  <ul className="refused">
    {lines.slice(0, 10).map(({ number, problem }) => (
      <li key={number}>{`Line ${number}: ${problem}`}</li>
    ))}
  </ul>
);

function Outcome({ outcome: { applied, changed, items, errors }, busy, apply }: { outcome: Repricing; busy: boolean; apply: () => void }) {
  const moved = items.filter(({ price, priceBefore, mrp, mrpBefore }) => price !== priceBefore || mrp !== mrpBefore);
  return (
    <section className="panel" aria-label="What changes">
      <p role="status" data-testid="repriced">
        {applied ? `${changed} prices are set.` : `${changed} of ${items.length + errors.length} would be another.`}
      </p>
      <ul className="refused" data-testid="price-errors">
        {errors.map(({ row, message }) => (
          <li key={row}>{`Line ${row}: ${message}`}</li>
        ))}
      </ul>
      {moved.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section className="scrolls wide" aria-label="Prices before and after" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">SKU</th>
                <th scope="col">Product</th>
                <th scope="col">Price</th>
                <th scope="col">MRP</th>
              </tr>
            </thead>
            <tbody>
              {moved.map(({ variantId, sku, name, size, color, price, priceBefore, mrp, mrpBefore }) => (
                <tr key={variantId}>
                  <th scope="row">{sku}</th>
                  <td>{`${name}, ${size}, ${color}`}</td>
                  <td>{change(priceBefore, price)}</td>
                  <td>{change(mrpBefore, mrp)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {!applied && errors.length === 0 && changed > 0 && (
        <button type="button" className="button" disabled={busy} onClick={apply} data-testid="apply-prices">
          Set these prices
        </button>
      )}
    </section>
  );
}

const change = (before: number, after: number): string => (before === after ? rupees(after) : `${rupees(before)} → ${rupees(after)}`);
