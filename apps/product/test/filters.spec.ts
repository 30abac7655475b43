import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductFilter } from '#libs/contracts/product/listing';
import type { ProductPage } from '#libs/contracts/product/views';
import { ListingRepository } from '../src/listing.repository.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const SIZES = ['S', 'M', 'l'];
const COLORS = ['Red', 'BLUE'];
const prices = fc.integer({ min: 1, max: 9 }).map((price) => price * 100);
const bounds = fc.integer({ min: 0, max: 1_000 });
const variants = fc.uniqueArray(
  fc.record({ size: fc.constantFrom(...SIZES), color: fc.constantFrom(...COLORS), price: prices, onHand: fc.integer({ min: 0, max: 1 }) }),
  { minLength: 1, maxLength: 4, selector: ({ size, color }) => `${size} ${color}` },
);
const shops = fc.array(fc.record({ leaf: fc.integer({ min: 0, max: 1 }), variants }), { minLength: 4, maxLength: 9 });
const filters = fc
  .record(
    {
      category: fc.constantFrom('parent', 'left', 'right'),
      size: fc.constantFrom('s', 'M', 'L'),
      color: fc.constantFrom('red', 'Blue'),
      minPrice: bounds,
      maxPrice: bounds,
      inStock: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .filter(({ minPrice = 0, maxPrice = 1_000 }) => minPrice <= maxPrice);

type Shop = Parameters<Parameters<typeof shops.map>[0]>[0];
type Filter = Parameters<Parameters<typeof filters.map>[0]>[0];

/** The rule itself: one variant is all that is asked of variants; without anything else, `inStock: false` means none is there. */
function matches({ leaf, variants: own }: Shop[number], filter: Filter): boolean {
  const { category = 'parent', size, color, minPrice, maxPrice, inStock } = filter;
  if (category !== 'parent' && (category === 'left') !== (leaf === 0)) return false;
  const asksOnlyStock = [size, color, minPrice, maxPrice].every((asked) => asked === undefined);
  if (asksOnlyStock && inStock === false) return own.every(({ onHand }) => onHand === 0);
  return own.some(
    (variant) =>
      (size === undefined || variant.size.toLowerCase() === size.toLowerCase()) &&
      (color === undefined || variant.color.toLowerCase() === color.toLowerCase()) &&
      (minPrice === undefined || variant.price >= minPrice) &&
      (maxPrice === undefined || variant.price <= maxPrice) &&
      (inStock === undefined || variant.onHand > 0 === inStock),
  );
}

describe('filters', () => {
  // Few matches are sorted whole and many walked to; either must find the same.
  it.each([
    ['sorted', { entries: 500, rows: 5_000 }],
    ['walked to', { entries: 0, rows: 0 }],
  ])(
    'find exactly the products with one such variant, in every sort, page by page, with their total, when %s',
    async (_, sortUpTo) => {
      Object.assign(fixture.replica.app.get(ListingRepository).sortUpTo, sortUpTo);
      const { categories } = fixture.replica;
      await fc.assert(
        fc.asyncProperty(shops, fc.array(filters, { minLength: 8, maxLength: 8 }), async (shop, asked) => {
          const parent = await categories.createCategory({ name: 'Everything' }, call);
          const left = await categories.createCategory({ name: 'Left', parentId: parent.id }, call);
          const right = await categories.createCategory({ name: 'Right', parentId: parent.id }, call);
          const made: string[] = [];
          for (const { leaf, variants: own } of shop) {
            const categoryId = leaf === 0 ? left.id : right.id;
            const product = await fixture.product(
              own.map((variant) => ({ ...variant, mrp: 1_000 })),
              { categoryId },
            );
            made.push(product.id);
          }
          for (const filter of asked) {
            const expected = made.filter((_, index) => matches(shop[index] as Shop[number], filter)).sort();
            const { category, ...rest } = filter;
            const { id } = { parent, left, right }[category ?? 'parent'];
            for (const sort of ['newest', 'price_asc', 'price_desc', 'popular', 'rating']) {
              const seen: string[] = [];
              let cursor: string | undefined;
              do {
                const input = { ...rest, category: id, sort, limit: 3 };
                const page: ProductPage = await fixture.replica.shop.list(
                  Object.assign(new ProductFilter(), input, cursor === undefined ? {} : { cursor }),
                );
                expect(page).toMatchObject({ total: expected.length, totalIsExact: true });
                seen.push(...page.items.map((item) => item.id));
                cursor = page.nextCursor ?? undefined;
              } while (cursor !== undefined);
              expect(seen.toSorted()).toEqual(expected);
            }
          }
        }),
        { numRuns: 6 },
      );
    },
    60_000,
  );
});
