import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { createStore } from './store.ts';

/** The gateway serves the shop under this path. */
export const BASE = '/demo';

export interface Place {
  /** Below BASE, such as `/p/silk-saree-2`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly hash: string;
}

const here = (): Place => ({
  path: location.pathname.slice(BASE.length) || '/',
  query: new URLSearchParams(location.search),
  hash: location.hash.slice(1),
});
const store = createStore(here());
addEventListener('popstate', () => store.set(here()));

export const usePlace = store.use;

export function navigate(to: string, { replace = false } = {}): void {
  const isNewPage = to.split(/[?#]/, 1)[0] !== store.get().path;
  history[replace ? 'replaceState' : 'pushState'](null, '', BASE + to);
  store.set(here());
  if (isNewPage) scrollTo(0, 0);
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: string;
}

export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    // New tabs and downloads are the browser's.
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={BASE + to} onClick={follow} />;
}
