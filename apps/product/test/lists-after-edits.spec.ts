import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductFilter } from '#libs/contracts/product/listing';
import type { Picture, Product } from '#libs/contracts/product/views';
import { sql } from '#libs/persistence/sql';
import { ListingRepository } from '../src/listing.repository.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();

/** A product and its live variants as their own tables have them: nothing that lists keep beside them. */
interface Kept {
  readonly id: string;
  readonly categoryId: string | null;
  readonly images: (Picture & { color?: string })[];
  readonly createdAt: Date;
  readonly rating: string;
  readonly product: Omit<
    Product,
    'images' | 'variantId' | 'price' | 'priceVaries' | 'mrp' | 'inStock' | 'rating' | 'createdAt' | 'currency'
  >;
  readonly ratingCount: number;
  readonly unitsSold: number;
  readonly variants: { id: string; price: number; mrp: number; images: Picture[]; available: number }[];
}

const kept = (): Promise<Kept[]> =>
  fixture.replica.database.rows<Kept>(sql`
    SELECT p.id, p.category_id AS "categoryId", p.images, p.created_at AS "createdAt", p.rating_average AS rating, p.rating_count AS "ratingCount",
      p.units_sold AS "unitsSold",
      jsonb_build_object('id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description, 'brand', p.brand, 'categoryId', p.category_id,
        'attributes', p.attributes, 'hsn', p.hsn, 'countryOfOrigin', p.country_of_origin) AS product,
      jsonb_agg(jsonb_build_object('id', v.id, 'price', v.price, 'mrp', v.mrp, 'images', v.images, 'available', s.on_hand - s.reserved)) AS variants
    FROM products p JOIN variants v ON v.product_id = p.id AND v.withdrawn_at IS NULL JOIN stock s ON s.variant_id = v.id
    WHERE p.withdrawn_at IS NULL GROUP BY p.id`);

/** The card by the rule itself: the cheapest live variant, among equals one in stock, then the lower MRP, then the older one. */
function cardOf({ product, images, variants, createdAt, rating, ratingCount }: Kept): Product {
  const [shown] = variants.toSorted(
    (a, b) => a.price - b.price || Number(b.available > 0) - Number(a.available > 0) || a.mrp - b.mrp || (a.id < b.id ? -1 : 1),
  );
  const cover = shown?.images[0] ?? images.find(({ color }) => color === undefined);
  const pictures = cover === undefined ? images : [cover, ...images.filter(({ url }) => url !== cover.url)];
  return {
    ...product,
    images: pictures.map(({ url, alt }) => ({ url, alt })),
    variantId: shown?.id ?? null,
    price: shown?.price ?? 0,
    priceVaries: variants.some(({ price }) => price > (shown?.price ?? 0)),
    mrp: shown?.mrp ?? 0,
    currency: 'INR',
    rating: { average: Number(rating), count: ratingCount },
    inStock: variants.some(({ available }) => available > 0),
    createdAt: createdAt.toISOString(),
  };
}

