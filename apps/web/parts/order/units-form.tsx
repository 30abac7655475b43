import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { Refused } from '../notices.tsx';
import { leftOf, type OrderItem, pieces, unitsLeft } from './order-units.ts';

export interface ChosenUnits {
  readonly itemId: string;
  readonly quantity: number;
  readonly reason: string;
}

interface UnitsFormProps {
  readonly order: Schemas['Order'];
  /** `Cancel` or `Return`. */
  readonly verb: string;
  readonly reasons: readonly string[];
  readonly send: (units: readonly ChosenUnits[]) => Promise<void>;
  readonly close: () => void;
}

/** Picks units of an order's lines, up to what is left of each, with one reason for all. */
export function UnitsForm({ order, verb, reasons, send, close }: UnitsFormProps) {
  const reasonId = useId();
  const head = useRef<HTMLHeadingElement>(null);
  const [chosen, setChosen] = useState<Readonly<Record<string, number>>>({});
  const [reason, setReason] = useState('');
  const [words, setWords] = useState('');
  const { busy, failure, run } = useAction();
  const lines = order.items.filter((item) => leftOf(item) > 0);
  const total = unitsLeft(order);
  const count = lines.reduce((sum, { id }) => sum + (chosen[id] ?? 0), 0);
  const isOther = reason === OTHER;

  // It takes the place of the button that opened it.
  useEffect(() => head.current?.focus(), []);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const said = isOther ? words.trim() : reason;
    if (count === 0 || said === '') return;
    const units = lines.flatMap(({ id }) => (chosen[id] ? [{ itemId: id, quantity: chosen[id], reason: said }] : []));
    run(() => send(units));
  };
  return (
    <form className="units" onSubmit={submit} aria-busy={busy}>
      <h3 ref={head} tabIndex={-1}>
        {`${verb} which?`}
      </h3>
      <label className="tick">
        <input
          type="checkbox"
          checked={count === total}
          onChange={({ target }) => setChosen(target.checked ? Object.fromEntries(lines.map((item) => [item.id, leftOf(item)])) : {})}
        />
        <span>Everything</span>
      </label>
      {lines.map((item) => (
        <UnitChoice
          key={item.id}
          item={item}
          quantity={chosen[item.id] ?? 0}
          choose={(quantity) => setChosen((before) => ({ ...before, [item.id]: quantity }))}
        />
      ))}
      <div className="field">
        <label htmlFor={reasonId}>Why?</label>
        <select id={reasonId} required value={reason} onChange={({ target }) => setReason(target.value)}>
          <option value="">Choose …</option>
          {[...reasons, OTHER].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        {isOther && (
          <input
            aria-label="In your words"
            required
            maxLength={500}
            pattern=".*\S.*"
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
        )}
      </div>
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy || count === 0} data-testid="send-units">
          {busy ? 'One moment …' : `${verb} ${count} of ${pieces(total)}`}
        </button>
        <button type="button" className="plain" disabled={busy} onClick={close}>
          Close
        </button>
      </div>
    </form>
  );
}

const OTHER = 'Something else';

function UnitChoice({ item, quantity, choose }: { item: OrderItem; quantity: number; choose: (quantity: number) => void }) {
  const id = useId();
  return (
    <div className="unit">
      <label htmlFor={id}>
        <span>{`${item.name} `}</span>
        <span className="quiet">{`${item.color}, ${item.size}`}</span>
      </label>
      <select id={id} value={quantity} onChange={({ target }) => choose(Number(target.value))}>
        {Array.from({ length: leftOf(item) + 1 }, (_, count) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the index is the value.
          <option key={count} value={count}>
            {count}
          </option>
        ))}
      </select>
    </div>
  );
}
