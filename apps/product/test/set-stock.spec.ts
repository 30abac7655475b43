import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

describe('setStock', () => {
  it('takes a count, or a correction with its reason', async () => {
    const product = await fixture.product([{ onHand: 5 }]);
    const ref = { id: product.id, variantId: product.variants[0]?.id as string };
    const set = (change: object) => fixture.replica.stock.setStock({ ...ref, ...change }, adminCall());
    expect(await set({ onHand: 7 })).toEqual({ onHand: 7, reserved: 0, available: 7 });
    expect(await set({ delta: -3, reason: 'damaged' })).toEqual({ onHand: 4, reserved: 0, available: 4 });
    for (const wrong of [{}, { onHand: 1, delta: 1, reason: 'x' }, { delta: 1 }])
      await expect(set(wrong)).rejects.toMatchObject({ code: 'validation_failed' });
    for (const wrong of [
      { ...ref, id: uuidv7() },
      { ...ref, variantId: uuidv7() },
    ])
      await expect(fixture.replica.stock.setStock({ ...wrong, onHand: 1 }, adminCall())).rejects.toMatchObject({ code: 'not_found' });
  });

  it('does not go below what orders hold', async () => {
    const product = await fixture.product([{ onHand: 5 }]);
    const ref = { id: product.id, variantId: product.variants[0]?.id as string };
    await fixture.replica.reservations.reserve({ orderId: uuidv7(), lines: [{ variantId: ref.variantId, quantity: 3 }], ttlSeconds: 60 });
    for (const change of [{ onHand: 2 }, { delta: -3, reason: 'lost' }, { delta: -10, reason: 'lost' }])
      await expect(fixture.replica.stock.setStock({ ...ref, ...change }, adminCall())).rejects.toMatchObject({
        code: 'product.below_reserved',
      });
    expect(await fixture.replica.stock.setStock({ ...ref, onHand: 3 }, adminCall())).toEqual({ onHand: 3, reserved: 3, available: 0 });
  });

  it('corrects once under one idempotency key', async () => {
    const product = await fixture.product([{ onHand: 5 }]);
    const ref = { id: product.id, variantId: product.variants[0]?.id as string };
    const change = { ...ref, delta: 2, reason: 'found' };
    const key = uuidv7();
    await Promise.all(Array.from({ length: 5 }, () => fixture.replica.stock.setStock(change, adminCall(key))));
    expect(await fixture.stockOf(ref.variantId)).toEqual({ onHand: 7, reserved: 0 });
    await expect(fixture.replica.stock.setStock(change, adminCall(key, 'another body'))).rejects.toMatchObject({
      name: 'IdempotencyKeyReused',
    });
  });
});
