import { useEffect, useRef } from 'react';
import { failureIn } from './failure.ts';
import { type Resource, useResource } from './resource.ts';

export interface Live<T> extends Resource<T> {
  /** Reads anew; what is shown stays until the answer is there. */
  readonly refresh: () => void;
}

/**
 * As `useResource`, read again every so many milliseconds while somebody looks.
 * @param paceMs how long what was read is good for; undefined when it no longer changes
 */
export function useLive<T>(key: string, load: () => Promise<T>, paceMs: (data: T) => number | undefined): Live<T> {
  const resource = useResource(key, load);
  const { data } = resource;
  const news = useRef(0);
  const current = useRef(key);
  current.current = key;
  const replace = (next: T): void => {
    news.current += 1;
    resource.replace(next);
  };
  const refresh = (): void => {
    const before = news.current;
    load().then((next) => {
      // What was overtaken by other news meanwhile is old.
      if (current.current === key && news.current === before) replace(next);
      // One reading that fails is made good by the next.
    }, failureIn);
  };
  const latest = useRef(refresh);
  latest.current = refresh;
  const pace = data === undefined ? undefined : paceMs(data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key begins a new round.
  useEffect(() => {
    if (pace === undefined) return;
    const look = (): void => {
      if (!document.hidden) latest.current();
    };
    const timer = setInterval(look, pace);
    // Whoever comes back to the tab sees how it stands now.
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [pace, key]);
  useEffect(
    () => () => {
      current.current = '';
    },
    [],
  );
  return { ...resource, replace, refresh };
}
