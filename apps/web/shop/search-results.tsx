import { useRef } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { addressWith, countWords, Filters, hasFilters, searchQuery, withoutFilters } from './filters.tsx';
import { ProductRow, ProductTile } from './product-card.tsx';

const PAGE_SIZE = 24;
const IN_SIGHT = 4;
/** Kept a while, so that "Back" from a product finds all that was shown. */
const KEPT_MS = 60_000;
const FOUND = { ...PAGED, staleTime: KEPT_MS } as const;

/** What a search has found; its address is the catalogue's with `q`. */
export function SearchResults() {
  const [address] = useSearchParams();
  const [, navigate] = useLocation();
  const asked = address.get('q') ?? '';
  const list = queries.useInfiniteQuery(
    'get',
    '/api/products/search',
    { params: { query: { ...searchQuery(address), q: asked, limit: PAGE_SIZE } } },
    FOUND,
  );
  const pages = list.data?.pages;
  const first = pages?.[0];
  // Of the list before, while the next one is on its way: the choices stay where they are.
  const facets = useRef<Schemas['Facets']>(undefined);
  facets.current = first?.facets ?? facets.current;
  const colour = address.get('color')?.includes(',') ? null : address.get('color');
  const failure = pages === undefined ? failureIn(list.error) : undefined;
  return (
    <>
      <title>{`${asked} – Only2U`}</title>
      <div className="page-head">
        <h1>{`“${asked}”`}</h1>
        <p role="status">{first === undefined ? '' : countWords(first)}</p>
      </div>
      {first?.correctedTo != null && first.items.length > 0 && (
        <p className="meant">
          <span>Shown is what was found for </span>
          <Link to={addressWith(address, 'q', first.correctedTo)}>{first.correctedTo}</Link>
        </p>
      )}
      <Filters address={address} facets={facets.current} />
      {pages === undefined && failure === undefined && <Loading what="what was found" />}
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {first?.items.length === 0 && <NothingFits asked={asked} address={address} clear={() => navigate(withoutFilters(address))} />}
      {first !== undefined && first.nearest.length > 0 && <ProductRow title="What comes nearest" products={first.nearest} />}
      <ul className="grid">
        {pages?.flatMap(({ items }, page) =>
          items.map((product, index) => (
            <ProductTile key={product.id} product={product} colour={colour} isFirst={page === 0 && index < IN_SIGHT} />
          )),
        )}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

const NothingFits = ({ asked, address, clear }: { asked: string; address: URLSearchParams; clear: () => void }) =>
  hasFilters(address) ? (
    <Empty title="Nothing fits these filters">
      <button type="button" className="button" onClick={clear}>
        Clear the filters
      </button>
    </Empty>
  ) : (
    <Empty title={`Nothing fits “${asked}”`}>
      <p>Try fewer words, or another name for it.</p>
      <Link to="/" className="button">
        All of the shop
      </Link>
    </Empty>
  );
