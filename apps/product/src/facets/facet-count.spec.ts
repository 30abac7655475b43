import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FacetColumns, type ListedProduct } from './facet-columns.ts';
import { FacetCount, type FacetQuestion } from './facet-count.ts';
import type { Vocabulary } from './vocabulary.ts';

const SIZES = ['S', 'M', 'L'];
const COLORS = ['Red', 'Blue'];
const BRANDS = ['Aaranya', 'Tara'];
const CATEGORIES = ['kurtas', 'sarees'];
const prices = fc.integer({ min: 1, max: 6 }).map((price) => price * 100);

const variants = fc.uniqueArray(
  fc.record({ size: fc.constantFrom(...SIZES, 'm'), color: fc.constantFrom(...COLORS), price: prices, inStock: fc.boolean() }),
  { maxLength: 5, selector: ({ size, color }) => `${size.toLowerCase()} ${color}` },
);
const products = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  categoryId: fc.constantFrom(...CATEGORIES),
  brand: fc.constantFrom(...BRANDS),
  rating: fc.constantFrom(0, 3.5, 5),
  variants,
});
/** What happens to the catalogue: a product is put, again too, or dropped. */
const edits = fc.array(fc.oneof(products, fc.constantFrom('a', 'c', 'e')), { maxLength: 60 });
const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values, 'none such'), { minLength: 1, maxLength: 2 });
const filters = fc.record(
  {
    categories: some(CATEGORIES),
    brands: some(BRANDS),
    sizes: some(SIZES),
    colors: some(COLORS),
    minPrice: prices,
    maxPrice: prices,
    inStock: fc.boolean(),
    minRating: fc.constantFrom(0, 350, 400),
  },
  { requiredKeys: [] },
);

type Filter = Parameters<Parameters<typeof filters.map>[0]>[0];

const isOneOf = (text: string, asked: readonly string[] | undefined): boolean =>
  asked === undefined || asked.some((one) => one.toLowerCase() === text.toLowerCase());

/** The rule itself, by a look at every variant. */
function matches({ categoryId, brand, rating, variants: own }: ListedProduct, filter: Filter): boolean {
  const { categories, brands, sizes, colors, minPrice, maxPrice, inStock, minRating = 0 } = filter;
  if (!isOneOf(categoryId, categories) || !isOneOf(brand, brands) || rating * 100 < minRating) return false;
  const asksOnlyStock = [sizes, colors, minPrice, maxPrice].every((asked) => asked === undefined);
  if (asksOnlyStock && inStock === false) return own.length > 0 && own.every((variant) => !variant.inStock);
  return own.some(
    (variant) =>
      isOneOf(variant.size, sizes) &&
      isOneOf(variant.color, colors) &&
      (minPrice === undefined || variant.price >= minPrice) &&
      (maxPrice === undefined || variant.price <= maxPrice) &&
      (inStock === undefined || variant.inStock === inStock),
  );
}

function questionOf(filter: Filter, columns: FacetColumns): FacetQuestion {
  const marks = (vocabulary: Vocabulary, asked: readonly string[] | undefined): Uint8Array | undefined => {
    if (asked === undefined) return undefined;
    const codes = new Set(asked.map((text) => vocabulary.find(text)));
    return Uint8Array.from({ length: vocabulary.size }, (_, code) => (codes.has(code) ? 1 : 0));
  };
  return {
    categories: marks(columns.categories, filter.categories),
    brands: marks(columns.brands, filter.brands),
    sizes: marks(columns.sizes, filter.sizes),
    colors: marks(columns.colors, filter.colors),
    minPrice: filter.minPrice,
    maxPrice: filter.maxPrice,
    inStock: filter.inStock,
    minRating: filter.minRating ?? 0,
  };
}

function filled(changes: Parameters<Parameters<typeof edits.map>[0]>[0]): { columns: FacetColumns; shop: ListedProduct[] } {
  const columns = new FacetColumns();
  const shop = new Map<string, ListedProduct>();
  for (const change of changes) {
    if (typeof change === 'string') {
      columns.drop(change);
      shop.delete(change);
    } else {
      columns.put(change);
      if (change.variants.length === 0) shop.delete(change.id);
      else shop.set(change.id, change);
    }
  }
  return { columns, shop: [...shop.values()] };
}

const FACETS = [
  ['sizes', SIZES],
  ['colors', COLORS],
  ['brands', BRANDS],
  ['categories', CATEGORIES],
] as const;

describe('facets', () => {
  it('count for every value the products that there would be with it chosen, after whatever edits', () => {
    fc.assert(
      fc.property(edits, filters, (changes, filter) => {
        const { columns, shop } = filled(changes);
        const count = new FacetCount(columns, questionOf(filter, columns));
        for (let from = 0; from < count.length; from += 3) count.walk(from, Math.min(from + 3, count.length));
        expect(columns.products).toBe(shop.length);
        expect(count.total).toBe(shop.filter((product) => matches(product, filter)).length);
        for (const [facet, values] of FACETS)
          for (const value of values) {
            const code = columns[facet].find(value);
            const expected = shop.filter((product) => matches(product, { ...filter, [facet]: [value] })).length;
            expect([facet, value, code === undefined ? 0 : count[facet][code]]).toEqual([facet, value, expected]);
          }
      }),
      { numRuns: 500 },
    );
  });

  it('say from the cheapest to the dearest variant that fits, whatever price is asked for', () => {
    fc.assert(
      fc.property(edits, filters, (changes, filter) => {
        const { columns, shop } = filled(changes);
        const count = new FacetCount(columns, questionOf(filter, columns));
        count.walk(0, count.length);
        const { minPrice: _, maxPrice: __, ...others } = filter;
        const fitting = shop.flatMap((product) =>
          product.variants.filter((variant) => matches(product, others) && matches({ ...product, variants: [variant] }, others)),
        );
        expect(count.lowest).toBe(Math.min(...fitting.map(({ price }) => price)));
        expect(count.highest).toBe(Math.max(0, ...fitting.map(({ price }) => price)));
      }),
      { numRuns: 300 },
    );
  });

  it('count only among the products that are named, if any are', () => {
    fc.assert(
      fc.property(edits, filters, fc.subarray(['a', 'b', 'c', 'd', 'e']), (changes, filter, ids) => {
        const { columns, shop } = filled(changes);
        const among = Uint32Array.from(ids.flatMap((id) => columns.find(id) ?? []));
        const count = new FacetCount(columns, { ...questionOf(filter, columns), among });
        count.walk(0, count.length);
        expect(count.total).toBe(shop.filter((product) => ids.includes(product.id) && matches(product, filter)).length);
      }),
    );
  });

  it('keep their columns no longer than what is in them, however often products change', () => {
    const columns = new FacetColumns();
    const variant = { size: 'M', color: 'Red', price: 100, inStock: true };
    for (let round = 1; round <= 2_000; round += 1)
      columns.put({
        id: 'a',
        categoryId: 'kurtas',
        brand: 'Tara',
        rating: 0,
        variants: Array.from({ length: (round % 50) + 1 }, () => variant),
      });
    expect(columns.price.length).toBeLessThan(10_000);
  });
});
