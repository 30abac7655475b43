import type { Schemas } from '#libs/client/client';
import { createStore } from './store.ts';

export type Session = Pick<Schemas['SignedIn'], 'user' | 'accessToken' | 'refreshToken'>;

const KEY = 'only2u.session';
const store = createStore<Session | undefined>(kept());

/** Who is signed in on this tab; it survives a reload and the way to the payment page and back, and ends with the tab. */
export const session = {
  get: store.get,
  use: store.use,
  subscribe: store.subscribe,
  begin({ user, accessToken, refreshToken = '' }: Session): void {
    sessionStorage.setItem(KEY, JSON.stringify({ user, accessToken, refreshToken }));
    store.set({ user, accessToken, refreshToken });
  },
  end(): void {
    sessionStorage.removeItem(KEY);
    store.set(undefined);
  },
};

type User = Session['user'];
export const isStaff = ({ roles }: User): boolean => roles.includes('admin') || roles.includes('support');
export const isAdmin = ({ roles }: User): boolean => roles.includes('admin');

function kept(): Session | undefined {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    return typeof value?.accessToken === 'string' && typeof value.refreshToken === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
