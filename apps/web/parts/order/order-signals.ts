import { useEffect, useRef, useState } from 'react';
import { session } from '../session.ts';

/** What the gateway tells of an order on `/events`; the page reads the rest itself. */
interface StatusNews {
  readonly orderId: string;
}

/**
 * Listens for news of one order.
 * @param changed called at each of them, and once more after a gap in which some may have been missed
 * @returns whether the shop would tell; while it is false, somebody has to ask
 */
export function useOrderSignals(orderId: string, changed: () => void): boolean {
  const token = session.use()?.accessToken;
  const [isLive, setIsLive] = useState(false);
  const latest = useRef(changed);
  latest.current = changed;
  // A socket ends with its token. Then the page asks again, which renews the token, and with it the socket.
  useEffect(() => {
    if (token === undefined) return;
    let isWanted = true;
    let close = (): void => undefined;
    const listen = async (): Promise<void> => {
      const { io } = await import('socket.io-client');
      if (!isWanted) return;
      // Long polling would need every request to reach the same gateway, and the page can ask by itself.
      const socket = io('/events', { auth: { token }, transports: ['websocket'], forceNew: true });
      close = () => socket.disconnect();
      socket.on('connect', () => {
        setIsLive(true);
        latest.current();
      });
      socket.on('disconnect', () => setIsLive(false));
      socket.on('order:status', (news: StatusNews) => {
        if (news.orderId === orderId) latest.current();
      });
    };
    // Without the chunk there are no signals, as without a socket.
    listen().catch(() => undefined);
    return () => {
      isWanted = false;
      close();
      setIsLive(false);
    };
  }, [orderId, token]);
  return isLive;
}
