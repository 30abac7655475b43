import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { paths } from '#libs/client/schema';

type ListingQuery = NonNullable<paths['/api/products']['get']['parameters']['query']>;

const SORTS = { newest: 'Newest', popular: 'Most popular', price_asc: 'Price: low to high', price_desc: 'Price: high to low' } as const;
/** Rupees; the upper end is left out of the band. */
const BANDS: readonly (readonly [from: number, below?: number])[] = [[0, 500], [500, 1000], [1000, 2000], [2000, 5000], [5000]];
/** What the shop's brands use; the catalogue takes any other as well. */
const SIZES: Readonly<Record<string, string>> = {
  Letters: 'XS,S,M,L,XL,XXL,Free size',
  'Waist and chest': '26,28,30,32,34,36,38,40,42,44,46',
  Footwear: 'UK 3,UK 4,UK 5,UK 6,UK 7,UK 8,UK 9,UK 10,UK 11',
  Bangles: '2.4,2.6,2.8',
  Children: '2-3Y,4-5Y,6-7Y,8-9Y,10-11Y',
};
const COLOURS = (
  'Antique gold,Bottle green,Chandan beige,Charcoal,Cognac,Coral,Dark indigo,Firozi blue,Gulabi pink,Haldi yellow,Ice blue,Indigo,Ivory,' +
  'Jamun purple,Kajal black,Kesari orange,Khaki,Lavender,Maroon,Mehendi green,Mid blue,Mint,Mitti brown,Mustard,Neelam blue,Off white,' +
  'Onion pink,Peach,Peacock blue,Pista green,Powder blue,Rani pink,Rust,Sea green,Sindoor red,Stone grey,Tan,Wine'
).split(',');
const KEYS = ['size', 'color', 'price', 'inStock'] as const;

/** The catalogue's address as a query of the API; what the address says wrongly is left out. */
export function listingQuery(address: URLSearchParams): ListingQuery {
  const [category, size, color] = ['category', 'size', 'color'].map((key) => address.get(key) ?? undefined);
  const [from, below] = BANDS[Number(address.get('price') ?? Number.NaN)] ?? [];
  const sort = address.get('sort') ?? 'newest';
  return {
    ...(category && { category }),
    ...(size && { size }),
    ...(color && { color }),
    ...(from && { minPrice: from * 100 }),
    ...(below !== undefined && { maxPrice: below * 100 - 1 }),
    ...(address.get('inStock') === 'true' && { inStock: true }),
    sort: isSort(sort) ? sort : 'newest',
  };
}

const isSort = (text: string): text is keyof typeof SORTS => Object.hasOwn(SORTS, text);

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

export function Filters({ address }: { address: URLSearchParams }) {
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
  const count = KEYS.filter((key) => address.has(key)).length;
  return (
    <details className="filters" open={innerWidth >= 720}>
      <summary>{count > 0 ? `Filter and sort (${count})` : 'Filter and sort'}</summary>
      <search className="filter-row">
        {select('size', 'Size', [
          <option key="" value="">
            Any size
          </option>,
          ...Object.entries(SIZES).map(([group, sizes]) => (
            <optgroup key={group} label={group}>
              {sizes.split(',').map((size) => (
                <option key={size}>{size}</option>
              ))}
            </optgroup>
          )),
        ])}
        {select('color', 'Colour', [
          <option key="" value="">
            Any colour
          </option>,
          ...COLOURS.map((colour) => <option key={colour}>{colour}</option>),
        ])}
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
        {select(
          'sort',
          'Sort by',
          Object.entries(SORTS).map(([value, label]) => (
            <option key={value} value={value === 'newest' ? '' : value}>
              {label}
            </option>
          )),
        )}
        <label className="tick">
          <input
            type="checkbox"
            checked={address.get('inStock') === 'true'}
            onChange={({ target }) => choose('inStock', target.checked ? 'true' : '')}
          />
          <span>In stock only</span>
        </label>
        {count > 0 && (
          <button type="button" className="plain" onClick={() => navigate(withoutFilters(address), { replace: true })}>
            Clear filters
          </button>
        )}
      </search>
    </details>
  );
}

const bandWords = (from: number, below: number): string =>
  from === 0 ? `Below ₹${below}` : `₹${from.toLocaleString('en-IN')} to ₹${(below - 1).toLocaleString('en-IN')}`;
