import { type FormEvent, useId, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Failed, Loading, Refused } from '../../parts/notices.tsx';
import { save } from '../../parts/save.ts';
import './products.css';

const POLL_MS = 1_000;

/** Catalogues as CSV, in and out. */
export function StaffImportPage() {
  const [address] = useSearchParams();
  const id = address.get('id');
  return (
    <>
      <title>Import and export – Only2U staff</title>
      <div className="page-head">
        <h1>Import and export</h1>
        <ExportButton />
      </div>
      <ImportForm />
      {id !== null && <Progress key={id} id={id} />}
    </>
  );
}

function ImportForm() {
  const fileId = useId();
  const [, navigate] = useLocation();
  const [file, setFile] = useState<File | undefined>();
  const [dryRun, setDryRun] = useState(true);
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const { id } = await ask(
        api.POST('/api/products/import', {
          params: { header: {}, query: { dryRun } },
          headers: { 'content-type': 'text/csv' },
          // The browser reads the file as it sends it.
          body: '',
          bodySerializer: () => file,
        }),
      );
      navigate(`/products/import?id=${id}`);
    });
  };
  return (
    <form className="panel" onSubmit={submit} aria-label="Import" aria-busy={busy}>
      <div className="field">
        <label htmlFor={fileId}>A file of products</label>
        <input
          id={fileId}
          type="file"
          accept=".csv,text/csv"
          required
          aria-describedby={`${fileId}-hint`}
          onChange={({ target }) => setFile(target.files?.[0])}
        />
        <small id={`${fileId}-hint`}>
          CSV, as the export makes it. A row is a variant; an empty cell leaves what is there. Prices are in paise.
        </small>
      </div>
      <label className="tick">
        <input type="checkbox" checked={dryRun} onChange={({ target }) => setDryRun(target.checked)} />
        <span>Only try: say what would change</span>
      </label>
      <Refused failure={failure} />
      <button type="submit" className="button" disabled={busy || file === undefined} data-testid="import">
        {busy ? 'Sending …' : dryRun ? 'Try the file' : 'Import the file'}
      </button>
    </form>
  );
}

function Progress({ id }: { id: string }) {
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/api/products/import/{id}',
    { params: { path: { id } } },
    { refetchInterval: ({ state }) => (state.data?.status === 'done' ? false : POLL_MS) },
  );
  const failure = data === undefined ? failureIn(error) : undefined;
  if (failure !== undefined) return <Failed failure={failure} retry={refetch} />;
  if (data === undefined) return <Loading what="the import" />;
  return <Outcome progress={data} />;
}

function Outcome({ progress: { status, dryRun, rows, done, created, changed, failed, errors } }: { progress: Schemas['ImportProgress'] }) {
  const barId = useId();
  const title = dryRun ? 'What would change' : 'The import';
  return (
    <section className="panel" aria-label={title} data-testid="import-outcome" data-status={status}>
      <h2>{title}</h2>
      <label htmlFor={barId}>{`${done} of ${rows} rows`}</label>
      <progress id={barId} value={done} max={Math.max(rows, 1)} />
      <p role="status">
        {status === 'done' ? outcomeWords({ dryRun, created, changed, failed }) : 'It goes on, also when this page is closed.'}
      </p>
      {errors.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section className="scrolls" aria-label="Rows that are wrong" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col">What is wrong</th>
              </tr>
            </thead>
            <tbody data-testid="import-errors">
              {errors.map(({ row, message }) => (
                <tr key={row}>
                  <th scope="row">{row}</th>
                  <td>{message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {failed > errors.length && <p className="quiet">{`And ${failed - errors.length} more.`}</p>}
    </section>
  );
}

function outcomeWords({
  dryRun,
  created,
  changed,
  failed,
}: Pick<Schemas['ImportProgress'], 'dryRun' | 'created' | 'changed' | 'failed'>): string {
  if (created + changed + failed === 0) return dryRun ? 'Nothing would change.' : 'Nothing has changed.';
  const counts = `${created} made, ${changed} changed, ${failed} wrong`;
  return dryRun ? `It would be: ${counts}.` : `Done: ${counts}.`;
}

function ExportButton() {
  const { busy, failure, run } = useAction();
  const fetchAll = (): Promise<void> =>
    run(async () => {
      save(await ask(api.GET('/api/products/export', { parseAs: 'blob' })), 'catalogue.csv');
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
