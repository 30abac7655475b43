import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brands } from './brands.ts';
import { categories, generateCatalogue, MAX_SEED_PRODUCTS, type SeedProduct } from './catalogue.ts';
import { brightness, colours } from './colours.ts';
import { drawPicture } from './pictures.ts';

const EPOCH = new Date('2026-05-01T00:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const leaves = categories.filter(({ hsnPrefix }) => hsnPrefix !== null);
const many = [...generateCatalogue({ products: 1500, seed: 7, epoch: EPOCH })];
const shop = [...generateCatalogue()];

const repeated = (values: readonly string[]): string[] => values.filter((value, index) => values.indexOf(value) !== index);

function take(products: Iterable<SeedProduct>, count: number): SeedProduct[] {
  const taken: SeedProduct[] = [];
  for (const product of products) if (taken.push(product) === count) break;
  return taken;
}

describe('the seed catalogue', () => {
  it('is the same for the same seed, and another for another', () => {
    expect([...generateCatalogue({ products: 300, seed: 7, epoch: EPOCH })]).toEqual(many.slice(0, 300));
    expect(take(generateCatalogue({ seed: 8, epoch: EPOCH }), 20)).not.toEqual(many.slice(0, 20));
  });

  it('is made lazily: the first of a million are the first of fifteen hundred', () => {
    expect(take(generateCatalogue({ products: MAX_SEED_PRODUCTS, seed: 7, epoch: EPOCH }), 50)).toEqual(many.slice(0, 50));
  });

  it('has 240 products unless told otherwise, and refuses impossible counts', () => {
    expect(shop).toHaveLength(240);
    expect([...generateCatalogue({ products: 0 })]).toEqual([]);
    for (const products of [-1, 1.5, Number.NaN, MAX_SEED_PRODUCTS + 1])
      expect(() => generateCatalogue({ products }).next()).toThrow(RangeError);
  });

  it('never repeats a slug, a SKU, a picture, or a size and colour within a product', () => {
    expect(new Set(many.map(({ slug }) => slug)).size).toBe(many.length);
    const skus = many.flatMap(({ variants }) => variants.map(({ sku }) => sku));
    expect(new Set(skus).size).toBe(skus.length);
    const pictures = shop.flatMap(({ images }) => images.map(({ name }) => name));
    expect(new Set(pictures).size).toBe(pictures.length);
    for (const { variants } of many) expect(repeated(variants.map(({ size, color }) => `${size} ${color}`))).toEqual([]);
  });

  it('never repeats a name among those one browses, nor a description, whatever the seed', () => {
    expect(new Set(many.map(({ name }) => name)).size).toBe(many.length);
    expect(new Set(many.map(({ description }) => description)).size).toBe(many.length);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const first = [...generateCatalogue({ seed })];
        expect(repeated(first.map(({ name }) => name))).toEqual([]);
        expect(repeated(first.map(({ description }) => description))).toEqual([]);
        expect(first.some(({ variants }) => variants.some(({ price }) => price < 30_000))).toBe(true);
        expect(first.filter(({ variants }) => variants.some(({ price }) => price > 262_500)).length).toBeGreaterThan(10);
      }),
      { numRuns: 30 },
    );
  });

  it('is balanced: the first 240 hold every leaf category equally often', () => {
    for (const { slug } of leaves)
      expect(
        shop.filter(({ categorySlug }) => categorySlug === slug),
        slug,
      ).toHaveLength(240 / leaves.length);
  });

  it('prices in whole paise ending in ₹49 or ₹99, and never above the MRP', () => {
    for (const { name, variants } of many) {
      for (const { price, mrp } of variants) {
        expect([4900, 9900], name).toContain(price % 10_000);
        expect([4900, 9900], name).toContain(mrp % 10_000);
        expect(price, name).toBeGreaterThanOrEqual(14_900);
        expect(price, name).toBeLessThanOrEqual(mrp);
      }
    }
  });

  it('stocks most variants, leaves some low and some out', () => {
    const counts = shop.flatMap(({ variants }) => variants.map(({ onHand }) => onHand));
    for (const count of counts) expect(Number.isInteger(count) && count >= 0 && count < 500).toBe(true);
    expect(counts.filter((count) => count === 0).length / counts.length).toBeGreaterThan(0.03);
    expect(counts.filter((count) => count > 0 && count <= 5).length / counts.length).toBeGreaterThan(0.06);
    expect(counts.filter((count) => count > 5).length / counts.length).toBeGreaterThan(0.6);
  });

  it('uses the sizes and HSN of the category, palette colours, and known brands', () => {
    const palette = new Set(colours.map(({ name }) => name));
    const known = new Set(brands.map(({ name }) => name));
    for (const product of many) {
      const category = leaves.find(({ slug }) => slug === product.categorySlug);
      expect(product.hsn).toMatch(/^\d{6}$/);
      expect(product.hsn.startsWith(category?.hsnPrefix ?? 'none'), product.name).toBe(true);
      expect(known).toContain(product.brand);
      const used = new Set(product.variants.map(({ color }) => color));
      expect(used.size).toBeGreaterThanOrEqual(1);
      expect(used.size).toBeLessThanOrEqual(4);
      for (const color of used) expect(palette).toContain(color);
      for (const { size } of product.variants) expect(category?.sizes, product.name).toContain(size);
    }
  });

  it('keeps within what the product contract allows', () => {
    for (const { slug, name, description, attributes, images, variants, countryOfOrigin } of many) {
      expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(slug.length).toBeLessThanOrEqual(200);
      expect(name).toMatch(/^\S+( \S+)+$/);
      expect(name.length).toBeLessThanOrEqual(200);
      expect(description).not.toMatch(/[{}]|undefined| {2}/);
      expect(description.length).toBeGreaterThan(60);
      expect(countryOfOrigin.length).toBeGreaterThan(1);
      for (const value of Object.values(attributes)) expect(value).toMatch(/^\S.{0,498}$/);
      for (const { alt } of images) expect(alt).toMatch(/^[A-Z].{0,198}$/);
      for (const { sku } of variants) expect(sku).toMatch(/^[A-Z0-9]{3}-[A-Z0-9]{4,}-[A-Z]{3,4}-[A-Z0-9-]{1,6}$/);
    }
  });

  it('every picture draws, and every colour on sale has one from the front', () => {
    for (const { images, variants, name } of many.slice(0, 600)) {
      for (const image of images) expect(drawPicture(image.name), image.name).not.toBeNull();
      const shown = new Set(images.filter((image) => image.name.endsWith('.front')).map((image) => image.name.split('.')[1]));
      const sold = new Set(variants.map(({ color }) => colours.find((colour) => colour.name === color)?.slug));
      expect(shown, name).toEqual(sold);
    }
  });

  it('was created within the 180 days before the epoch, spread over all of them', () => {
    const ages = many.map(({ createdAt }) => (EPOCH.getTime() - Date.parse(createdAt)) / DAY_MS);
    for (const age of ages) expect(age >= 0 && age <= 180).toBe(true);
    for (let month = 0; month < 6; month++)
      expect(ages.filter((age) => age >= month * 30 && age < (month + 1) * 30).length).toBeGreaterThan(many.length / 12);
  });
});

