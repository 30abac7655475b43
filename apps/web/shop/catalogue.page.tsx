import { useRef } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { addressWith, countWords, Filters, listingQuery, withoutFilters } from './filters.tsx';
import { ProductRow, ProductTile } from './product-card.tsx';
import { Invited } from './referral/invited.tsx';

type Category = Schemas['Category'];

const PAGE_SIZE = 24;
const IN_SIGHT = 4;
/** Kept a while, so that "Back" from a product finds all that was shown, and the browser its place in it. */
const KEPT_MS = 300_000;
/** Fewer make no row. */
const FEWEST = 3;
const TRENDING = { params: { query: { limit: 12 } } } as const;
const TRENDING_MS = 10_000;
const LISTING = { ...PAGED, staleTime: KEPT_MS } as const;

export function CataloguePage() {
  const [address] = useSearchParams();
  const [, navigate] = useLocation();
  const query = { ...listingQuery(address), limit: PAGE_SIZE };
  const list = queries.useInfiniteQuery('get', '/api/products', { params: { query } }, LISTING);
  // On the front of the shop, together with what is new, so that nothing is pushed down when it comes.
  const isFront = address.size === 0;
  const trending = queries.useQuery('get', '/api/products/trending', TRENDING, { enabled: isFront, retry: false, staleTime: TRENDING_MS });
  const pages = isFront && trending.isPending ? undefined : list.data?.pages;
  // Of the list before, while the next one is on its way: the choices stay where they are.
  const facets = useRef<Schemas['Facets']>(undefined);
  facets.current = pages?.[0]?.facets ?? facets.current;
  const colour = address.get('color')?.includes(',') ? null : address.get('color');
  const failure = pages === undefined ? failureIn(list.error) : undefined;
  const categories = queries.useQuery('get', '/api/categories', {}, { staleTime: KEPT_MS });
  const tree = categories.data?.items;
  const path = pathTo(tree ?? [], address.get('category'));
  const isUnknown = tree !== undefined && address.has('category') && path.length === 0;
  const title = path.length === 0 ? 'New this season' : path.map(({ name }) => name).join(' · ');
  if (isUnknown) {
    return (
      <>
        <title>No such category – Only2U</title>
        <Categories tree={tree} path={path} address={new URLSearchParams()} />
        <Empty title="There is no such category" isPage>
          <Link to="/" className="button">
            To the shop
          </Link>
        </Empty>
      </>
    );
  }
  return (
    <>
      <title>{`${title} – Only2U`}</title>
      <Categories tree={tree ?? []} path={path} address={address} />
      <Invited />
      <div className="page-head">
        <h1>{title}</h1>
        <p role="status">{pages?.[0] === undefined ? '' : countWords(pages[0])}</p>
      </div>
      <Filters address={address} facets={facets.current} />
      {pages === undefined && failure === undefined && <Loading what="the catalogue" />}
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {pages?.[0]?.items.length === 0 && (
        <Empty title="Nothing fits these filters">
          <button type="button" className="button" onClick={() => navigate(withoutFilters(address))}>
            Clear the filters
          </button>
        </Empty>
      )}
      {isFront && pages !== undefined && trending.data !== undefined && trending.data.items.length >= FEWEST && (
        <ProductRow title="Trending now" products={trending.data.items} />
      )}
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

/** The roots, and below them the next level of what is chosen. */
function Categories({ tree, path, address }: { tree: readonly Category[]; path: readonly Category[]; address: URLSearchParams }) {
  const chosen = new Set(path.map(({ id }) => id));
  const rows = [tree, ...path.map(({ children }) => children)].filter((row, level) => level === 0 || row.length > 0);
  return (
    <nav className="categories" aria-label="Categories" data-rows={address.has('category') ? 2 : 1}>
      {rows.map((row, level) => (
        <ul key={row[0]?.parentId ?? ''}>
          {level === 0 && (
            <li>
              <Link to={addressWith(address, 'category', '')} aria-current={path.length === 0 ? 'page' : undefined}>
                Everything
              </Link>
            </li>
          )}
          {row.map(({ id, slug, name }) => (
            <li key={id}>
              <Link to={addressWith(address, 'category', slug)} aria-current={chosen.has(id) ? 'page' : undefined}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

/** `place`: an id or a slug. */
function pathTo(tree: readonly Category[], place: string | null): readonly Category[] {
  for (const category of tree) {
    if (category.slug === place || category.id === place) return [category];
    const below = pathTo(category.children, place);
    if (below.length > 0) return [category, ...below];
  }
  return [];
}
