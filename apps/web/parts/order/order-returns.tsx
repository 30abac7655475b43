import type { Schemas } from '#libs/client/client';
import { rupees } from '../money.ts';
import { momentOf } from './order-words.ts';

type Order = Schemas['Order'];
type Return = Order['returns'][number];

const WORDS: Readonly<Record<Return['status'], string>> = {
  requested: 'Return requested',
  received: 'Back with us',
  refused: 'Return refused',
};

/** Which units are going back or went, why, and what they are worth. */
export function OrderReturns({ order }: { order: Order }) {
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
                  <span>{`${quantity} × ${nameOf(order, itemId)} `}</span>
                  <span className="quiet">{reason}</span>
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

function nameOf(order: Order, itemId: string): string {
  const item = order.items.find(({ id }) => id === itemId);
  return item === undefined ? 'something of this order' : `${item.name}, ${item.color}, ${item.size}`;
}

/** The return that waits for its goods. */
export const openReturn = ({ returns }: Order): Return | undefined => returns.find(({ status }) => status === 'requested');
