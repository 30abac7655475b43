import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { Schemas } from '#libs/client/client';
import type { paths } from '#libs/client/schema';
import { Facet, valuesOf, without } from './facet.tsx';

type ListingQuery = NonNullable<paths['/api/products']['get']['parameters']['query']>;
type SearchQuery = Omit<NonNullable<paths['/api/products/search']['get']['parameters']['query']>, 'q'>;

const SORTS = {
  newest: 'Newest',
  popular: 'Most popular',
  rating: 'Best rated',
  price_asc: 'Price: low to high',
  price_desc: 'Price: high to low',
} as const;
/** Rupees; the upper end is left out of the band. */
const BANDS: readonly (readonly [from: number, below?: number])[] = [[0, 500], [500, 1000], [1000, 2000], [2000, 5000], [5000]];
const LETTERS = 'XXS,XS,S,M,L,XL,XXL,3XL,4XL,5XL'.split(',');
const FACETS = { size: 'Size', color: 'Colour', brand: 'Brand' } as const;
const KEYS = ['size', 'color', 'brand', 'price', 'inStock'] as const;

/** The catalogue's address as a query of the API; what the address says wrongly is left out. */
export function listingQuery(address: URLSearchParams): ListingQuery {
  const [category, size, color, brand] = ['category', 'size', 'color', 'brand'].map((key) => address.get(key) ?? undefined);
  const [from, below] = BANDS[Number(address.get('price') ?? Number.NaN)] ?? [];
  const sort = address.get('sort') ?? 'newest';
  return {
    ...(category && { category }),
    ...(size && { size }),
    ...(color && { color }),
    ...(brand && { brand }),
    ...(from && { minPrice: from * 100 }),
    ...(below !== undefined && { maxPrice: below * 100 - 1 }),
    ...(address.get('inStock') === 'true' && { inStock: true }),
    sort: isSort(sort) ? sort : 'newest',
  };
}

const isSort = (text: string): text is keyof typeof SORTS => Object.hasOwn(SORTS, text);

/** The same where something is searched for: what fits best comes first. */
export function searchQuery(address: URLSearchParams): SearchQuery {
  return { ...listingQuery(address), ...(isSort(address.get('sort') ?? '') ? {} : { sort: 'relevance' }) };
}

export const hasFilters = (address: URLSearchParams): boolean => KEYS.some((key) => address.has(key)) || address.has('category');

/** The same address with one part changed; filters stay when the category changes, sizes aside, which seldom carry over. */
export function addressWith(address: URLSearchParams, key: string, value: string): string {
  const next = new URLSearchParams(address);
  if (value === '') next.delete(key);
  else next.set(key, value);
  if (key === 'category') next.delete('size');
  return next.size === 0 ? '/' : `/?${next}`;
}

export function withoutFilters(address: URLSearchParams): string {
  const next = new URLSearchParams(address);
  for (const key of KEYS) next.delete(key);
  return next.size === 0 ? '/' : `/?${next}`;
}

interface FiltersProps {
  readonly address: URLSearchParams;
  /** Of the list that is shown; undefined until it has come. */
  readonly facets: Schemas['Facets'] | undefined;
}

export function Filters({ address, facets }: FiltersProps) {
  const [, navigate] = useLocation();
  const choose = (key: string, value: string): void => navigate(addressWith(address, key, value), { replace: true });
  const select = (key: string, label: string, children: ReactNode) => (
    <label className="filter">
      <span>{label}</span>
      <select value={address.get(key) ?? ''} onChange={({ target }) => choose(key, target.value)}>
        {children}
      </select>
    </label>
  );
  const values = { size: facets && inOrder(facets.sizes), color: facets?.colors, brand: facets?.brands };
  const count = KEYS.filter((key) => address.has(key)).length;
  return (
    <details className="filters" open={innerWidth >= 720}>
      <summary>{count > 0 ? `Filter and sort (${count})` : 'Filter and sort'}</summary>
      <search className="filter-row">
        {facetNames.map((key) => (
          <Facet
            key={key}
            label={FACETS[key]}
            chosen={address.get(key) ?? ''}
            choose={(chosen) => choose(key, chosen)}
            values={values[key]}
          />
        ))}
        {select('price', 'Price', [
          <option key="" value="">
            Any price
          </option>,
          ...BANDS.map(([from, below], index) => (
            <option key={from} value={index}>
              {below === undefined ? `₹${from.toLocaleString('en-IN')} and more` : bandWords(from, below)}
            </option>
          )),
        ])}
        {select('sort', 'Sort by', [
          ...(address.has('q')
            ? [
                <option key="" value="">
                  Best match
                </option>,
              ]
            : []),
          ...Object.entries(SORTS).map(([value, label]) => (
            <option key={value} value={value === 'newest' && !address.has('q') ? '' : value}>
              {label}
            </option>
          )),
        ])}
        <label className="tick">
          <input
            type="checkbox"
            checked={address.get('inStock') === 'true'}
            onChange={({ target }) => choose('inStock', target.checked ? 'true' : '')}
          />
          <span>In stock only</span>
        </label>
      </search>
      {count > 0 && (
        <ul className="chosen">
          {facetNames.flatMap((key) => {
            const chosen = address.get(key) ?? '';
            return valuesOf(chosen).map((value) => (
              <li key={`${key} ${value}`}>
                <button
                  type="button"
                  className="chip"
                  aria-label={`Without ${FACETS[key].toLowerCase()} ${value}`}
                  onClick={() => choose(key, without(chosen, value))}
                >
                  <span>{value}</span>
                  <span aria-hidden="true">×</span>
                </button>
              </li>
            ));
          })}
          <li>
            <button type="button" className="plain" onClick={() => navigate(withoutFilters(address), { replace: true })}>
              Clear filters
            </button>
          </li>
        </ul>
      )}
    </details>
  );
}

const facetNames = Object.keys(FACETS) as (keyof typeof FACETS)[];

/** Letters from small to large, then numbers, then words. */
function inOrder(sizes: readonly Schemas['FacetValue'][]): Schemas['FacetValue'][] {
  const place = ({ value }: Schemas['FacetValue']): number => {
    const letter = LETTERS.indexOf(value.toUpperCase());
    return letter === -1 ? LETTERS.length : letter;
  };
  return sizes.toSorted((one, other) => place(one) - place(other) || one.value.localeCompare(other.value, 'en', { numeric: true }));
}

const bandWords = (from: number, below: number): string =>
  from === 0 ? `Below ₹${below}` : `₹${from.toLocaleString('en-IN')} to ₹${(below - 1).toLocaleString('en-IN')}`;

export const countWords = ({ total, totalIsExact }: Pick<Schemas['ProductPage'], 'total' | 'totalIsExact'>): string =>
  `${totalIsExact ? '' : 'More than '}${total.toLocaleString('en-IN')} ${total === 1 ? 'piece' : 'pieces'}`;
