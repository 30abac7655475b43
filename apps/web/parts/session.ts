import type { Schemas } from '#libs/client/client';
import { parsed, sharedStore } from './site-data.ts';

export type Session = Pick<Schemas['SignedIn'], 'user' | 'accessToken'> & {
  /** Staff that may do nothing before they have a second factor. */
  readonly enrolmentRequired?: boolean;
};

const store = sharedStore('only2u.session', parsed<Session>('accessToken'));

/**
 * Who is signed in in this browser: all its tabs, a link from a mail, and the browser when it is opened again. The refresh token is in a
 * cookie that no script can read.
 */
export const session = {
  get: store.get,
  use: store.use,
  subscribe: store.subscribe,
  /** As another tab may just have changed it. */
  readAgain: store.readAgain,
  begin: ({ user, accessToken, enrolmentRequired }: Session): void =>
    store.set({ user, accessToken, ...(enrolmentRequired && { enrolmentRequired }) }),
  end: (): void => store.set(undefined),
};

type User = Session['user'];
export const isStaff = ({ roles }: User): boolean => roles.includes('admin') || roles.includes('support');
export const isAdmin = ({ roles }: User): boolean => roles.includes('admin');
