import { useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { api, askOnce } from '../api.ts';
import { unitsLeft } from './order-units.ts';
import { type ChosenUnits, UnitsForm } from './units-form.tsx';
import { keepOrder } from './use-order.ts';

type Order = Schemas['Order'];

interface OrderChangesProps {
  readonly order: Order;
  /** What there is to say about the order as it is now. */
  readonly remark: (order: Order, words: string) => void;
}

const WHY_CANCEL = ['Ordered by mistake', 'Another size or colour', 'It takes too long', 'Found it for less'];
const WHY_RETURN = ['It does not fit', 'It looks different', 'It is damaged', 'It is not what I ordered', 'I do not need it'];

/** Words about an order that are good until it moves on. */
export function useRemark(): readonly [wordsFor: (order: Order) => string, remark: OrderChangesProps['remark']] {
  const [said, setSaid] = useState<{ status: Order['status']; words: string }>();
  return [({ status }) => (said?.status === status ? said.words : ''), ({ status }, words) => setSaid({ status, words })];
}

/** What a customer can still do about an order: cancel units until it is sent, ask to send them back once it is there. */
export function OrderChanges({ order, remark }: OrderChangesProps) {
  const [isOpen, setIsOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  // Who closes the form goes on where it was opened.
  useEffect(() => {
    if (wasOpen.current && !isOpen) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const isCancel = order.status === 'confirmed' || order.status === 'packed';
  const isReturn = order.status === 'delivered';
  if ((!isCancel && !isReturn) || unitsLeft(order) === 0) return null;
  const send = async (units: readonly ChosenUnits[]): Promise<void> => {
    const changed = await (isCancel ? cancelUnits(order, units) : requestReturn(order, units));
    await keepOrder(changed);
    setIsOpen(false);
    remark(changed, isCancel ? cancelledWords(order) : 'We have your request. The money goes back when the goods are here.');
  };
  return isOpen ? (
    <UnitsForm
      order={order}
      verb={isCancel ? 'Cancel' : 'Return'}
      reasons={isCancel ? WHY_CANCEL : WHY_RETURN}
      send={send}
      close={() => setIsOpen(false)}
    />
  ) : (
    <button
      ref={opener}
      type="button"
      className="button secondary"
      data-testid={isCancel ? 'cancel-items' : 'return-items'}
      onClick={() => setIsOpen(true)}
    >
      {isCancel ? 'Cancel items' : 'Return items'}
    </button>
  );
}

const cancelledWords = ({ paymentMethod }: Order): string =>
  paymentMethod === 'cod' ? 'It is cancelled. You pay that much less.' : 'It is cancelled. The money for it goes back the way it came.';

function cancelUnits(order: Order, units: readonly ChosenUnits[]): Promise<Order> {
  const isAll = units.reduce((sum, { quantity }) => sum + quantity, 0) === unitsLeft(order);
  const body = {
    reason: units[0]?.reason ?? '',
    // Without lines it is the whole order, whatever was cancelled elsewhere since this page was drawn.
    ...(!isAll && { items: units.map(({ itemId, quantity }) => ({ itemId, quantity })) }),
  };
  return askOnce(`cancel ${order.id} ${JSON.stringify(body)}`, (header) =>
    api.POST('/api/orders/{id}/cancel', { params: { path: { id: order.id }, header }, body }),
  );
}

function requestReturn(order: Order, units: readonly ChosenUnits[]): Promise<Order> {
  const body = { items: units.map(({ itemId, quantity, reason }) => ({ itemId, quantity, reason })) };
  return askOnce(`return ${order.id} ${JSON.stringify(body)}`, (header) =>
    api.POST('/api/orders/{id}/return', { params: { path: { id: order.id }, header }, body }),
  );
}