describe('the tables behind it', () => {
  it('the category tree has its parents first and no slug twice', () => {
    const seen = new Set<string>();
    for (const { slug, parentSlug } of categories) {
      expect(seen.has(slug), slug).toBe(false);
      expect(parentSlug === null || seen.has(parentSlug), slug).toBe(true);
      seen.add(slug);
    }
    expect(categories.filter(({ parentSlug }) => parentSlug === null).map(({ slug }) => slug)).toEqual(['women', 'men', 'kids']);
    for (const { slug, sizes } of leaves) expect(sizes.length, slug).toBeGreaterThan(0);
  });

  it('brand names and codes, and colour names and slugs, are each used once', () => {
    expect(repeated(brands.map(({ name }) => name))).toEqual([]);
    expect(repeated(brands.map(({ code }) => code))).toEqual([]);
    expect(repeated(colours.map(({ slug }) => slug))).toEqual([]);
    expect(brands.length).toBeGreaterThanOrEqual(24);
  });

  it('a border or print can be told from its cloth', () => {
    for (const { name, hex, accent } of colours) {
      expect(hex, name).toMatch(/^#[0-9A-F]{6}$/);
      expect(Math.abs(brightness(hex) - brightness(accent)), name).toBeGreaterThan(0.1);
    }
  });
});
