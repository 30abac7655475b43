import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { NewCategory } from '#libs/contracts/product/categories';
import { ProductFilter } from '#libs/contracts/product/listing';
import { type NewPrice, Reprice } from '#libs/contracts/product/staff';
import type { Repricing } from '#libs/contracts/product/staff-views';
import type { Category } from '#libs/contracts/product/views';
import { sql } from '#libs/persistence/sql';
import { RepriceHandlers } from '../src/reprice.handlers.ts';
import { SizeChartHandlers } from '../src/size-chart.handlers.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const red = { size: 'M', color: 'Red', price: 50_000, mrp: 60_000, onHand: 5 };
const reprice = (changes: NewPrice[], preview = false, by: Call = call): Promise<Repricing> =>
  fixture.replica.app.get(RepriceHandlers).reprice(Object.assign(new Reprice(), { changes, preview }), by);

describe('many prices', () => {
  it('are previewed without effect, then set at once, and told with versions of their own', async () => {
    const made = await fixture.product([red, { ...red, size: 'L' }]);
    const [one, two] = made.variants.map(({ id, sku }) => ({ id, sku }));
    const changes = [
      { variantId: one?.id as string, price: 45_000 },
      { sku: (two?.sku ?? '').toLowerCase(), mrp: 70_000, price: 65_000 },
    ];
    expect(await reprice(changes, true)).toMatchObject({
      applied: false,
      changed: 2,
      errors: [],
      items: [{ priceBefore: 50_000, price: 45_000 }, {}],
    });
    expect((await fixture.replica.shop.detail({ id: made.id })).price).toBe(50_000);
    expect(await reprice(changes)).toMatchObject({ applied: true, changed: 2 });
    const detail = await fixture.replica.shop.detail({ id: made.id });
    expect(detail.variants.map(({ price, mrp }) => [price, mrp])).toEqual([
      [45_000, 60_000],
      [65_000, 70_000],
    ]);
    const told = await fixture.replica.database.rows<{ payload: string }>(
      sql`SELECT payload FROM outbox WHERE event = 'product.priceChanged' AND payload LIKE ${`%${made.id}%`} ORDER BY id`,
    );
    expect(new Set(told.map(({ payload }) => JSON.parse(payload).version)).size).toBe(2);
    expect(await reprice(changes)).toMatchObject({ applied: true, changed: 0 });
  });

  it('are all as before where a row is wrong, and each wrong row is named', async () => {
    const made = await fixture.product([red]);
    const variantId = made.variants[0]?.id as string;
    const outcome = await reprice([
      { variantId, price: 40_000 },
      { variantId, price: 41_000 },
      { sku: 'nowhere', price: 100 },
      { price: 100 },
      { variantId: made.id, price: 100 },
    ]);
    expect([outcome.applied, outcome.errors.map(({ row }) => row)]).toEqual([false, [2, 3, 4, 5]]);
    expect((await reprice([{ variantId, price: 70_000 }])).errors).toMatchObject([{ row: 1, message: expect.stringContaining('MRP') }]);
    expect((await reprice([{ variantId, from: 1, price: 40_000 }])).errors).toMatchObject([
      { row: 1, message: expect.stringContaining('50000') },
    ]);
    expect((await fixture.replica.shop.detail({ id: made.id })).price).toBe(50_000);
  });

  it('of a repeated request do not come back over a later edit', async () => {
    const made = await fixture.product([red]);
    const variantId = made.variants[0]?.id as string;
    const keyed = adminCall('reprice-once');
    await reprice([{ variantId, price: 40_000 }], false, keyed);
    await fixture.replica.admin.editVariant({ id: made.id, variantId, price: 55_000 }, call);
    expect(await reprice([{ variantId, price: 40_000 }], false, keyed)).toMatchObject({ applied: true, changed: 0 });
    expect((await fixture.replica.shop.detail({ id: made.id })).price).toBe(55_000);
  });

  it('set beside edits and sales leave every replica with the last price and the right stock', async () => {
    const other = await fixture.another();
    const made = await fixture.product([{ ...red, onHand: 50 }]);
    const variantId = made.variants[0]?.id as string;
    const prices = [41_000, 42_000];
    await Promise.all([
      ...prices.map((price) => reprice([{ variantId, price }])),
      ...prices.map((price) => other.admin.editVariant({ id: made.id, variantId, price: price + 500 }, call)),
      ...prices.map(() => other.shop.detail({ id: made.id })),
      ...prices.map(() => fixture.replica.stock.setStock({ id: made.id, variantId, delta: -1, reason: 'sold by hand' }, call)),
    ]);
    const row = await fixture.replica.database.row<{ price: number }>(sql`SELECT price FROM variants WHERE id = ${variantId}`);
    for (const { shop } of [fixture.replica, other]) {
      expect(await shop.detail({ id: made.id })).toMatchObject({ price: row?.price, variants: [{ price: row?.price }] });
      const { items } = await shop.list(Object.assign(new ProductFilter(), { limit: 100 }));
      expect(items.find(({ id }) => id === made.id)?.price).toBe(row?.price);
    }
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 48, reserved: 0 });
  });
});

