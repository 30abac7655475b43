import { createApiClient, type Schemas } from '#libs/client/client';
import { type Failure, ShopFailure } from './failure.ts';
import { underKey } from './idempotency.ts';
import { session } from './session.ts';

export const api = createApiClient({ baseUrl: location.origin, accessToken: () => session.get()?.accessToken });
export const MINE = { path: { userId: 'me' } } as const;

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * The body of a successful answer. An expired access token is renewed and the request sent once more.
 * @throws ShopFailure for everything else.
 */
export async function ask<T>(send: () => Promise<Answer<T>>): Promise<T> {
  let answer = await reach(send);
  if (answer.response.status === 401 && session.get() !== undefined && (await renewed())) answer = await reach(send);
  // A 204 has no body, and its T is undefined.
  if (answer.response.ok) return answer.data as T;
  throw new ShopFailure(failureOf(answer));
}

/**
 * As `ask`, for what must not happen twice.
 * @param what names the request and all it says
 * @throws ShopFailure
 */
export const askOnce = <T>(what: string, send: (header: { readonly 'Idempotency-Key': string }) => Promise<Answer<T>>): Promise<T> =>
  underKey(what, (key) => ask(() => send({ 'Idempotency-Key': key })));

async function reach<T>(send: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await send();
  } catch {
    throw new ShopFailure({ kind: 'unreachable' });
  }
}

function failureOf({ error, response }: Answer<unknown>): Failure {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  if (response.status === 429 || response.status >= 500) return { kind: 'busy', retryAfter };
  // Whatever is not the gateway's own answer, such as a proxy's page, has no code to go by.
  if (typeof error !== 'object' || error === null || !('code' in error)) return { kind: 'busy', retryAfter };
  return { kind: 'refused', problem: error as Schemas['Problem'] };
}

let renewing: Promise<boolean> | undefined;

/** Refresh tokens serve once, so requests that fail together share one renewal. */
function renewed(): Promise<boolean> {
  renewing ??= renew().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renew(): Promise<boolean> {
  const refreshToken = session.get()?.refreshToken;
  if (refreshToken === undefined) return false;
  const answer = await reach(() => api.POST('/api/auth/refresh', { body: { refreshToken } }));
  if (answer.data !== undefined) session.begin(answer.data);
  else if (answer.response.status === 401) session.end();
  else throw new ShopFailure(failureOf(answer));
  return answer.data !== undefined;
}
