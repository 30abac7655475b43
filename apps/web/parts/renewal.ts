import type { Schemas } from '#libs/client/client';
import { session } from './session.ts';
import { parsed, sharedStore } from './site-data.ts';

/** Tells the gateway to keep the refresh token in a cookie that no script reads, and to take it from there. */
export const BY_COOKIE = { 'X-Token-Transport': 'cookie' } as const;

const PATIENCE_MS = 15_000;

const post = (path: string, accessToken?: string): Promise<Response> =>
  fetch(path, {
    signal: AbortSignal.timeout(PATIENCE_MS),
    method: 'POST',
    headers: {
      ...BY_COOKIE,
      'content-type': 'application/json',
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    body: '{}',
  });

/**
 * One tab after the other. There are no locks on pages that a phone reads over plain http, nor where site data is blocked; the API's rule for
 * repeats covers those.
 */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  let isBegun = false;
  const begin = (): Promise<T> => {
    isBegun = true;
    return work();
  };
  try {
    return await navigator.locks.request('only2u.session', begin);
  } catch (error) {
    if (isBegun) throw error;
    return work();
  }
}

/**
 * A fresh access token in place of a spent one, once for all tabs that need it.
 * @returns the gateway's refusal; undefined when there is a fresh token, or nobody is signed in any more
 * @throws what `fetch` throws
 */
export function renew(spent: string | undefined): Promise<Response | undefined> {
  return inTurn(async () => {
    const known = session.readAgain();
    if (known === undefined || known.accessToken !== spent) return undefined;
    const response = await post('/api/auth/refresh');
    if (response.ok) session.begin((await response.json()) as Schemas['SignedIn']);
    else if (response.status === 401) session.end();
    else return response;
    return undefined;
  });
}

/** The session that was left and that the gateway was not told of yet. */
const left = sharedStore('only2u.left', parsed<{ readonly accessToken: string }>('accessToken'));

/** Ends the session in all tabs at once. The gateway hears of it now, or when it can be reached again. */
export function signOut(): void {
  const accessToken = session.get()?.accessToken;
  session.end();
  if (accessToken === undefined) return;
  left.set({ accessToken });
  void tellOfLeaving();
}

/** Tells the gateway of a session that was left without a network. */
export function tellOfLeaving(): Promise<void> {
  return inTurn(async () => {
    const accessToken = left.readAgain()?.accessToken;
    if (accessToken === undefined) return;
    try {
      if (await isHeard(accessToken)) left.set(undefined);
    } catch {
      // Without a network it is told later.
    }
  });
}

async function isHeard(accessToken: string): Promise<boolean> {
  const { status } = await post('/api/auth/logout', accessToken);
  if (status !== 401) return status < 500 && status !== 429;
  // The access token ran out meanwhile; the cookie lasts longer. Once somebody has signed in again it is theirs.
  if (session.readAgain() !== undefined) return true;
  const renewed = await post('/api/auth/refresh');
  if (!renewed.ok) return renewed.status === 401;
  const { accessToken: fresh } = (await renewed.json()) as Schemas['SignedIn'];
  return (await post('/api/auth/logout', fresh)).ok;
}

addEventListener('online', () => void tellOfLeaving());
void tellOfLeaving();
