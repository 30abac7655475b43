import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ProductFilter } from '#libs/contracts/product/listing';
import type { ProductPage } from '#libs/contracts/product/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { FacetCount } from '../src/facets/facet-count.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const SORTS = ['newest', 'price_asc', 'price_desc', 'popular', 'rating'] as const;
const SIZES = ['S', 'M', 'L'];
const COLORS = ['Red', 'Blue'];
const prices = fc.integer({ min: 1, max: 6 }).map((price) => price * 100);
const variants = fc.uniqueArray(
  fc.record({ size: fc.constantFrom(...SIZES), color: fc.constantFrom(...COLORS), price: prices, onHand: fc.integer({ min: 0, max: 1 }) }),
  { minLength: 1, maxLength: 4, selector: ({ size, color }) => `${size} ${color}` },
);
const shops = fc.array(fc.record({ leaf: fc.constantFrom('left', 'right'), brand: fc.constantFrom('Aaranya', 'Tara'), variants }), {
  minLength: 5,
  maxLength: 9,
});
const filters = fc
  .record(
    {
      category: fc.constantFrom('left', 'right', 'left,right', 'parent'),
      brand: fc.constantFrom('tara', 'Aaranya,Tara', 'Nobody'),
      size: fc.constantFrom('m', 'M,L', 'S,XXL'),
      color: fc.constantFrom('red', 'Red, Blue'),
      minPrice: prices,
      maxPrice: prices,
      inStock: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .filter(({ minPrice = 0, maxPrice = 1_000 }) => minPrice <= maxPrice);

type Asked = Partial<ProductFilter>;

const list = (filter: Asked): Promise<ProductPage> => fixture.replica.shop.list(Object.assign(new ProductFilter(), filter));

/** All that a list has, by its pages. */
async function idsOf(filter: Asked): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await list({ ...filter, limit: 4, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
}

describe('facets of a list', () => {
  it('equal a recount by paging, for every value of every facet', async () => {
    const { categories } = fixture.replica;
    await fc.assert(
      fc.asyncProperty(shops, fc.array(filters, { minLength: 3, maxLength: 3 }), async (shop, asked) => {
        const parent = await categories.createCategory({ name: 'Everything' }, call);
        const left = await categories.createCategory({ name: 'Left', parentId: parent.id }, call);
        const right = await categories.createCategory({ name: 'Right', parentId: parent.id }, call);
        for (const { leaf, brand, variants: own } of shop)
          await fixture.product(
            own.map((variant) => ({ ...variant, mrp: 1_000 })),
            { brand, categoryId: (leaf === 'left' ? left : right).id },
          );
        const ids = { parent: parent.slug, left: left.id, right: right.slug };
        for (const { category = 'parent', ...rest } of asked) {
          const named = category
            .split(',')
            .map((name) => ids[name as keyof typeof ids])
            .join(',');
          const filter: Asked = { ...rest, category: named };
          const { facets, total } = await list(filter);
          expect(await idsOf(filter)).toHaveLength(total);
          const counts = (values: { value: string; count: number }[]) =>
            Object.fromEntries(values.map(({ value, count }) => [value, count]));
          const [sizes, colors, brands, places] = [facets.sizes, facets.colors, facets.brands, facets.categories].map(counts);
          for (const size of SIZES) expect(sizes?.[size] ?? 0).toBe((await idsOf({ ...filter, size })).length);
          for (const color of COLORS) expect(colors?.[color] ?? 0).toBe((await idsOf({ ...filter, color })).length);
          for (const brand of ['Aaranya', 'Tara']) expect(brands?.[brand] ?? 0).toBe((await idsOf({ ...filter, brand })).length);
          for (const { id } of [parent, left, right]) expect(places?.[id] ?? 0).toBe((await idsOf({ ...filter, category: id })).length);
          const { minPrice: _, maxPrice: __, ...others } = filter;
          const { min, max } = facets.price;
          const all = await idsOf(others);
          if (all.length === 0) expect({ min, max }).toEqual({ min: 0, max: 0 });
          else if (rest.inStock !== false) {
            expect(await idsOf({ ...others, minPrice: min, maxPrice: max })).toHaveLength(all.length);
            expect(await idsOf({ ...others, maxPrice: min - 1 })).toEqual([]);
            expect(await idsOf({ ...others, minPrice: max + 1 })).toEqual([]);
          }
        }
      }),
      { numRuns: 5 },
    );
  }, 120_000);

  it('know at once what another replica, or a statement beside the service, has changed', async () => {
    const other = await fixture.another();
    const category = await fixture.replica.categories.createCategory({ name: 'Stoles' }, call);
    const { id, variants: made } = await fixture.product([{ size: 'Free', onHand: 1 }], { categoryId: category.id });
    const variantId = made[0]?.id as string;
    const filter = { category: category.id, inStock: true };
    expect((await list(filter)).facets.sizes).toEqual([{ value: 'Free', count: 1 }]);
    await other.stock.setStock({ id, variantId, onHand: 0 }, call);
    expect((await list(filter)).facets.sizes).toEqual([]);
    await other.stock.setStock({ id, variantId, onHand: 2 }, call);
    expect((await list(filter)).facets.sizes).toEqual([{ value: 'Free', count: 1 }]);
    await other.database.execute(sql`UPDATE products SET listed = false WHERE id = ${id}`);
    // Nobody has told the cache, so its time has to end.
    await eventually(async () => (await list({ ...filter, minPrice: 1 })).facets.sizes.length === 0);
  });

  it('know nothing of drafts, and of what is published from then on', async () => {
    const category = await fixture.replica.categories.createCategory({ name: 'Saris of tomorrow' }, call);
    const whole = { hsn: '6204', countryOfOrigin: 'India', images: [{ url: '/media/x.svg', alt: 'drawn' }] };
    const draft = await fixture.product([{ size: 'Free' }], { categoryId: category.id, published: false, ...whole });
    const sizes = async () => (await list({ category: category.id })).facets.sizes;
    expect(await sizes()).toEqual([]);
    await fixture.replica.admin.edit({ id: draft.id, published: true }, call);
    expect(await sizes()).toEqual([{ value: 'Free', count: 1 }]);
    await fixture.replica.admin.edit({ id: draft.id, published: false }, call);
    expect(await sizes()).toEqual([]);
  });

  it('are counted once while nothing of the listing changes, also without a cache', async () => {
    const alone = await fixture.another('redis://127.0.0.1:1');
    const { id } = await fixture.product([{ price: 77_700 }]);
    const filter = Object.assign(new ProductFilter(), { minPrice: 77_700, maxPrice: 77_700 });
    const walks = vi.spyOn(FacetCount.prototype, 'walk');
    try {
      for (const sort of SORTS) await alone.shop.list(Object.assign(new ProductFilter(), filter, { sort }));
      expect(walks).toHaveBeenCalledTimes(1);
      await fixture.replica.admin.edit({ id, name: 'Another name' }, call);
      await alone.shop.list(filter);
      expect(walks).toHaveBeenCalledTimes(1);
      await fixture.replica.admin.edit({ id, brand: 'Another brand' }, call);
      expect((await alone.shop.list(filter)).facets.brands).toEqual([{ value: 'Another brand', count: 1 }]);
    } finally {
      walks.mockRestore();
    }
  });

  it('name categories with those above them, and by their names', async () => {
    const { categories } = fixture.replica;
    const above = await categories.createCategory({ name: 'Home' }, call);
    const below = await categories.createCategory({ name: 'Cushions', parentId: above.id }, call);
    await fixture.product([{}], { categoryId: below.id });
    const { facets } = await list({ category: above.slug });
    expect(facets.categories).toEqual(
      expect.arrayContaining([
        { value: above.id, label: 'Home', count: 1 },
        { value: below.id, label: 'Cushions', count: 1 },
      ]),
    );
  });
});

describe('a filter of several values', () => {
  it('takes a value with a comma in it too', async () => {
    const { id } = await fixture.product([{}], { brand: 'Tana, Bana' });
    const found = async (brand: string) => (await list({ brand, limit: 100 })).items.map((item) => item.id);
    expect(await found('Tana, Bana')).toContain(id);
    expect(await found('Somebody,tana, bana')).not.toContain(id);
  });

  it('is refused without a value, with too many, and with one that is too long', async () => {
    for (const size of [',', ' , ', Array.from({ length: 21 }, (_, index) => `${index}`).join(','), `M,${'x'.repeat(31)}`])
      expect(await codeOf(list({ size }))).toBe('validation_failed');
    expect(await codeOf(list({ size: 'M,' }))).toBe('ok');
  });
});

describe('pages', () => {
  it.each(SORTS)('neither skip nor repeat what is there, while others come and prices change, sorted by %s', async (sort) => {
    const category = await fixture.replica.categories.createCategory({ name: `Paged by ${sort.replace('_', ' ')}` }, call);
    const made: { id: string; variantId: string }[] = [];
    const add = async (price: number): Promise<void> => {
      const { id, variants: own } = await fixture.product([{ price, mrp: 1_000_000 }], { categoryId: category.id });
      made.push({ id, variantId: own[0]?.id as string });
    };
    for (let index = 0; index < 15; index += 1) await add(10_000 + (index % 5) * 1_000);
    const there = made.map(({ id }) => id);
    const edited = new Set<string>();
    const seen: string[] = [];
    for (let cursor: string | undefined, turn = 0; ; turn += 1) {
      const page = await list({ category: category.id, sort, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
      await add(9_000 + turn * 1_000);
      const { id, variantId } = made[(turn * 7) % 15] as { id: string; variantId: string };
      edited.add(id);
      await fixture.replica.admin.editVariant({ id, variantId, price: 20_000 - turn * 1_500 }, call);
    }
    const byPrice = sort.startsWith('price');
    // Whoever moves past the reader is where they were, or where they will be.
    const steady = there.filter((id) => !byPrice || !edited.has(id));
    expect(seen.filter((id) => steady.includes(id)).sort()).toEqual(steady.sort());
    if (!byPrice) expect(new Set(seen).size).toBe(seen.length);
  });
});
