import { useEffect, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import type { paths } from '#libs/client/schema';
import { api, ask } from '../parts/api.ts';
import { type Failure, failureIn } from '../parts/failure.ts';

export type ListingQuery = NonNullable<paths['/api/products']['get']['parameters']['query']>;

type Listing = Schemas['ProductPage'] & { readonly readAt: number };

const PAGE_SIZE = 24;
const KEPT_MS = 300_000;
/** Kept a while, so that "Back" from a product finds all that was shown, and the browser its place in it. */
const known = new Map<string, Listing>();

/** The products that a query finds, a page more at each `more()`. */
export function useListing(query: ListingQuery): {
  listing: Schemas['ProductPage'] | undefined;
  failure: Failure | undefined;
  busy: boolean;
  more: () => void;
} {
  const key = JSON.stringify(query);
  const [, redraw] = useState(0);
  const [asking, setAsking] = useState<{ key: string; failure?: Failure }>();
  const listing = freshest(key);

  const more = (): void => {
    setAsking({ key });
    const cursor = listing?.nextCursor;
    ask(() => api.GET('/api/products', { params: { query: { ...query, limit: PAGE_SIZE, ...(cursor && { cursor }) } } })).then(
      (page) => {
        known.set(key, { ...page, items: [...(listing?.items ?? []), ...page.items], readAt: Date.now() });
        setAsking((now) => (now?.key === key ? undefined : now));
        redraw((count) => count + 1);
      },
      (error) => setAsking((now) => (now?.key === key ? { key, failure: failureIn(error) } : now)),
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another query begins anew.
  useEffect(() => {
    if (listing === undefined) more();
  }, [key]);

  const current = asking?.key === key ? asking : undefined;
  return { listing, failure: current?.failure, busy: current !== undefined && current.failure === undefined, more };
}

function freshest(key: string): Listing | undefined {
  const listing = known.get(key);
  return listing !== undefined && Date.now() - listing.readAt < KEPT_MS ? listing : undefined;
}
