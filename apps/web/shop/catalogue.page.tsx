import { Link, useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { PAGED, queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore } from '../parts/notices.tsx';
import { addressWith, Filters, listingQuery, withoutFilters } from './filters.tsx';
import { Heart } from './heart.tsx';
import { Price } from './price.tsx';

type Category = Schemas['Category'];

const PAGE_SIZE = 24;
const IN_SIGHT = 4;
/** Kept a while, so that "Back" from a product finds all that was shown, and the browser its place in it. */
const KEPT_MS = 300_000;
const LISTING = { ...PAGED, staleTime: KEPT_MS } as const;

export function CataloguePage() {
  const [address] = useSearchParams();
  const [, navigate] = useLocation();
  const query = { ...listingQuery(address), limit: PAGE_SIZE };
  const list = queries.useInfiniteQuery('get', '/api/products', { params: { query } }, LISTING);
  const pages = list.data?.pages;
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
      <div className="page-head">
        <h1>{title}</h1>
        <p role="status">{pages?.[0] === undefined ? '' : countWords(pages[0])}</p>
      </div>
      <Filters address={address} />
      {pages === undefined && failure === undefined && <Loading what="the catalogue" />}
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {pages?.[0]?.items.length === 0 && (
        <Empty title="Nothing fits these filters">
          <button type="button" className="button" onClick={() => navigate(withoutFilters(address))}>
            Clear the filters
          </button>
        </Empty>
      )}
      <ul className="grid">
        {pages?.flatMap(({ items }, page) =>
          items.map((product, index) => (
            <li key={product.id} className="tile">
              <ProductCard product={product} colour={address.get('color')} isFirst={page === 0 && index < IN_SIGHT} />
              <Heart wish={{ productId: product.id, name: product.name, slug: product.slug, image: product.images[0]?.url ?? null }} />
            </li>
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

interface ProductCardProps {
  readonly product: Schemas['Product'];
  /** That is looked for. */
  readonly colour: string | null;
  /** Among those that are seen before anybody scrolls. */
  readonly isFirst: boolean;
}

function ProductCard({ product, colour, isFirst }: ProductCardProps) {
  const { slug, name, brand, images, price, mrp, priceVaries, variantId, inStock } = product;
  // The catalogue's descriptions begin with the colour; who filters by one wants to see that one.
  const front = images.find(({ alt }) => colour !== null && alt.startsWith(colour)) ?? images[0];
  // The page opens on what the card shows.
  const shown = colour !== null ? `?${new URLSearchParams({ color: colour })}` : variantId !== null ? `?variant=${variantId}` : '';
  // Names begin with the brand, which stands above them already.
  const shortName = name.startsWith(`${brand} `) ? name.slice(brand.length + 1) : name;
  return (
    <Link to={`/p/${slug}${shown}`} className={inStock ? 'card' : 'card gone'} data-testid="product-card">
      <span className="picture">
        {front !== undefined && (
          <img
            src={front.url}
            alt=""
            loading={isFirst ? 'eager' : 'lazy'}
            fetchPriority={isFirst ? 'high' : 'auto'}
            width="600"
            height="800"
          />
        )}
        {!inStock && <span className="mark">Out of stock</span>}
      </span>
      <span className="brand">{brand}</span>
      <span className="name">{shortName}</span>
      <Price price={price} mrp={mrp} isLowest={priceVaries} />
    </Link>
  );
}

function pathTo(tree: readonly Category[], slug: string | null): readonly Category[] {
  for (const category of tree) {
    if (category.slug === slug) return [category];
    const below = pathTo(category.children, slug);
    if (below.length > 0) return [category, ...below];
  }
  return [];
}

const countWords = ({ total, totalIsExact }: Schemas['ProductPage']): string =>
  `${totalIsExact ? '' : 'More than '}${total.toLocaleString('en-IN')} ${total === 1 ? 'piece' : 'pieces'}`;
