import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { rupees } from '../parts/money.ts';
import { Refused, SureButton } from '../parts/notices.tsx';
import { keepOrder } from '../parts/order/use-order.ts';

type Order = Schemas['Order'];
type Status = Order['status'];

interface Step {
  readonly status: Status;
  readonly name: string;
  /** What it is asked again with, where it cannot be taken back; undefined where one press is enough. */
  readonly sure?: (order: Order) => string | undefined;
}

const cancelAll = { status: 'cancelled', name: 'Cancel all', sure: () => 'Yes, cancel all of it' } as const;

/** What staff may do next; the rest is automatic, and a return is received unit by unit. */
const STEPS: Readonly<Partial<Record<Status, readonly Step[]>>> = {
  confirmed: [{ status: 'packed', name: 'It is packed' }, cancelAll],
  packed: [{ status: 'shipped', name: 'The courier has it' }, cancelAll],
  shipped: [{ status: 'out_for_delivery', name: 'Out for delivery' }],
  out_for_delivery: [
    { status: 'delivered', name: 'Delivered', sure: collectedWords },
    { status: 'returned_to_origin', name: 'Came back to us', sure: () => 'Yes, it came back' },
  ],
};

/** Counts the cash as paid, which nobody can undo. */
function collectedWords({ paymentMethod, amountDue }: Order): string | undefined {
  return paymentMethod === 'cod' && amountDue > 0 ? `Yes, ${rupees(amountDue)} was collected` : undefined;
}

const NO_TRACKING = { carrier: '', number: '', url: '' };

export function StaffSteps({ order }: { order: Order }) {
  const [note, setNote] = useState('');
  const [tracking, setTracking] = useState(NO_TRACKING);
  const { busy, failure, run } = useAction();
  const steps = (STEPS[order.status] ?? []).map(({ sure, ...step }) => ({ ...step, sure: sure?.(order) }));
  const main = steps.find(({ sure }) => sure === undefined);
  if (steps.length === 0) return <p className="quiet">There is nothing for you to do.</p>;
  const ships = main?.status === 'shipped';
  const isTracked = Object.values(tracking).some((value) => value !== '');
  const go = (status: Status): Promise<void> =>
    run(async () => {
      const body = {
        status,
        ...(note.trim() !== '' && { note: note.trim() }),
        ...(status === 'shipped' && isTracked && { tracking }),
      };
      await keepOrder(await ask(api.PATCH('/api/orders/{id}/status', { params: { path: { id: order.id } }, body })));
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (main !== undefined) go(main.status);
  };
  const of = (name: keyof typeof NO_TRACKING) => ({
    value: tracking[name],
    change: (value: string) => setTracking((before) => ({ ...before, [name]: value })),
    required: isTracked,
  });
  return (
    <form onSubmit={submit} aria-busy={busy}>
      {ships && (
        <div className="tracking">
          <Field label="Courier" {...of('carrier')} maxLength={60} />
          <Field label="Tracking number" {...of('number')} maxLength={60} />
          <Field label="Tracking address" {...of('url')} type="url" pattern="https://.+" maxLength={488} placeholder="https://" />
        </div>
      )}
      <Field label="Note" value={note} change={setNote} required={false} maxLength={500} />
      <Refused failure={failure} />
      <div className="buttons">
        {main !== undefined && (
          <button type="submit" className="button" disabled={busy} data-testid={`step-${main.status}`}>
            {main.name}
          </button>
        )}
        {steps.map(
          ({ status, name, sure }) =>
            sure !== undefined && (
              <SureButton key={status} sure={sure} busy={busy} press={() => go(status)} testId={`step-${status}`}>
                {name}
              </SureButton>
            ),
        )}
      </div>
    </form>
  );
}
