import { useEffect, useState } from 'react';
import { queries } from '../api.ts';
import { useNews } from '../news.ts';
import { session } from '../session.ts';
import { createStore } from '../store.ts';

interface Unread {
  /** Undefined until it is known. */
  readonly count: number | undefined;
  /** Of what the socket has told; it rises. */
  readonly version: number;
}
const UNKNOWN: Unread = { count: undefined, version: -1 };

const unread = createStore(UNKNOWN);
/** A socket tells the number when it opens; only where none does in this time, somebody asks. */
const PATIENCE_MS = 5_000;
const POLL_MS = 60_000;
const NEWEST = { params: { path: { userId: 'me' }, query: { limit: 1 } } };

let reader = session.get()?.user.id;
session.subscribe(() => {
  const next = session.get()?.user.id;
  if (next !== reader) unread.set(UNKNOWN);
  reader = next;
});

/** What an answer has just told. */
export const keepUnread = (count: number): void => unread.set({ ...unread.get(), count });

/** How many notifications are unread, as it changes. */
export function useUnread(): number | undefined {
  const isLive = useNews('unread', ({ notifications, version }) => {
    if (version >= unread.get().version) unread.set({ count: notifications, version });
  });
  const [isAsking, setIsAsking] = useState(false);
  useEffect(() => {
    if (isLive) {
      setIsAsking(false);
      return undefined;
    }
    const timer = setTimeout(() => setIsAsking(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isLive]);
  const { data } = queries.useQuery('get', '/api/notifications/user/{userId}', NEWEST, { enabled: isAsking, refetchInterval: POLL_MS });
  const asked = data?.unreadCount;
  useEffect(() => {
    if (asked !== undefined && isAsking) keepUnread(asked);
  }, [asked, isAsking]);
  return unread.use().count;
}
