import { sharedStore } from './site-data.ts';

// It was written bare before, and a cart should not be lost over that.
const store = sharedStore('only2u.guest', (text) => (text.startsWith('"') ? String(JSON.parse(text)) : text));

/** Names the cart of somebody who is not signed in; it outlives the tab, as the cart does. */
export const guestToken = {
  get: store.readAgain,
  keep: (token: string): void => store.set(token),
  forget: (): void => store.set(undefined),
};