/** Around and on the borders between steps of the counts, which are 20,000 paise wide. */
const prices = fc.constantFrom(100, 5_000, 19_999, 20_000, 20_001, 39_999, 40_000, 65_000, 99_999, 100_000, 250_000);
const bounds = fc.oneof(prices, fc.integer({ min: 0, max: 300_000 }));
const products = fc.integer({ min: 0, max: 7 });
const leaves = fc.constantFrom('left', 'right');
const edits = fc.oneof(
  fc.record({ kind: fc.constant('create'), leaf: leaves, prices: fc.array(prices, { minLength: 0, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('price'), product: products, price: prices }),
  fc.record({ kind: fc.constant('stock'), product: products, onHand: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant('variant'), product: products, price: prices }),
  fc.record({ kind: fc.constant('withdraw variant'), product: products }),
  fc.record({ kind: fc.constant('withdraw'), product: products }),
  fc.record({ kind: fc.constant('move'), product: products, leaf: leaves }),
  fc.record({ kind: fc.constant('words'), product: products, name: fc.constantFrom('Kurta "Jaipur"', 'साड़ी', 'A\\B\tC') }),
  fc.record({ kind: fc.constant('pictures'), product: products, color: fc.constantFrom('Indigo', 'Red') }),
  fc.record({ kind: fc.constant('rating'), product: products, average: fc.constantFrom(0, 3.5, 4.25, 5) }),
  fc.record({ kind: fc.constant('move category'), leaf: leaves }),
);
const questions = fc
  .record({ category: fc.constantFrom('parent', 'left', 'right'), minPrice: bounds, maxPrice: bounds }, { requiredKeys: [] })
  .filter(({ minPrice = 0, maxPrice = 300_000 }) => minPrice <= maxPrice);

type Edit = Parameters<Parameters<typeof edits.map>[0]>[0];
type Question = Parameters<Parameters<typeof questions.map>[0]>[0];

/** A tree of categories of its own, in which the products of one run are. */
class Run {
  private readonly made: string[] = [];
  private count = 0;

  private constructor(readonly categories: Readonly<Record<'parent' | 'left' | 'right', string>>) {}

  static async start(): Promise<Run> {
    const create = async (name: string, parentId?: string): Promise<string> =>
      (await fixture.replica.categories.createCategory({ name, ...(parentId === undefined ? {} : { parentId }) }, call)).id;
    const parent = await create('Everything');
    return new Run({ parent, left: await create('Left', parent), right: await create('Right', parent) });
  }

  async edit(edit: Edit): Promise<void> {
    const { admin, stock, categories, database } = fixture.replica;
    if (edit.kind === 'create' && 'prices' in edit) {
      const variants = edit.prices.map((price, index) => ({
        price,
        mrp: 300_000,
        onHand: index % 2,
        color: index === 1 ? 'Red' : 'Indigo',
      }));
      this.made.push((await fixture.product(variants, { categoryId: this.categories[edit.leaf] })).id);
      return;
    }
    if (edit.kind === 'move category' && 'leaf' in edit) {
      const other = edit.leaf === 'left' ? 'right' : 'left';
      await categories.editCategory({ id: this.categories[edit.leaf], parentId: this.categories.parent }, call);
      await categories.editCategory({ id: this.categories[edit.leaf], parentId: this.categories[other] }, call).catch(() => undefined);
      return;
    }
    const id = this.made['product' in edit ? edit.product : 0];
    const known = (await kept()).find((one) => one.id === id);
    if (known === undefined || id === undefined) return;
    const variantId = known.variants[0]?.id as string;
    this.count += 1;
    if (edit.kind === 'price' && 'price' in edit) await admin.editVariant({ id, variantId, price: edit.price, mrp: 300_000 }, call);
    if (edit.kind === 'stock' && 'onHand' in edit) await stock.setStock({ id, variantId, onHand: edit.onHand }, call);
    if (edit.kind === 'variant' && 'price' in edit)
      await admin.addVariant({ id, size: `T${this.count}`, color: 'Red', price: edit.price, mrp: 300_000 }, call);
    if (edit.kind === 'withdraw variant') await admin.removeVariant({ id, variantId }, call);
    if (edit.kind === 'withdraw') await admin.remove({ id }, call);
    if (edit.kind === 'move' && 'leaf' in edit) await admin.edit({ id, categoryId: this.categories[edit.leaf] }, call);
    if (edit.kind === 'words' && 'name' in edit) await admin.edit({ id, name: edit.name, attributes: { 'fab"ric': edit.name } }, call);
    if (edit.kind === 'pictures' && 'color' in edit) {
      const images = [
        { url: `/media/${this.count}-a.jpg`, alt: 'All of it' },
        { url: `/media/${this.count}-b.jpg`, alt: '"One"', color: edit.color },
      ];
      await admin.edit({ id, images }, call);
    }
    // As the service that owns ratings will have them written.
    if (edit.kind === 'rating' && 'average' in edit)
      await database.execute(sql`UPDATE products SET rating_average = ${edit.average}, rating_count = rating_count + 1 WHERE id = ${id}`);
  }

  /** What the list must be, found by looking at every product. */
  async expected({ category, minPrice = 0, maxPrice = Number.MAX_SAFE_INTEGER }: Question, sort: string): Promise<Product[]> {
    const rows = await fixture.replica.database.rows<{ id: string }>(
      sql`SELECT id FROM categories WHERE path @> ARRAY[${this.categories[category ?? 'parent']}::uuid]`,
    );
    const inside = new Set(rows.map(({ id }) => id));
    const matches = (await kept()).filter(
      ({ categoryId, variants }) =>
        categoryId !== null && inside.has(categoryId) && variants.some(({ price }) => price >= minPrice && price <= maxPrice),
    );
    const keyOf: Readonly<Record<string, (one: Kept) => number>> = {
      newest: (one) => -one.createdAt.getTime(),
      price_asc: (one) => cardOf(one).price,
      price_desc: (one) => -cardOf(one).price,
      popular: (one) => -one.unitsSold,
      rating: (one) => -Number(one.rating),
    };
    const key = keyOf[sort] ?? (() => 0);
    const down = sort === 'price_asc' ? 1 : -1;
    return matches.toSorted((a, b) => key(a) - key(b) || (a.id < b.id ? -down : down)).map(cardOf);
  }

  async listed(question: Question, sort: string): Promise<{ items: Product[]; total: number; totalIsExact: boolean }> {
    const category = this.categories[question.category ?? 'parent'];
    return fixture.replica.shop.list(Object.assign(new ProductFilter(), question, { category, sort }));
  }
}

describe('after any edits', () => {
  // Few matches are sorted whole and many walked to; either must find the same.
  it.each([
    ['sorted', 500],
    ['walked to', 0],
  ])(
    'lists, their cards and their totals are what a look at every product finds, when %s',
    async (_, entries) => {
      Object.assign(fixture.replica.app.get(ListingRepository).sortUpTo, { entries });
      await fc.assert(
        fc.asyncProperty(
          fc.array(edits, { minLength: 6, maxLength: 14 }),
          fc.array(questions, { minLength: 4, maxLength: 4 }),
          async (made, asked) => {
            const run = await Run.start();
            for (const leaf of ['left', 'right'] as const) await run.edit({ kind: 'create', leaf, prices: [20_000, 65_000] });
            for (const edit of made) await run.edit(edit);
            for (const question of [{}, ...asked]) {
              for (const sort of ['newest', 'price_asc', 'price_desc', 'rating']) {
                const expected = await run.expected(question, sort);
                const { items, total, totalIsExact } = await run.listed(question, sort);
                expect({ total, totalIsExact }).toEqual({ total: expected.length, totalIsExact: true });
                expect(items).toEqual(expected);
              }
            }
          },
        ),
        { numRuns: 8 },
      );
    },
    120_000,
  );
});
