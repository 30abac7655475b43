const KEY = 'only2u.guest';

/** Names the cart of somebody who is not signed in; it outlives the tab, as the cart does. Without storage it lasts as long as the page. */
let token = kept();

export const guestToken = {
  get: (): string | undefined => token,
  keep(next: string): void {
    token = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // A browser that stores nothing still has a shop.
    }
  },
  forget(): void {
    token = undefined;
    try {
      localStorage.removeItem(KEY);
    } catch {
      // Nothing was stored then.
    }
  },
};

function kept(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
