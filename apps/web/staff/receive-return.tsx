import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, askOnce } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { rupees } from '../parts/money.ts';
import { Refused, SureButton } from '../parts/notices.tsx';
import { useOrderMoney } from '../parts/order/order-money.tsx';
import type { Return } from '../parts/order/order-returns.tsx';
import { backFor } from '../parts/order/order-sums.ts';
import { unitWords } from '../parts/order/order-units.ts';
import { keepOrder } from '../parts/order/use-order.ts';
import { Select } from '../parts/select.tsx';

type Order = Schemas['Order'];

/** Of a line's units those that are not for sale again; the rest is restocked. */
interface Exceptions {
  readonly scrap: number;
  readonly reject: number;
}

interface ReturnedLine {
  readonly itemId: string;
  readonly quantity: number;
  /** Why, in the customer's words. */
  readonly reasons: string;
  readonly exceptions: Exceptions;
}

const NONE: Exceptions = { scrap: 0, reject: 0 };

/** Books what became of each unit of a return, and says before it is pressed what goes back for it. */
export function ReceiveReturn({ order, open }: { order: Order; open: Return }) {
  const [exceptions, setExceptions] = useState<Readonly<Record<string, Exceptions>>>({});
  const [note, setNote] = useState('');
  const { busy, failure, run } = useAction();
  const amount = useRefund(order, open);
  const lines = linesOf(open, exceptions);
  const isRefused = lines.every(({ quantity, exceptions: { reject } }) => reject === quantity);
  const back = rupees(amount(lines));
  const rejectAll = (): void =>
    setExceptions(Object.fromEntries(lines.map(({ itemId, quantity }) => [itemId, { scrap: 0, reject: quantity }])));
  const book = (): Promise<void> =>
    run(async () => {
      const body = { items: lines.flatMap(outcomesOf), ...(note.trim() !== '' && { note: note.trim() }) };
      const booked = await askOnce(`receive ${open.id} ${JSON.stringify(body)}`, (header) =>
        api.POST('/api/orders/{id}/returns/{returnId}/receive', {
          params: { path: { id: order.id, returnId: open.id }, header },
          body,
        }),
      );
      await keepOrder(booked);
    });
  return (
    <div className="units" aria-busy={busy}>
      <h3>What came back?</h3>
      {lines.map((line) => (
        <LineFate
          key={line.itemId}
          name={unitWords(order, line.itemId, line.quantity)}
          line={line}
          choose={(chosen) => setExceptions((before) => ({ ...before, [line.itemId]: chosen }))}
        />
      ))}
      <Field label="Note" value={note} change={setNote} required={false} maxLength={500} />
      <Refused failure={failure} />
      <div className="buttons">
        {/* Another sum is another question. */}
        <SureButton
          key={isRefused ? 'refuse' : back}
          sure={isRefused ? 'Yes, refuse it' : `Yes, refund ${back}`}
          busy={busy}
          press={book}
          testId="receive-return"
        >
          {isRefused ? 'Refuse the return' : `Book it and refund ${back}`}
        </SureButton>
        {!isRefused && (
          <button type="button" className="plain" disabled={busy} onClick={rejectAll}>
            Nothing is taken back
          </button>
        )}
      </div>
    </div>
  );
}

/** What goes back for the units that are accepted, in paise: never more than was asked for, or than is left of what was paid. */
function useRefund(order: Order, open: Return): (lines: readonly ReturnedLine[]) => number {
  const { payments } = useOrderMoney(order);
  const promised = payments?.refunds.reduce((sum, { amount, status }) => (status === 'failed' ? sum : sum + amount), 0) ?? 0;
  const left = payments === undefined ? open.amount : payments.captured - promised;
  return (lines) => {
    const worth = lines.map(({ itemId, quantity, exceptions: { reject } }) => {
      const item = order.items.find(({ id }) => id === itemId);
      return item === undefined ? 0 : backFor(item, quantity - reject);
    });
    return Math.max(
      0,
      Math.min(
        worth.reduce((sum, one) => sum + one, 0),
        left,
      ),
    );
  };
}

/** A return's units by line, whatever reasons they have. */
function linesOf({ items }: Return, exceptions: Readonly<Record<string, Exceptions>>): ReturnedLine[] {
  return [...Map.groupBy(items, ({ itemId }) => itemId)].map(([itemId, units]) => ({
    itemId,
    quantity: units.reduce((sum, { quantity }) => sum + quantity, 0),
    reasons: [...new Set(units.map(({ reason }) => reason))].join('; '),
    exceptions: exceptions[itemId] ?? NONE,
  }));
}

function outcomesOf({ itemId, quantity, exceptions: { scrap, reject } }: ReturnedLine): Schemas['ReceivedUnits'][] {
  const counts = [
    { outcome: 'restock', quantity: quantity - scrap - reject },
    { outcome: 'scrap', quantity: scrap },
    { outcome: 'reject', quantity: reject },
  ] as const;
  return counts.filter((one) => one.quantity > 0).map((one) => ({ itemId, ...one }));
}

interface LineFateProps {
  readonly name: string;
  readonly line: ReturnedLine;
  readonly choose: (chosen: Exceptions) => void;
}

/** How many of a line's units go where. */
function LineFate({ name, line, choose }: LineFateProps) {
  const { quantity, reasons, exceptions } = line;
  const { scrap, reject } = exceptions;
  return (
    <fieldset className="fate">
      <legend>
        <span>{`${name} `}</span>
        <span className="quiet">{reasons}</span>
      </legend>
      <div className="fates">
        <p className="field">
          <span>For sale again</span>
          <output data-testid="restocked">{quantity - scrap - reject}</output>
        </p>
        <Select
          label="Not for sale"
          value={String(scrap)}
          change={(value) => choose({ scrap: Number(value), reject: Math.min(reject, quantity - Number(value)) })}
          choices={countsTo(quantity)}
        />
        <Select
          label="Goes to the customer again"
          value={String(reject)}
          change={(value) => choose({ scrap: Math.min(scrap, quantity - Number(value)), reject: Number(value) })}
          choices={countsTo(quantity)}
        />
      </div>
    </fieldset>
  );
}

const countsTo = (most: number): (readonly [string, string])[] =>
  Array.from({ length: most + 1 }, (_, count) => [String(count), String(count)] as const);
