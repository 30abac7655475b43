import { createStore, type Store } from './store.ts';

/** What this page remembers by itself where the browser keeps nothing for the site. */
const ofThisPage = new Map<string, string>();

/** Some browsers throw at the first look at `localStorage` when site data is blocked, others when something is put into it. */
const storage = ((): Storage | undefined => {
  try {
    localStorage.setItem('only2u.probe', '');
    localStorage.removeItem('only2u.probe');
    return localStorage;
  } catch {
    return undefined;
  }
})();

/** False where the browser keeps nothing for this site: all lasts as long as the page then, and the pages say so. */
export const isRemembered = storage !== undefined;

const read = (key: string): string | undefined => (storage === undefined ? ofThisPage.get(key) : (storage.getItem(key) ?? undefined));

/** Whether there is something under this key. */
export const isKept = (key: string): boolean => read(key) !== undefined;

function write(key: string, text: string | undefined): void {
  if (text === undefined) ofThisPage.delete(key);
  else ofThisPage.set(key, text);
  try {
    if (text === undefined) storage?.removeItem(key);
    else storage?.setItem(key, text);
  } catch {
    // A full storage; this page goes on with what it knows.
  }
}

/**
 * A value that all tabs of this browser share and that outlives them.
 * @param parse answers undefined for text that is none
 */
export function sharedStore<T>(key: string, parse: (text: string) => T | undefined): Store<T | undefined> & { readAgain(): T | undefined } {
  const kept = (): T | undefined => {
    const text = read(key);
    return text === undefined ? undefined : parse(text);
  };
  const store = createStore(kept());
  const readAgain = (): T | undefined => {
    const value = kept();
    if (JSON.stringify(value) !== JSON.stringify(store.get())) store.set(value);
    return store.get();
  };
  // Without a key all of the site's data was cleared.
  addEventListener('storage', (event) => {
    if (event.key === key || event.key === null) readAgain();
  });
  // A page that was put aside heard nothing meanwhile.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) readAgain();
  });
  return {
    ...store,
    readAgain,
    set(value) {
      write(key, value === undefined ? undefined : JSON.stringify(value));
      store.set(value);
    },
  };
}

/** For `sharedStore`: JSON that has these fields as text. */
export const parsed =
  <T>(...fields: readonly string[]) =>
  (text: string): T | undefined => {
    try {
      const value = JSON.parse(text);
      return fields.every((field) => typeof value?.[field] === 'string') ? value : undefined;
    } catch {
      return undefined;
    }
  };
