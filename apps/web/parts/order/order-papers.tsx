import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { rupees } from '../money.ts';
import { Refused } from '../notices.tsx';
import { save } from '../save.ts';

type Order = Schemas['Order'];

/** The invoice and the credit notes of an order, to save. Nothing before there is an invoice. */
export function OrderPapers({ order: { id, invoice, creditNotes } }: { order: Order }) {
  if (invoice === undefined) return null;
  return (
    <section className="panel" aria-labelledby="papers">
      <h2 id="papers">Papers</h2>
      <ul className="papers">
        <Paper orderId={id} name={`Invoice ${invoice.number}`} number={invoice.number} />
        {creditNotes.map(({ number, amount }) => (
          <Paper key={number} orderId={id} name={`Credit note ${number}`} about={rupees(amount)} number={number} creditNote={number} />
        ))}
      </ul>
    </section>
  );
}

interface PaperProps {
  readonly orderId: string;
  readonly name: string;
  readonly about?: string;
  readonly number: string;
  readonly creditNote?: string;
}

function Paper({ orderId, name, about, number, creditNote }: PaperProps) {
  const { busy, failure, run } = useAction();
  const query = creditNote === undefined ? {} : { creditNote };
  const open = (): Promise<void> =>
    run(async () => {
      // A link could not carry the access token.
      const file = await ask(api.GET('/api/orders/{id}/invoice', { params: { path: { id: orderId }, query }, parseAs: 'blob' }));
      save(file, `${number.replaceAll('/', '-')}.pdf`);
    });
  return (
    <li>
      <button type="button" className="plain" disabled={busy} onClick={open} data-testid="paper">
        {busy ? 'Fetching …' : `${name} (PDF)`}
      </button>
      {about !== undefined && <span className="quiet">{about}</span>}
      <Refused failure={failure} />
    </li>
  );
}
