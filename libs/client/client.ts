import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

export type Schemas = components['schemas'];

/** The session that a sign-in opened; undefined where a second factor is asked for first. */
export function sessionIn({
  user,
  accessToken,
  mfaRequired: _,
  mfaToken: __,
  ...rest
}: Schemas['SignInStep']): Schemas['SignedIn'] | undefined {
  return user === undefined || accessToken === undefined ? undefined : { ...rest, user, accessToken };
}

export interface ClientOptions {
  /** The gateway, without a trailing slash. */
  readonly baseUrl: string;
  /** Asked before each request, so that a refreshed token is used at once. */
  readonly accessToken?: () => string | undefined;
  /** Sends instead of the global `fetch`: to renew a token, or to turn refusals into errors. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** The whole public API, typed from its OpenAPI document: `await client.GET('/api/products', { params: { query: { sort: 'price_asc' } } })`. */
export function createApiClient({ baseUrl, accessToken, fetch }: ClientOptions): Client<paths> {
  const client = createClient<paths>({ baseUrl, ...(fetch && { fetch }) });
  client.use({
    onRequest({ request }) {
      const token = accessToken?.();
      if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
      return request;
    },
  });
  return client;
}
