import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '#libs/testing/builders';
import { CartFixture, quantities } from './cart-fixture.ts';

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());

describe('what another service puts into a cart', () => {
  it('is added once for each id, in parallel, on two replicas, and after a flush', async () => {
    const userId = randomUUID();
    const [shirt, belt] = [shop.variant(), shop.variant()];
    await shop.one.add(userId, shirt, 2);
    const take = { userId, variantId: shirt, quantity: 3, takeId: uuidv7() };
    await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? shop.one : shop.other).handlers.take(take)));
    expect(quantities(await shop.one.handlers.take(take))).toEqual({ [shirt]: 5 });
    await shop.flushRedis();
    expect(quantities(await shop.other.handlers.take(take))).toEqual({ [shirt]: 5 });
    expect(quantities(await shop.one.handlers.take({ ...take, variantId: belt, quantity: 1, takeId: uuidv7() }))).toEqual({
      [shirt]: 5,
      [belt]: 1,
    });
  });

  it('is in Postgres before it is answered', async () => {
    const userId = randomUUID();
    const take = { userId, variantId: shop.variant(), quantity: 1, takeId: uuidv7() };
    await shop.one.handlers.take(take);
    await shop.flushRedis();
    expect(quantities(await shop.other.get(userId))).toEqual({ [take.variantId]: 1 });
  });

  it('is refused by the rules of the cart, and a refused one may come again', async () => {
    const userId = randomUUID();
    const variantId = shop.variant();
    await shop.one.add(userId, variantId, 18);
    const take = { userId, variantId, quantity: 3, takeId: uuidv7() };
    expect(await codeOf(shop.one.handlers.take(take))).toBe('cart.line_limit');
    expect(await codeOf(shop.one.handlers.take({ ...take, variantId: uuidv7() }))).toBe('not_found');
    expect(quantities(await shop.one.handlers.take({ ...take, quantity: 2 }))).toEqual({ [variantId]: 20 });
  });
});
