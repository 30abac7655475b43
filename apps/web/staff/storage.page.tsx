import type { Schemas } from '#libs/client/client';
import { queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading } from '../parts/notices.tsx';

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;
const number = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 1 });

/** As people say it: `4.2 MB`. */
function amount(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${number.format(bytes / 1_000 ** power)} ${UNITS[power]}`;
}

/** What is stored, of which kind, and whose. */
export function StaffStoragePage() {
  const { data, error, refetch } = queries.useQuery('get', '/api/storage/admin/usage');
  const failure = data === undefined ? failureIn(error) : undefined;
  return (
    <>
      <title>Storage – Only2U staff</title>
      <div className="page-head">
        <h1>Storage</h1>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="what is stored" />}
      {data !== undefined && (data.files === 0 ? <Empty title="Nothing is stored yet" /> : <Usage usage={data} />)}
    </>
  );
}

function Usage({ usage: { files, bytes, storedBytes, openUploads, leftovers, purposes, largest } }: { usage: Schemas['StorageUsage'] }) {
  return (
    <section className="panel report" aria-label="What is stored">
      <dl className="totals">
        <dt>Files</dt>
        <dd>{number.format(files)}</dd>
        <dt>Each counted for itself</dt>
        <dd>{amount(bytes)}</dd>
        <dt>Stored, equal ones once, with the sizes made of pictures</dt>
        <dd>{amount(storedBytes)}</dd>
        <dt>Uploads under way</dt>
        <dd>{number.format(openUploads)}</dd>
        <dt>Still to be deleted</dt>
        <dd>{number.format(leftovers)}</dd>
      </dl>
      <Table title="By purpose" first="Purpose" rows={purposes.map(({ purpose, ...rest }) => ({ name: purpose, ...rest }))} />
      <Table title="Those who use most" first="User" rows={largest.map(({ userId, ...rest }) => ({ name: userId, ...rest }))} />
    </section>
  );
}

interface Row {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

const Table = ({ title, first, rows }: { title: string; first: string; rows: readonly Row[] }) => (
  <div className="scrolls">
    <table>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{first}</th>
          <th scope="col">Files</th>
          <th scope="col">Size</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, files, bytes }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{number.format(files)}</td>
            <td>{amount(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
