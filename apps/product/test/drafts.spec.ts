import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductFilter } from '#libs/contracts/product/listing';
import { StaffProductQuery } from '#libs/contracts/product/staff';
import { sql } from '#libs/persistence/sql';
import { StaffHandlers } from '../src/staff.handlers.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const red = { size: 'M', color: 'Red', price: 50_000, mrp: 60_000, onHand: 5 };
const whole = { hsn: '6204', countryOfOrigin: 'India', images: [{ url: '/media/x.svg', alt: 'drawn' }] };
const staff = () => fixture.replica.app.get(StaffHandlers);
const inStaffList = async (q: string) => (await staff().staffList(Object.assign(new StaffProductQuery(), { q }))).items;
const told = async (event: string, id: string) =>
  (
    await fixture.replica.database.rows<{ payload: string }>(
      sql`SELECT payload FROM outbox WHERE event = ${event} AND payload LIKE ${`%${id}%`} ORDER BY created_at, id`,
    )
  ).map(({ payload }) => JSON.parse(payload));

describe('a draft', () => {
  it('is seen by staff and by nobody else, and cannot be bought', async () => {
    const draft = await fixture.product([red], { name: 'Hidden Kurta', published: false });
    const variantId = draft.variants[0]?.id as string;
    expect(draft.published).toBe(false);
    const { shop, reservations } = fixture.replica;
    for (const ref of [draft.id, draft.slug]) await expect(shop.detail({ id: ref })).rejects.toMatchObject({ code: 'not_found' });
    expect((await shop.list(Object.assign(new ProductFilter(), { limit: 100 }))).items.map(({ id }) => id)).not.toContain(draft.id);
    expect((await shop.quote({ variantIds: [variantId] })).items).toEqual([]);
    expect((await fixture.cards([{ productId: draft.id }, { productId: draft.id, variantId }])).items).toEqual([]);
    expect(await reservations.reserve({ orderId: uuidv7(), lines: [{ variantId, quantity: 1 }], ttlSeconds: 60 })).toEqual({
      held: false,
      shortages: [{ variantId, available: 0 }],
    });
    // Neither a sale nor a count brings it into a list.
    await fixture.replica.stock.setStock({ id: draft.id, variantId, onHand: 0 }, call);
    await fixture.replica.stock.setStock({ id: draft.id, variantId, onHand: 9 }, call);
    await fixture.replica.admin.editVariant({ id: draft.id, variantId, price: 40_000 }, call);
    expect((await shop.list(Object.assign(new ProductFilter(), { limit: 100 }))).items.map(({ id }) => id)).not.toContain(draft.id);
    expect(await told('product.priceChanged', draft.id)).toEqual([]);
    expect(await told('product.stockRose', draft.id)).toEqual([]);
    expect(await inStaffList('hidden')).toMatchObject([{ id: draft.id, published: false, available: 9, variantCount: 1 }]);
  });

  it('is published when nothing is missing, and what is missing is named', async () => {
    const draft = await fixture.product([], { name: 'Bare Kurta', published: false });
    const { admin, shop } = fixture.replica;
    const refused = { code: 'product.incomplete', fields: { missing: ['mrp', 'hsn', 'countryOfOrigin', 'images'] } };
    await expect(admin.edit({ id: draft.id, published: true, name: 'Never' }, call)).rejects.toMatchObject(refused);
    await expect(fixture.product([red], { published: true })).rejects.toMatchObject({
      fields: { missing: ['hsn', 'countryOfOrigin', 'images'] },
    });
    expect(await staff().staffDetail({ id: draft.id })).toMatchObject({
      name: 'Bare Kurta',
      published: false,
      missing: refused.fields.missing,
    });
    await admin.addVariant({ id: draft.id, size: 'M', color: 'Red', price: 50_000, mrp: 60_000 }, call);
    await expect(admin.edit({ id: draft.id, published: true, hsn: '6204' }, call)).rejects.toMatchObject({
      fields: { missing: ['countryOfOrigin', 'images'] },
    });
    const published = await admin.edit({ id: draft.id, published: true, ...whole }, call);
    expect(published.published).toBe(true);
    expect(await shop.detail({ id: draft.slug })).toEqual(published);
    expect((await shop.list(new ProductFilter())).items.map(({ id }) => id)).toContain(draft.id);
    // Saying it again asks for nothing.
    await admin.edit({ id: draft.id, published: true, images: [] }, call);
  });

  it('can be made of a published product, which leaves every list, and comes back with news for those who wait', async () => {
    const made = await fixture.product([red], whole);
    const variantId = made.variants[0]?.id as string;
    const { admin, shop } = fixture.replica;
    const other = await fixture.another();
    await shop.detail({ id: made.id });
    await admin.edit({ id: made.id, published: false }, call);
    await expect(other.shop.detail({ id: made.id })).rejects.toMatchObject({ code: 'not_found' });
    await admin.editVariant({ id: made.id, variantId, price: 45_000 }, call);
    await admin.edit({ id: made.id, published: true }, call);
    expect(await other.shop.detail({ id: made.id })).toMatchObject({ price: 45_000, variants: [{ lowestPrice30Days: 45_000 }] });
    expect(await told('product.priceChanged', made.id)).toMatchObject([{ variantId, price: 45_000, productPrice: 45_000 }]);
    expect((await told('product.stockRose', made.id)).at(-1)).toMatchObject({ variantId, by: 5, available: 5 });
  });

  it('published while its last picture goes is either refused or has the picture', async () => {
    for (let round = 0; round < 8; round += 1) {
      const draft = await fixture.product([red], { ...whole, published: false });
      const { admin } = fixture.replica;
      await Promise.allSettled([admin.edit({ id: draft.id, published: true }, call), admin.edit({ id: draft.id, images: [] }, call)]);
      const { published, missing } = await staff().staffDetail({ id: draft.id });
      // Whichever came first: a product that is published keeps what it had when it was.
      expect([published, missing]).toEqual(published ? [true, ['images']] : [false, ['images']]);
    }
  });
});

