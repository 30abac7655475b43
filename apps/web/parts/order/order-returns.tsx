import type { Schemas } from '#libs/client/client';
import { rupees } from '../money.ts';
import { type Reader, unitWords } from './order-units.ts';
import { momentOf } from './order-words.ts';

type Order = Schemas['Order'];
export type Return = Order['returns'][number];
type Outcome = Schemas['ReceivedUnits']['outcome'];

const WORDS: Readonly<Record<Return['status'], string>> = {
  requested: 'Return requested',
  received: 'Back with us',
  refused: 'Return refused',
};

/** Whether a piece is for sale again is the shop's own business. */
const FATES: Readonly<Record<Reader, Readonly<Record<Outcome, string>>>> = {
  customer: { restock: 'taken back', scrap: 'taken back', reject: 'not taken back, goes to you again' },
  staff: { restock: 'for sale again', scrap: 'not for sale', reject: 'goes to the customer again' },
};

/** Which units are going back or went, why, what became of each, and what they are worth. */
export function OrderReturns({ order, reader }: { order: Order; reader: Reader }) {
  if (order.returns.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="returns">
      <h2 id="returns">Returns</h2>
      <ul className="summary money" data-testid="returns">
        {order.returns.map((one) => (
          <li key={one.id} data-status={one.status}>
            <span>
              <strong>{WORDS[one.status]}</strong>
              <span className="quiet">{momentOf(one.requestedAt)}</span>
              {one.items.map(({ itemId, quantity, reason }) => (
                <span key={`${itemId} ${reason}`} className="unit-back">
                  <span>{`${unitWords(order, itemId, quantity)} `}</span>
                  <span className="quiet">{reason}</span>
                </span>
              ))}
              {fatesOf(one, reader).map(({ itemId, words, quantity }) => (
                <span key={`${itemId} ${words}`} className="note">
                  {`${unitWords(order, itemId, quantity)}: ${words}`}
                </span>
              ))}
            </span>
            <span>{one.status === 'refused' ? '–' : rupees(one.amount)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Fate {
  readonly itemId: string;
  readonly words: string;
  readonly quantity: number;
}

/** What became of the units, in the reader's words; units of a line with the same words are counted together. */
function fatesOf({ outcomes = [] }: Return, reader: Reader): Fate[] {
  const fates = new Map<string, Fate>();
  for (const { itemId, outcome, quantity } of outcomes) {
    const words = FATES[reader][outcome];
    const key = `${itemId} ${words}`;
    fates.set(key, { itemId, words, quantity: quantity + (fates.get(key)?.quantity ?? 0) });
  }
  return [...fates.values()];
}

/** The return that waits for its goods. */
export const openReturn = ({ returns }: Order): Return | undefined => returns.find(({ status }) => status === 'requested');
