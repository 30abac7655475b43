import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productApi } from '#libs/contracts/product/api';
import { sql } from '#libs/persistence/sql';
import { ProductReactions } from '../src/product.reactions.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

/** What was told of a product, oldest first. */
async function toldOf(event: { readonly key: string }, productId: string): Promise<Record<string, unknown>[]> {
  const rows = await fixture.replica.database.rows<{ payload: string }>(
    sql`SELECT payload FROM outbox WHERE event = ${event.key} AND payload::jsonb ->> 'productId' = ${productId} ORDER BY id`,
  );
  return rows.map(({ payload }) => JSON.parse(payload));
}

const { stockRose, priceChanged, withdrawn } = productApi.events;

describe('a rise of stock', () => {
  it('is told with its count, its release and its return, and no fall is', async () => {
    const { id: productId, variants } = await fixture.product([{ onHand: 4 }]);
    const { id: variantId, price } = variants[0] as (typeof variants)[0];
    const { reservations, stock } = fixture.replica;
    const [dropped, bought] = [uuidv7(), uuidv7()];
    const lines = [{ variantId, quantity: 3 }];
    await reservations.reserve({ orderId: dropped, lines, ttlSeconds: 900 });
    await reservations.release({ orderId: dropped });
    await reservations.release({ orderId: dropped });
    await reservations.reserve({ orderId: bought, lines, ttlSeconds: 900 });
    await reservations.commit({ orderId: bought });
    await fixture.replica.database.transaction((transaction) =>
      fixture.replica.app.get(ProductReactions).onOrderStockReturned({ orderId: bought, lines: [{ variantId, quantity: 1 }] } as never, {
        transaction,
        eventId: uuidv7(),
        version: 1,
        requestId: 'test',
      }),
    );
    await stock.setStock({ id: productId, variantId, onHand: 1 }, adminCall());
    await stock.setStock({ id: productId, variantId, delta: 6, reason: 'a delivery' }, adminCall());
    const about = { productId, variantId, price };
    expect(await toldOf(stockRose, productId)).toEqual([
      { ...about, by: 4, available: 4 },
      { ...about, by: 3, available: 4 },
      { ...about, by: 1, available: 2 },
      { ...about, by: 6, available: 7 },
    ]);
  });

  it('is not told of what is not for sale', async () => {
    const { id: productId, variants } = await fixture.product([{ onHand: 2 }]);
    const variantId = variants[0]?.id as string;
    const orderId = uuidv7();
    await fixture.replica.reservations.reserve({ orderId, lines: [{ variantId, quantity: 2 }], ttlSeconds: 900 });
    await fixture.replica.admin.remove({ id: productId }, adminCall());
    await fixture.replica.reservations.release({ orderId });
    expect(await toldOf(stockRose, productId)).toHaveLength(1);
    expect(await toldOf(withdrawn, productId)).toMatchObject([{ productId }]);
  });
});

describe('a change of price', () => {
  it('is told of a variant with the lowest price of its product, in versions that rise', async () => {
    const { id, variants } = await fixture.product([
      { price: 50_000, mrp: 90_000 },
      { price: 70_000, mrp: 90_000 },
    ]);
    const [cheap, dear] = variants.map((variant) => variant.id) as [string, string];
    const { admin } = fixture.replica;
    await admin.editVariant({ id, variantId: dear, price: 60_000 }, adminCall());
    await admin.editVariant({ id, variantId: dear, mrp: 95_000 }, adminCall());
    await admin.editVariant({ id, variantId: cheap, price: 80_000 }, adminCall());
    await admin.removeVariant({ id, variantId: dear }, adminCall());
    expect(await toldOf(priceChanged, id)).toEqual([
      { productId: id, variantId: dear, price: 60_000, productPrice: 50_000, version: 1 },
      { productId: id, variantId: cheap, price: 80_000, productPrice: 60_000, version: 2 },
      { productId: id, variantId: cheap, price: 80_000, productPrice: 80_000, version: 3 },
    ]);
    expect(await toldOf(withdrawn, id)).toMatchObject([{ productId: id, variantId: dear }]);
    await admin.removeVariant({ id, variantId: cheap }, adminCall());
    expect(await toldOf(priceChanged, id)).toHaveLength(3);
  });
});