describe('prices', () => {
  it('keep their history, and the detail has the lowest of 30 days', async () => {
    const made = await fixture.product([red], whole);
    const { admin, shop, database } = fixture.replica;
    const variant = { id: made.id, variantId: made.variants[0]?.id as string };
    for (const price of [40_000, 55_000]) await admin.editVariant({ ...variant, price }, call);
    await admin.editVariant({ ...variant, size: 'L' }, call);
    expect((await shop.detail({ id: made.id })).variants[0]).toMatchObject({ price: 55_000, lowestPrice30Days: 40_000 });
    const first = await staff().priceHistory({ ...variant, limit: 2 });
    expect(first.items).toMatchObject([{ price: 55_000, until: null }, { price: 40_000 }]);
    expect(first.items).toHaveLength(2);
    await database.execute(
      sql`UPDATE past_prices SET until = until - interval '31 days' WHERE variant_id = ${variant.variantId} AND price = 40000`,
    );
    expect((await staff().priceHistory({ ...variant, limit: 20 })).lowestPrice30Days).toBe(50_000);
    const prices: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await staff().priceHistory({ ...variant, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      prices.push(...page.items.map(({ price }) => price));
      cursor = page.nextCursor;
    }
    expect(prices).toEqual([55_000, 50_000, 40_000]);
  });

  it('of a draft were prices to nobody', async () => {
    const draft = await fixture.product([red], { ...whole, published: false });
    const variant = { id: draft.id, variantId: draft.variants[0]?.id as string };
    await fixture.replica.admin.editVariant({ ...variant, price: 10_000 }, call);
    await fixture.replica.admin.editVariant({ ...variant, price: 50_000 }, call);
    await fixture.replica.admin.edit({ id: draft.id, published: true }, call);
    expect((await fixture.replica.shop.detail({ id: draft.id })).variants[0]?.lowestPrice30Days).toBe(50_000);
    // The price that customers saw before it became a draft again counts.
    await fixture.replica.admin.editVariant({ ...variant, price: 30_000 }, call);
    await fixture.replica.admin.edit({ id: draft.id, published: false }, call);
    await fixture.replica.admin.editVariant({ ...variant, price: 50_000 }, call);
    await fixture.replica.admin.edit({ id: draft.id, published: true }, call);
    expect((await fixture.replica.shop.detail({ id: draft.id })).variants[0]?.lowestPrice30Days).toBe(30_000);
  });
});

describe('staff', () => {
  it('read the stock book by the page, newest first', async () => {
    const made = await fixture.product([{ ...red, onHand: 0 }]);
    const variant = { id: made.id, variantId: made.variants[0]?.id as string };
    await fixture.replica.stock.setStock({ ...variant, onHand: 7 }, call);
    await fixture.replica.stock.setStock({ ...variant, delta: -2, reason: 'torn' }, call);
    const first = await staff().stockMovements({ ...variant, limit: 1 });
    expect(first.items).toMatchObject([{ kind: 'correction', change: -2, onHand: 5, reason: 'torn' }]);
    const second = await staff().stockMovements({ ...variant, limit: 1, cursor: first.nextCursor as string });
    expect([second.items[0]?.kind, second.items[0]?.change, second.nextCursor]).toEqual(['count', 7, null]);
    await expect(staff().stockMovements({ ...variant, id: uuidv7(), limit: 1 })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('find products by name, brand and SKU, by state, and page through them while others are added', async () => {
    const names = ['Indigo Mela 1', 'Indigo Mela 2', 'Indigo Mela 3'];
    for (const name of names)
      await fixture.product([{ ...red, sku: name.replaceAll(' ', '-') }], { name, ...(name.endsWith('2') ? { published: false } : {}) });
    const query = (fields: Partial<StaffProductQuery>) => Object.assign(new StaffProductQuery(), fields);
    const first = await staff().staffList(query({ q: 'mela INDIGO', limit: 2 }));
    await fixture.product([], { name: 'Indigo Mela 4' });
    const second = await staff().staffList(query({ q: 'mela INDIGO', limit: 2, cursor: first.nextCursor as string }));
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([...names].reverse());
    expect([first.total, second.nextCursor]).toEqual([3, null]);
    expect((await staff().staffList(query({ q: 'mela', state: 'draft' }))).items.map(({ name }) => name)).toEqual(['Indigo Mela 2']);
    expect((await inStaffList('indigo-mela-3')).map(({ name }) => name)).toEqual(['Indigo Mela 3']);
  });
});
