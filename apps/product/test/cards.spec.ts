import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CardRef } from '#libs/contracts/product/messages';
import { ProductHandlers } from '../src/product.handlers.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const cards = async (...refs: CardRef[]) => (await fixture.replica.app.get(ProductHandlers).cards({ refs })).items;

it('a card of a variant says its own price, size and stock, one of a product those of its cheapest variant', async () => {
  const product = await fixture.product([
    { onHand: 0, price: 50_000 },
    { onHand: 3, price: 70_000 },
  ]);
  const productId = product.id;
  const [cheap, dear] = product.variants as [(typeof product.variants)[0], (typeof product.variants)[0]];
  const about = { productId, name: product.name, slug: product.slug, image: null, priceVersion: 0 };
  const found = await cards({ productId }, { productId, variantId: cheap.id }, { productId, variantId: dear.id }, { productId });
  expect(found).toHaveLength(3);
  const variantCard = (variant: typeof cheap) => ({
    ...about,
    variantId: variant.id,
    size: variant.size,
    color: variant.color,
    price: variant.price,
    mrp: variant.mrp,
  });
  expect(found).toContainEqual({ ...about, price: cheap.price, mrp: cheap.mrp, availability: 'low_stock' });
  expect(found).toContainEqual({ ...variantCard(cheap), availability: 'out_of_stock' });
  expect(found).toContainEqual({ ...variantCard(dear), availability: 'low_stock' });
});

it('what is withdrawn, unknown or of another product has no card', async () => {
  const [one, other] = await Promise.all([fixture.product([{}, {}]), fixture.product([{}])]);
  const [gone, kept] = one.variants.map(({ id }) => id) as [string, string];
  await fixture.replica.admin.removeVariant({ id: one.id, variantId: gone }, adminCall());
  await fixture.replica.admin.remove({ id: other.id }, adminCall());
  const asked = [
    ...[
      { productId: one.id, variantId: gone },
      { productId: one.id, variantId: other.variants[0]?.id as string },
    ],
    ...[{ productId: other.id }, { productId: other.id, variantId: kept }, { productId: uuidv7() }],
  ];
  expect(await cards(...asked, { productId: one.id, variantId: kept })).toMatchObject([{ productId: one.id, variantId: kept }]);
});
