import { notifyManager, QueryClient } from '@tanstack/react-query';
import createQueryHooks from 'openapi-react-query';
import { createApiClient, type Schemas } from '#libs/client/client';
import { codeOf, type Failure, isPassing, ShopFailure } from './failure.ts';
import { underKey } from './idempotency.ts';
import { renew } from './renewal.ts';
import { session } from './session.ts';

/** The shop's API. A call answers with data or throws a ShopFailure. */
export const api = createApiClient({ baseUrl: location.origin, accessToken: () => session.get()?.accessToken, fetch: send });
/** The same as hooks that keep what was read. */
export const queries = createQueryHooks(api);
export const MINE = { path: { userId: 'me' } } as const;

const RETRIES = 2;

// What a handler changes is drawn with it; a moment later React would have put a tick or a field back to what it was.
notifyManager.setScheduler(queueMicrotask);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Without a network a page says so instead of waiting for one.
      networkMode: 'always',
      retry: (count, error) => count < RETRIES && error instanceof ShopFailure && isPassing(error.failure),
    },
    mutations: { networkMode: 'always' },
  },
});

// What was read for one customer is not kept for the next.
let reader = session.get()?.user.id;
session.subscribe(() => {
  const next = session.get()?.user.id;
  if (next !== reader) queryClient.clear();
  reader = next;
});

/** A list by pages, for `queries.useInfiniteQuery`. */
export const PAGED = {
  initialPageParam: null,
  getNextPageParam: ({ nextCursor }: { readonly nextCursor: string | null }): string | null => nextCursor,
} as const;

/**
 * The body of an answer.
 * @throws ShopFailure
 */
export async function ask<T>(call: Promise<{ readonly data?: T }>): Promise<T> {
  // A 204 has no body, and its T is undefined.
  return (await call).data as T;
}

/**
 * As `ask`, for what must not happen twice.
 * @param what names the request and all it says
 * @throws ShopFailure
 */
export const askOnce = <T>(
  what: string,
  call: (header: { readonly 'Idempotency-Key': string }) => Promise<{ readonly data?: T }>,
): Promise<T> => underKey(what, (key) => ask(call({ 'Idempotency-Key': key })));

/** An expired access token is renewed and the request sent once more. */
async function send(request: Request): Promise<Response> {
  const spare = request.clone();
  const spent = tokenOf(request);
  let response = await reach(() => fetch(request));
  if (spent !== undefined && (await isSpent(response))) {
    const refusal = await reach(() => renew(spent));
    if (refusal !== undefined) throw new ShopFailure(await failureOf(refusal));
    const fresh = session.get()?.accessToken;
    if (fresh !== undefined) {
      spare.headers.set('authorization', `Bearer ${fresh}`);
      response = await reach(() => fetch(spare));
    }
  }
  if (response.ok) return response;
  throw new ShopFailure(await failureOf(response));
}

/** Wrong passwords and codes are 401 too, and are not sent twice. */
const isSpent = async (response: Response): Promise<boolean> =>
  response.status === 401 && codeOf(await failureOf(response.clone())) === 'unauthenticated';

const tokenOf = (request: Request): string | undefined => /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];

async function reach<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch {
    throw new ShopFailure({ kind: 'unreachable' });
  }
}

async function failureOf(response: Response): Promise<Failure> {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  if (response.status === 429) return { kind: 'busy', retryAfter };
  if (response.status >= 500) return { kind: 'down', retryAfter };
  const problem: unknown = await response.json().catch(() => undefined);
  // Whatever is not the gateway's own answer, such as a proxy's page, has no code to go by.
  if (typeof problem !== 'object' || problem === null || !('code' in problem)) return { kind: 'down', retryAfter };
  return { kind: 'refused', problem: problem as Schemas['Problem'] };
}
