import { useEffect, useRef } from 'react';
import type { Schemas } from '#libs/client/client';
import { session } from './session.ts';
import { createStore } from './store.ts';

/** What the gateway tells on `/events`. It is a hint: pages read the rest themselves. */
interface News {
  readonly 'order:status': { readonly orderId: string };
  readonly notification: Schemas['Notification'];
  readonly unread: { readonly notifications: number; readonly chat: number; readonly version: number };
}
type Heard = (news: unknown) => void;

/** Whether the shop would tell; while it is false, somebody has to ask. */
const isLive = createStore(false);
const listeners = new Map<keyof News, Set<Heard>>();
let token: string | undefined;
let hangUp: (() => void) | undefined;

/** All that a page listens to comes over one socket, which ends with its token: a renewed one opens the next. */
function followSession(): void {
  const wanted = [...listeners.values()].some(({ size }) => size > 0) ? session.get()?.accessToken : undefined;
  if (wanted === token) return;
  hangUp?.();
  token = wanted;
  hangUp = wanted === undefined ? undefined : connect(wanted);
}
session.subscribe(followSession);

function connect(accessToken: string): () => void {
  let isWanted = true;
  let close = (): void => undefined;
  const listen = async (): Promise<void> => {
    const { io } = await import('socket.io-client');
    if (!isWanted) return;
    // Long polling would need every request to reach the same gateway, and pages can ask by themselves.
    const socket = io('/events', { auth: { token: accessToken }, transports: ['websocket'], forceNew: true });
    close = () => void socket.disconnect();
    socket.on('connect', () => isLive.set(true));
    socket.on('disconnect', () => isLive.set(false));
    socket.onAny((event: keyof News, news: unknown) => {
      for (const heard of listeners.get(event) ?? []) heard(news);
    });
  };
  // Without the chunk there are no news, as without a socket.
  listen().catch(() => undefined);
  return () => {
    isWanted = false;
    close();
    isLive.set(false);
  };
}

/**
 * Listens for one kind of news.
 * @returns whether the shop would tell
 */
export function useNews<K extends keyof News>(kind: K, heard: (news: News[K]) => void): boolean {
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => {
    // Its shape is the gateway's contract.
    const hear: Heard = (news) => latest.current(news as News[K]);
    const ears = listeners.get(kind) ?? new Set();
    listeners.set(kind, ears.add(hear));
    followSession();
    return () => {
      ears.delete(hear);
      followSession();
    };
  }, [kind]);
  return isLive.use();
}
