import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewVariant } from '#libs/contracts/product/admin';
import { ProductFilter } from '#libs/contracts/product/listing';
import type { ProductPage } from '#libs/contracts/product/views';
import { BadCursor } from '#libs/persistence/cursor';
import { sql } from '#libs/persistence/sql';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const list = (filter: Partial<ProductFilter>): Promise<ProductPage> =>
  fixture.replica.shop.list(Object.assign(new ProductFilter(), filter));
const namesOf = async (filter: Partial<ProductFilter>): Promise<string[]> => (await list(filter)).items.map(({ name }) => name).sort();
const variant = (size: string, color: string, price = 50_000): NewVariant => ({ size, color, price, mrp: 100_000 });

describe('list', () => {
  it('matches size, colour, price and stock by one variant', async () => {
    const brand = `Brand ${uuidv7()}`;
    await fixture.product([{ ...variant('M', 'Red'), onHand: 1 }, variant('L', 'Blue')], { name: 'both', brand });
    await fixture.product(
      [
        { ...variant('M', 'Blue'), onHand: 1 },
        { ...variant('L', 'Red'), onHand: 1 },
      ],
      { name: 'crossed', brand },
    );
    expect(await namesOf({ brand, size: 'M', color: 'Red' })).toEqual(['both']);
    expect(await namesOf({ brand, size: 'm', color: 'RED' })).toEqual(['both']);
    expect(await namesOf({ brand, size: 'M' })).toEqual(['both', 'crossed']);
    expect(await namesOf({ brand, size: 'L', inStock: true })).toEqual(['crossed']);
    expect(await namesOf({ brand, size: 'L', color: 'Blue', inStock: false })).toEqual(['both']);
    await fixture.product([variant('M', 'Red', 10_000), variant('M', 'Blue', 90_000)], { name: 'dear in blue', brand });
    expect(await namesOf({ brand, size: 'M', color: 'Red', minPrice: 80_000 })).toEqual([]);
    expect(await namesOf({ brand, color: 'Blue', minPrice: 80_000, maxPrice: 90_000 })).toEqual(['dear in blue']);
    expect(await namesOf({ brand, minPrice: 20_000, maxPrice: 40_000 })).toEqual([]);
  });

  it('shows price and MRP of the cheapest live variant, and never the stock of a withdrawn one', async () => {
    const brand = `Brand ${uuidv7()}`;
    const cheap = { size: 'S', color: 'Red', price: 10_000, mrp: 30_000, onHand: 5 };
    const product = await fixture.product([variant('M', 'Red', 70_000), cheap], { brand });
    expect((await list({ brand })).items[0]).toMatchObject({ price: 10_000, mrp: 30_000, inStock: true });
    const variantId = product.variants.find(({ size }) => size === 'S')?.id as string;
    await fixture.replica.admin.removeVariant({ id: product.id, variantId }, call);
    expect((await list({ brand })).items[0]).toMatchObject({ price: 70_000, mrp: 100_000, inStock: false });
    expect((await list({ brand, inStock: true })).items).toEqual([]);
    expect((await list({ brand, size: 'S' })).items).toEqual([]);
  });

  it('includes the descendants of a category, by id or slug', async () => {
    const { categories } = fixture.replica;
    const women = await categories.createCategory({ name: 'Women list' }, call);
    const ethnic = await categories.createCategory({ name: 'Ethnic list', parentId: women.id }, call);
    const sarees = await categories.createCategory({ name: 'Sarees list', parentId: ethnic.id }, call);
    await fixture.product([variant('Free', 'Red')], { name: 'a saree', categoryId: sarees.id });
    for (const category of [women.id, women.slug, ethnic.slug, sarees.id]) expect(await namesOf({ category })).toEqual(['a saree']);
    const { facets, ...nothing } = await list({ category: 'no-such-thing' });
    expect(nothing).toEqual({ items: [], nextCursor: null, total: 0, totalIsExact: true });
    expect(facets).toMatchObject({ sizes: [], colors: [], brands: [], price: { min: 0, max: 0 } });
    expect(await list({ category: uuidv7() })).toMatchObject({ items: [], total: 0 });
    await categories.editCategory({ id: sarees.id, parentId: null }, call);
    expect(await namesOf({ category: women.id })).toEqual([]);
  });

  it('answers what cannot be with an empty page, and a crossed price range with 400', async () => {
    expect((await list({ brand: 'nul\0byte' })).items).toEqual([]);
    await expect(list({ minPrice: 2, maxPrice: 1 })).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('leaves out withdrawn products and those without a variant to choose', async () => {
    const brand = `Brand ${uuidv7()}`;
    await fixture.product([], { brand });
    const withdrawn = await fixture.product([variant('M', 'Red')], { brand });
    await fixture.replica.admin.remove({ id: withdrawn.id }, call);
    expect(await list({ brand })).toMatchObject({ items: [], total: 0 });
    await expect(fixture.replica.shop.detail({ id: withdrawn.slug })).rejects.toMatchObject({ code: 'not_found' });
    await expect(fixture.replica.admin.remove({ id: withdrawn.id }, call)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('neither skips nor repeats a row in any sort, while rows with the same key are inserted', async () => {
    const brand = `Brand ${uuidv7()}`;
    const make = (price: number) => fixture.product([variant('M', 'Red', price)], { brand });
    const before = new Set<string>();
    for (let index = 0; index < 12; index += 1) before.add((await make(10_000 * (1 + (index % 3)))).id);
    // Equal moments and ratings, so that only the id tells rows apart.
    await fixture.replica.database.execute(sql`
      UPDATE products SET created_at = date_trunc('second', created_at), rating_average = 4.5 WHERE brand = ${brand}`);
    for (const sort of ['newest', 'price_asc', 'price_desc', 'popular', 'rating']) {
      const seen: string[] = [];
      const prices: number[] = [];
      let cursor: string | undefined;
      do {
        const page: ProductPage = await list({ brand, sort, limit: 5, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        prices.push(...page.items.map(({ price }) => price));
        cursor = page.nextCursor ?? undefined;
        if (seen.length < 10) await make(20_000);
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      expect([...before].filter((id) => !seen.includes(id))).toEqual([]);
      if (sort === 'price_asc') expect(prices).toEqual(prices.toSorted((a, b) => a - b));
      if (sort === 'price_desc') expect(prices).toEqual(prices.toSorted((a, b) => b - a));
    }
  });

  it('takes a cursor only with the filters it came from', async () => {
    const brand = `Brand ${uuidv7()}`;
    for (let index = 0; index < 3; index += 1) await fixture.product([variant('M', 'Red')], { brand });
    const cursor = (await list({ brand, limit: 1 })).nextCursor as string;
    expect((await list({ brand, limit: 2, cursor })).items).toHaveLength(2);
    await expect(list({ brand, limit: 1, cursor, sort: 'rating' })).rejects.toBeInstanceOf(BadCursor);
    await expect(list({ limit: 1, cursor })).rejects.toBeInstanceOf(BadCursor);
    await expect(list({ brand, cursor: 'AAAA' })).rejects.toBeInstanceOf(BadCursor);
  });

  it('keeps the total apart from the page', async () => {
    const brand = `Brand ${uuidv7()}`;
    for (let index = 0; index < 3; index += 1) await fixture.product([variant('M', 'Red')], { brand });
    expect(await list({ brand, limit: 1 })).toMatchObject({ total: 3, totalIsExact: true });
  });
});

describe('detail', () => {
  it('shows variants without their exact stock', async () => {
    const made = await fixture.product([{ onHand: 6 }, { onHand: 5 }, { onHand: 0 }]);
    const shown = await fixture.replica.shop.detail({ id: made.slug });
    expect(shown.variants.map(({ availability }) => availability)).toEqual(['in_stock', 'low_stock', 'out_of_stock']);
    expect(shown.options).toEqual({ sizes: ['S0', 'S1', 'S2'], colors: ['Indigo'] });
    expect(JSON.stringify(shown)).not.toMatch(/available"|onHand|reserved/);
    expect(await fixture.replica.shop.detail({ id: made.id })).toEqual(shown);
  });

  it('follows a reservation over each threshold', async () => {
    const made = await fixture.product([{ onHand: 6 }]);
    const variantId = made.variants[0]?.id as string;
    const availability = async () => (await fixture.replica.shop.detail({ id: made.id })).variants[0]?.availability;
    const take = (quantity: number) =>
      fixture.replica.reservations.reserve({ orderId: uuidv7(), lines: [{ variantId, quantity }], ttlSeconds: 60 });
    expect(await availability()).toBe('in_stock');
    await take(1);
    expect(await availability()).toBe('low_stock');
    await take(5);
    expect(await availability()).toBe('out_of_stock');
    expect((await fixture.replica.shop.detail({ id: made.id })).inStock).toBe(false);
  });

  it('is 404 for what does not exist', async () => {
    for (const id of [uuidv7(), 'no-such-product', 'nul\0byte'])
      await expect(fixture.replica.shop.detail({ id })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('quote', () => {
  it('names price, stock and the whole ancestry, and leaves out what is unknown or withdrawn', async () => {
    const { categories } = fixture.replica;
    const root = await categories.createCategory({ name: 'Quote root' }, call);
    const leaf = await categories.createCategory({ name: 'Quote leaf', parentId: root.id }, call);
    const images = [{ url: '/media/catalogue/x', alt: '' }];
    const made = await fixture.product([{ ...variant('M', 'Red'), onHand: 3 }, variant('L', 'Red')], { categoryId: leaf.id, images });
    const [kept, gone] = made.variants.map(({ id }) => id) as [string, string];
    await fixture.replica.admin.removeVariant({ id: made.id, variantId: gone }, call);
    const { items } = await fixture.replica.shop.quote({ variantIds: [kept, gone, uuidv7()] });
    expect(items).toEqual([
      expect.objectContaining({
        variantId: kept,
        productId: made.id,
        price: 50_000,
        available: 3,
        image: '/media/catalogue/x',
        categoryIds: [root.id, leaf.id],
      }),
    ]);
    await fixture.replica.admin.remove({ id: made.id }, call);
    expect(await fixture.replica.shop.quote({ variantIds: [kept] })).toEqual({ items: [] });
  });
});
