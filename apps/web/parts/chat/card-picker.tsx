import { useState } from 'react';
import type { Thread } from '#libs/client/chat-types';
import { queries } from '../api.ts';
import { outbox } from './chat-outbox.ts';
import { useChatWords } from './chat-words.ts';
import { newMessageId } from './message-id.ts';

interface CardPickerProps {
  readonly thread: Thread;
  /** Whose orders can be shown; only a support thread takes any. */
  readonly ordersOf: string;
}
const SHOWN = 8;

/** Shows a product, or an order of the customer, in the conversation. */
export function CardPicker({ thread, ordersOf }: CardPickerProps) {
  const words = useChatWords();
  const [picked, setPicked] = useState<'product' | 'order'>();
  const close = (): void => setPicked(undefined);
  const sendOrder = (orderId: string): void => {
    outbox.add({ threadId: thread.id, clientMessageId: newMessageId(), type: 'order', orderId });
    close();
  };
  const sendProduct = (productId: string): void => {
    outbox.add({ threadId: thread.id, clientMessageId: newMessageId(), type: 'product', productId });
    close();
  };
  return (
    <div className="card-picker">
      {picked === 'order' && <Orders ordersOf={ordersOf} choose={sendOrder} />}
      {picked === 'product' && <Products choose={sendProduct} />}
      <div className="buttons">
        {picked !== undefined && (
          <button type="button" className="plain" onClick={close}>
            {words.close}
          </button>
        )}
        {picked === undefined && (
          <button type="button" className="plain" onClick={() => setPicked('product')}>
            {words.showProduct}
          </button>
        )}
        {picked === undefined && thread.kind === 'support' && (
          <button type="button" className="plain" onClick={() => setPicked('order')}>
            {words.showOrder}
          </button>
        )}
      </div>
    </div>
  );
}

interface ChoiceProps {
  readonly choose: (id: string) => void;
}

function Orders({ ordersOf, choose }: ChoiceProps & { ordersOf: string }) {
  const words = useChatWords();
  const params = { path: { userId: ordersOf }, query: { limit: SHOWN } };
  const { data } = queries.useQuery('get', '/api/orders/user/{userId}', { params });
  return (
    <ul className="picks">
      {data?.items.map(({ id, number, items }) => (
        <li key={id}>
          <button type="button" className="plain" onClick={() => choose(id)}>
            {`${number}: ${items.map(({ name }) => name).join(', ')}`}
          </button>
        </li>
      ))}
      {data?.items.length === 0 && <li>{words.noneFound}</li>}
    </ul>
  );
}

function Products({ choose }: ChoiceProps) {
  const words = useChatWords();
  const [q, setQ] = useState('');
  const query = { q: q.trim(), limit: SHOWN };
  const { data } = queries.useQuery('get', '/api/products', { params: { query } }, { enabled: q.trim().length > 1 });
  return (
    <>
      <input
        type="search"
        value={q}
        aria-label={words.searchProducts}
        placeholder={words.searchProducts}
        onChange={({ target }) => setQ(target.value)}
      />
      <ul className="picks">
        {data?.items.map(({ id, name, brand }) => (
          <li key={id}>
            <button type="button" className="plain" onClick={() => choose(id)}>
              {`${brand} ${name}`}
            </button>
          </li>
        ))}
        {data?.items.length === 0 && <li>{words.noneFound}</li>}
      </ul>
    </>
  );
}
