import { useState } from 'react';
import { Link } from 'wouter';
import type { Thread } from '#libs/client/chat-types';
import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { rupees } from '../../parts/money.ts';
import { momentOf, PAYMENT_WORDS, STATUS_WORDS } from '../../parts/order/order-words.ts';
import { Select } from '../../parts/select.tsx';
import { isAdmin, session } from '../../parts/session.ts';
import { addressOf, customerOf, readInbox } from './inbox.ts';
import { type MovesProps, moved } from './thread-moves.tsx';

/** The order, the customer and the colleagues of a thread. */
export function ThreadSide({ thread, room }: MovesProps) {
  const customer = customerOf(thread);
  return (
    <aside className="thread-side" aria-label="About this chat">
      {thread.orderId !== undefined && <OrderPanel orderId={thread.orderId} />}
      {customer !== undefined && <CustomerPanel customer={customer} />}
      <StaffPanel thread={thread} room={room} />
    </aside>
  );
}

function OrderPanel({ orderId }: { orderId: string }) {
  const { data } = queries.useQuery('get', '/api/orders/{id}', { params: { path: { id: orderId } } });
  if (data === undefined) return null;
  return (
    <section className="panel" aria-label="Order" data-testid="side-order">
      <h2>
        <Link to={`/orders/${orderId}`}>{data.number}</Link>
      </h2>
      <p>
        <span className={`badge ${data.status}`}>{STATUS_WORDS[data.status]}</span>
      </p>
      <p className="quiet">{`${PAYMENT_WORDS[data.paymentStatus]} · ${rupees(data.total)}`}</p>
      <ul>
        {data.items.map(({ id, quantity, name, size, color }) => (
          <li key={id}>{`${quantity} × ${name}, ${color}, ${size}`}</li>
        ))}
      </ul>
      <p className="quiet">{`${data.shippingAddress.name}, ${data.shippingAddress.city}`}</p>
    </section>
  );
}

function CustomerPanel({ customer: { userId, name = 'The customer' } }: { customer: Thread['participants'][number] }) {
  const params = { path: { userId }, query: { limit: 5 } };
  const { data } = queries.useQuery('get', '/api/orders/user/{userId}', { params });
  return (
    <section className="panel" aria-label="Customer" data-testid="side-customer">
      <h2>{name}</h2>
      <ul>
        {data?.items.map((order) => (
          <li key={order.id}>
            <Link to={`/orders/${order.id}`}>{order.number}</Link>
            <span className="quiet">{` ${STATUS_WORDS[order.status]}, ${momentOf(order.createdAt)}`}</span>
          </li>
        ))}
        {data?.items.length === 0 && <li className="quiet">No orders yet.</li>}
      </ul>
      <Link to={addressOf({ box: 'all', userId })}>All their chats</Link>
    </section>
  );
}

/** Whom a thread can be given to: admins see everybody who works here, others themselves and who is in it. */
function useColleagues({ participants }: Thread): readonly (readonly [string, string])[] {
  const user = session.use()?.user;
  const { data } = queries.useQuery('get', '/api/auth/staff', {}, { enabled: user !== undefined && isAdmin(user) });
  const known = new Map(participants.filter(({ role }) => role === 'staff').map(({ userId, name }) => [userId, name ?? 'A colleague']));
  for (const { id, name } of data?.items ?? []) known.set(id, name);
  if (user !== undefined) known.set(user.id, `${user.name} (you)`);
  return [...known];
}

function StaffPanel({ thread, room }: MovesProps) {
  const colleagues = useColleagues(thread);
  const action = useAction();
  const params = { path: { threadId: thread.id } };
  const assign = (assigneeId: string): Promise<void> =>
    moved(action, room, () =>
      ask(api.POST('/api/chat/threads/{threadId}/assign', { params, body: { assigneeId: assigneeId === '' ? null : assigneeId } })),
    );
  const staff = thread.participants.filter(({ role }) => role === 'staff');
  const others = colleagues.filter(([id]) => !staff.some(({ userId }) => userId === id));
  return (
    <section className="panel" aria-label="Colleagues" data-testid="side-staff">
      <h2>Colleagues</h2>
      <Select
        label="Assigned to"
        value={thread.assigneeId ?? ''}
        change={(value) => void assign(value)}
        choices={[['', 'Nobody'], ...colleagues]}
      />
      <ChatRefused failure={action.failure} />
      <ul>
        {staff.map(({ userId, name = 'A colleague' }) => (
          <li key={userId} className="pieces">
            <span>{name}</span>
            {userId !== thread.assigneeId && <LeaveButton thread={thread} room={room} userId={userId} name={name} />}
          </li>
        ))}
      </ul>
      {others.length > 0 && <BringIn key={staff.length} thread={thread} room={room} others={others} />}
    </section>
  );
}

function LeaveButton({ thread: { id: threadId }, room, userId, name }: MovesProps & { userId: string; name: string }) {
  const { busy, failure, run } = useAction();
  const remove = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/chat/threads/{threadId}/participants/{id}', { params: { path: { threadId, id: userId } } }));
      await room.read();
      await readInbox();
    });
  return (
    <>
      <button type="button" className="plain" disabled={busy} onClick={remove} aria-label={`Take out ${name}`}>
        Take out
      </button>
      <ChatRefused failure={failure} />
    </>
  );
}

function BringIn({ thread, room, others }: MovesProps & { others: readonly (readonly [string, string])[] }) {
  const action = useAction();
  const [userId, setUserId] = useState('');
  const bring = (): Promise<void> =>
    moved(action, room, () =>
      ask(api.POST('/api/chat/threads/{threadId}/participants', { params: { path: { threadId: thread.id } }, body: { userId } })),
    );
  return (
    <>
      <Select label="Bring in" value={userId} change={setUserId} choices={[['', 'Choose'], ...others]} />
      <ChatRefused failure={action.failure} />
      <button type="button" className="button secondary" disabled={userId === '' || action.busy} onClick={bring}>
        Bring in
      </button>
    </>
  );
}
