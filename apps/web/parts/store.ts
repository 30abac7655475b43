import { useSyncExternalStore } from 'react';

/** A value that the browser and not the shop knows, such as who is signed in; it redraws the pages that use it. */
export interface Store<T> {
  get(): T;
  set(value: T): void;
  use(): T;
  /** Calls at each change, before anything is drawn anew. */
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  const get = (): T => value;
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get,
    subscribe,
    set(next) {
      value = next;
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, get),
  };
}
