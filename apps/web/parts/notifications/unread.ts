import { useEffect, useState } from 'react';
import { queries } from '../api.ts';
import { useNews } from '../news.ts';
import { session } from '../session.ts';
import { createStore } from '../store.ts';

interface Unread {
  /** Both undefined until they are known. */
  readonly notifications: number | undefined;
  readonly chat: number | undefined;
  /** Of what the socket has told; it rises. */
  readonly version: number;
}
const UNKNOWN: Unread = { notifications: undefined, chat: undefined, version: -1 };

const unread = createStore(UNKNOWN);
/** A socket tells the numbers when it opens; only where none does in this time, somebody asks. */
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
export const keepUnread = (notifications: number): void => unread.set({ ...unread.get(), notifications });
export const keepUnreadChats = (chat: number): void => unread.set({ ...unread.get(), chat });

/** Listens to the socket. @returns whether somebody has to ask instead */
function useHearing(): boolean {
  const isLive = useNews('unread', ({ notifications, chat, version }) => {
    if (version >= unread.get().version) unread.set({ notifications, chat, version });
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
  return isAsking;
}

/** Keeps what was asked for. */
function useAsked(asked: number | undefined, isAsking: boolean, keep: (count: number) => void): void {
  useEffect(() => {
    if (asked !== undefined && isAsking) keep(asked);
  }, [asked, isAsking, keep]);
}

/** How many notifications are unread, as it changes. */
export function useUnread(): number | undefined {
  const isAsking = useHearing();
  const { data } = queries.useQuery('get', '/api/notifications/user/{userId}', NEWEST, { enabled: isAsking, refetchInterval: POLL_MS });
  useAsked(data?.unreadCount, isAsking, keepUnread);
  return unread.use().notifications;
}

/** How many messages of chats are unread, as it changes. */
export function useUnreadChats(): number | undefined {
  const isAsking = useHearing();
  const options = { enabled: isAsking, refetchInterval: POLL_MS };
  const { data } = queries.useQuery('get', '/api/chat/user/{userId}/threads', NEWEST, options);
  useAsked(data?.totalUnread, isAsking, keepUnreadChats);
  return unread.use().chat;
}
