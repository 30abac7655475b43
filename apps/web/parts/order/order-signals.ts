import { useEffect, useRef } from 'react';
import { useNews } from '../news.ts';

/**
 * Listens for news of one order.
 * @param changed called at each of them, and once more after a gap in which some may have been missed
 * @returns whether the shop would tell; while it is false, somebody has to ask
 */
export function useOrderSignals(orderId: string, changed: () => void): boolean {
  const latest = useRef(changed);
  latest.current = changed;
  const isLive = useNews('order:status', (news) => {
    if (news.orderId === orderId) latest.current();
  });
  useEffect(() => {
    if (isLive) latest.current();
  }, [isLive]);
  return isLive;
}