describe('the order of categories', () => {
  const category = (name: string, parentId: string | null = null): Promise<Category> =>
    fixture.replica.categories.createCategory(Object.assign(new NewCategory(), { name, parentId }), call);
  const namesBelow = async (id: string): Promise<string[]> => {
    const { items } = await fixture.replica.shop.categories({});
    return items.find((one) => one.id === id)?.children.map(({ name }) => name) ?? [];
  };

  it('is by name until somebody places one, and then as placed', async () => {
    const top = await category('Ordered');
    const [, b, c] = [await category('A', top.id), await category('B', top.id), await category('C', top.id)];
    expect(await namesBelow(top.id)).toEqual(['A', 'B', 'C']);
    await fixture.replica.categories.editCategory({ id: c.id, place: 0 }, call);
    expect(await namesBelow(top.id)).toEqual(['C', 'A', 'B']);
    await fixture.replica.categories.editCategory({ id: c.id, place: 99 }, call);
    expect(await namesBelow(top.id)).toEqual(['A', 'B', 'C']);
    await category('0 new', top.id);
    expect(await namesBelow(top.id)).toEqual(['A', 'B', 'C', '0 new']);
    await fixture.replica.categories.editCategory({ id: b.id, place: 2 }, call);
    expect(await namesBelow(top.id)).toEqual(['A', 'C', 'B', '0 new']);
  });

  it('holds no circle and loses no category, however many are moved at once', async () => {
    const other = await fixture.another();
    const tops = await Promise.all(Array.from({ length: 6 }, (_, index) => category(`Ring ${index}`)));
    const moves = tops.flatMap((one, index) => {
      const under = tops[(index + 1) % tops.length] as Category;
      return [fixture.replica, other].map((replica) => replica.categories.editCategory({ id: one.id, parentId: under.id, place: 0 }, call));
    });
    const outcomes = await Promise.allSettled(moves);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'product.category_cycle' });
    const all = (list: readonly Category[]): string[] => list.flatMap(({ name, children }) => [name, ...all(children)]);
    const { items } = await other.shop.categories({});
    expect(
      all(items)
        .filter((name) => name.startsWith('Ring'))
        .sort(),
    ).toEqual(tops.map(({ name }) => name).sort());
  });
});

describe('a size chart', () => {
  it("is the brand's of the nearest category, else the category's, and shows on the detail at once", async () => {
    const charts = fixture.replica.app.get(SizeChartHandlers);
    const made = await fixture.product([red], { brand: 'Aaranya' });
    const detail = async () => (await fixture.replica.shop.detail({ id: made.id })).sizeChart;
    expect(await detail()).toBeNull();
    const chart = { categoryId: fixture.categoryId, unit: 'cm' as const, measures: ['Bust'], sizes: [{ size: 'M', values: ['92'] }] };
    const forAll = await charts.putSizeChart(chart);
    expect(await detail()).toEqual(forAll);
    const ofBrand = await charts.putSizeChart({ ...chart, brand: 'AARANYA', sizes: [{ size: 'M', values: ['94'] }] });
    expect(await detail()).toEqual(ofBrand);
    // The same place again is the same chart.
    expect((await charts.putSizeChart({ ...chart, brand: 'aaranya' })).id).toBe(ofBrand.id);
    await charts.removeSizeChart({ id: ofBrand.id });
    expect(await detail()).toEqual(forAll);
    await expect(charts.putSizeChart({ ...chart, sizes: [{ size: 'M', values: [] }] })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(charts.putSizeChart({ ...chart, categoryId: made.id })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
