import { useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { type Action, useAction } from '../action.ts';
import { api, ask, MINE, PAGED, queries, queryClient } from '../api.ts';
import { failureIn } from '../failure.ts';
import { useNews } from '../news.ts';
import { Empty, Failed, Loading, Refused, ShowMore } from '../notices.tsx';
import { momentOf } from '../order/order-words.ts';
import { placeOf } from './place.ts';
import { keepUnread, useUnread } from './unread.ts';

type Notification = Schemas['Notification'];

const QUERY = { params: { ...MINE, query: { limit: 20 } } };

const readAgain = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['get', '/api/notifications/user/{userId}'] });

/** What the shop has told, newest first. */
export function NotificationsPage() {
  const list = queries.useInfiniteQuery('get', '/api/notifications/user/{userId}', QUERY, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  const unread = useUnread() ?? list.data?.pages[0]?.unreadCount ?? 0;
  const [news, setNews] = useState('');
  const action = useAction();
  useNews('notification', ({ title }) => {
    setNews(`New: ${title}`);
    void readAgain();
  });
  const [newest] = items ?? [];
  const readAll = (): Promise<void> =>
    action.run(async () => {
      // What comes meanwhile was not seen.
      const body = newest === undefined ? {} : { upTo: newest.id };
      const { unreadCount } = await ask(api.POST('/api/notifications/user/{userId}/read-all', { params: MINE, body }));
      keepUnread(unreadCount);
      await readAgain();
    });
  return (
    <>
      <title>Notifications – Only2U</title>
      <div className="page-head">
        <h1>Notifications</h1>
        {items !== undefined && unread > 0 && (
          <button type="button" className="plain" disabled={action.busy} onClick={readAll}>
            Mark all as read
          </button>
        )}
      </div>
      <p className="unseen" role="status">
        {news}
      </p>
      <Refused failure={action.failure} />
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="your notifications" />}
      {items?.length === 0 && (
        <Empty title="Nothing yet">
          <p>We tell you here when an order moves on, and when something happens to your account.</p>
        </Empty>
      )}
      <ul className="notices" data-testid="notifications">
        {items?.map((one) => (
          <Row key={one.id} one={one} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

function Row({ one }: { one: Notification }) {
  const action = useAction();
  const isUnread = one.readAt === undefined;
  const read = (): Promise<void> => markRead(action, one);
  const remove = (): Promise<void> =>
    action.run(async () => {
      await ask(api.DELETE('/api/notifications/{id}', { params: { path: { id: one.id } } }));
      await readAgain();
    });
  return (
    <li className={isUnread ? 'panel fresh' : 'panel'} data-unread={isUnread}>
      <h2>
        <Title one={one} opened={read} />
        {isUnread && <span className="unseen">, unread</span>}
        {one.count > 1 && <span className="count">{one.count}</span>}
      </h2>
      <p>{one.body}</p>
      <div className="buttons">
        <span className="quiet">{momentOf(one.createdAt)}</span>
        {isUnread && (
          <button type="button" className="plain" disabled={action.busy} onClick={read} aria-label={`Mark as read: ${one.title}`}>
            Mark as read
          </button>
        )}
        <button type="button" className="plain" disabled={action.busy} onClick={remove} aria-label={`Remove: ${one.title}`}>
          Remove
        </button>
      </div>
      <Refused failure={action.failure} />
    </li>
  );
}

/** Leads to what it is about, and is read by that. */
function Title({ one, opened }: { one: Notification; opened: () => void }) {
  const place = placeOf(one.data);
  if (place === undefined) return <span>{one.title}</span>;
  return place.isHere ? (
    <Link to={place.to} onClick={opened}>
      {one.title}
    </Link>
  ) : (
    <a href={place.to} onClick={opened}>
      {one.title}
    </a>
  );
}

const markRead = ({ run }: Action, { id, readAt }: Notification): Promise<void> =>
  run(async () => {
    if (readAt !== undefined) return;
    const { unreadCount } = await ask(api.POST('/api/notifications/{id}/read', { params: { path: { id } } }));
    keepUnread(unreadCount);
    await readAgain();
  });
