import { useEffect, useRef, useState } from 'react';
import type { Message } from '#libs/client/chat-types';
import { useChatLine } from './chat-line.ts';
import { ThreadRoom } from './thread-room.ts';

const POLL_MS = 5_000;

/**
 * A thread while a page shows it.
 * @param came is told of each new message once
 */
export function useRoom(threadId: string, came: (messages: readonly Message[]) => void): ThreadRoom | undefined {
  const latest = useRef(came);
  latest.current = came;
  const [room, setRoom] = useState<ThreadRoom>();
  useEffect(() => {
    const opened = new ThreadRoom(threadId, (messages) => latest.current(messages));
    setRoom(opened);
    void opened.read();
    return () => opened.close();
  }, [threadId]);
  return room?.threadId === threadId ? room : undefined;
}

/** Keeps a room as it is at the shop: by the connection, or by asking while there is none. */
export function useFollowing(room: ThreadRoom) {
  const { socket, isLive } = useChatLine();
  const isRead = room.view.use().thread !== undefined;
  useEffect(() => (isRead && socket !== undefined ? room.follow(socket) : undefined), [room, isRead, socket]);
  useEffect(() => {
    if (isLive || !isRead) return undefined;
    const timer = setInterval(() => void room.poll(), POLL_MS);
    return () => clearInterval(timer);
  }, [room, isRead, isLive]);
  return { socket, isLive };
}
