import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductFilter } from '#libs/contracts/product/listing';
import { sql } from '#libs/persistence/sql';
import { drawPicture } from '../demo/pictures.ts';
import { seed } from '../demo/product.seed.ts';
import { ListingSummaryRepository } from '../src/listing-summary.repository.ts';
import { ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const run = (products?: number) =>
  seed(fixture.replica.database, {}, { say: () => undefined, ...(products === undefined ? {} : { products }) });
const count = async (): Promise<number> =>
  (await fixture.replica.database.row<{ count: number }>(sql`SELECT count(*) AS count FROM products`))?.count ?? 0;

describe('the seed', () => {
  it('fills the shop once, and adds only what is missing when more is asked for', async () => {
    await Promise.all([run(40), run(40)]);
    expect(await count()).toBe(40);
    await run();
    expect(await count()).toBe(240);
    const { summary } = await run();
    expect(summary).toEqual(['240 products were there']);
  });

  it('leaves products as an edit would have left them', async () => {
    const shape = sql`SELECT id, price, mrp, highest_price, in_stock, listed, variant_id, cover, ARRAY(SELECT unnest(terms) ORDER BY 1) AS terms FROM products ORDER BY id`;
    const seeded = await fixture.replica.database.rows<{ id: string }>(shape);
    await fixture.replica.database.transaction((tx) =>
      fixture.replica.app.get(ListingSummaryRepository).refresh(
        tx,
        seeded.map(({ id }) => id),
      ),
    );
    expect(await fixture.replica.database.rows(shape)).toEqual(seeded);
  });

  it('makes cards that show what their pages open on', async () => {
    const { items } = await fixture.replica.shop.list(Object.assign(new ProductFilter(), { limit: 100 }));
    const second = await fixture.replica.shop.list(Object.assign(new ProductFilter(), { limit: 100, sort: 'price_asc' }));
    let varying = 0;
    for (const card of [...items, ...second.items]) {
      const { variants } = await fixture.replica.shop.detail({ id: card.id });
      const shown = variants.find(({ id }) => id === card.variantId);
      expect(shown).toMatchObject({ price: card.price, mrp: card.mrp, images: [card.images[0], ...(shown?.images.slice(1) ?? [])] });
      expect(card.price).toBe(Math.min(...variants.map(({ price }) => price)));
      expect(card.priceVaries).toBe(variants.some(({ price }) => price > card.price));
      if (card.priceVaries) varying += 1;
    }
    expect(varying).toBeGreaterThan(20);
  });

  it('gives every product variants, and pictures that can be drawn', async () => {
    const { items, total } = await fixture.replica.shop.list(Object.assign(new ProductFilter(), { limit: 100 }));
    expect(total).toBe(240);
    for (const { id, images } of items) {
      expect(images.length).toBeGreaterThan(0);
      for (const { url } of images) expect(drawPicture(url.replace('/media/catalogue/', ''))).not.toBeNull();
      const { variants } = await fixture.replica.shop.detail({ id });
      expect(variants.length).toBeGreaterThan(0);
      for (const variant of variants) expect(variant.images.length).toBeGreaterThan(0);
    }
  });
});
