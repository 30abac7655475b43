import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cart } from '#libs/contracts/cart/views';

import { readInput, writeOutput } from '#libs/contracts/shape';
import { patiently } from '#libs/testing/builders';
import { CartFixture, keyed, quantities } from './cart-fixture.ts';

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());
beforeEach(() => {
  shop.productIsDown = false;
});

const refused = (code: string) => expect.objectContaining({ code });

describe('adding', () => {
  it('is exact under 100 parallel adds through two replicas', async () => {
    const user = randomUUID();
    const variants = Array.from({ length: 5 }, () => shop.variant());
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const replica = index % 2 === 0 ? shop.one : shop.other;
        return patiently(() => replica.add(user, variants[index % 5] as string, 1, keyed(`add ${index}`)));
      }),
    );
    expect(quantities(await shop.one.get(user))).toEqual(Object.fromEntries(variants.map((id) => [id, 20])));
  });

  it('lets exactly 20 of 100 parallel single units into one line', async () => {
    const user = randomUUID();
    const variant = shop.variant();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => (index % 2 ? shop.one : shop.other).add(user, variant)),
    );
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed).toHaveLength(80);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'cart.line_limit' });
    expect(quantities(await shop.other.get(user))).toEqual({ [variant]: 20 });
  });

  it('never sells more than there is to one cart', async () => {
    const user = randomUUID();
    const variant = shop.variant({ available: 7 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? shop.one : shop.other).add(user, variant)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    await expect(shop.one.add(user, variant)).rejects.toEqual(refused('cart.out_of_stock'));
  });

  it('answers an unknown variant with 404 before any limit, and the limit before the stock', async () => {
    const user = randomUUID();
    const variant = shop.variant({ available: 20 });
    await shop.one.add(user, variant, 15);
    shop.change(variant, { available: 0 });
    await expect(shop.one.add(user, randomUUID(), 20)).rejects.toEqual(refused('not_found'));
    await expect(shop.one.add(user, variant, 6)).rejects.toEqual(refused('cart.line_limit'));
    await expect(shop.one.add(user, variant, 5)).rejects.toEqual(refused('cart.out_of_stock'));
  });

  it('takes 50 lines, then only more of them', async () => {
    const user = randomUUID();
    const variants = Array.from({ length: 50 }, () => shop.variant());
    for (const variant of variants) await shop.one.add(user, variant);
    await expect(shop.one.add(user, shop.variant())).rejects.toEqual(refused('cart.too_many_lines'));
    await expect(shop.one.add(user, randomUUID())).rejects.toEqual(refused('not_found'));
    const { items } = await shop.one.add(user, variants[0] as string);
    expect(items.map(({ variantId }) => variantId)).toEqual(variants);
    expect(items[0]?.quantity).toBe(2);
  });
});

describe('a repeated add', () => {
  it('counts once, also ten times at once, and answers the cart of now', async () => {
    const user = randomUUID();
    const variant = shop.variant();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? shop.one : shop.other).add(user, variant, 2, keyed('a'))),
    );
    for (const answer of answers) expect(quantities(answer)).toEqual({ [variant]: 2 });
    await shop.one.add(user, variant, 1);
    expect(quantities(await shop.one.add(user, variant, 2, keyed('a')))).toEqual({ [variant]: 3 });
  });

  it('is answered although its variant is gone and its version is stale', async () => {
    const user = randomUUID();
    const variant = shop.variant();
    const { version } = await shop.one.get(user);
    await shop.one.add(user, variant, 2, { ...keyed('b'), ifMatch: version });
    shop.withdraw(variant);
    expect(quantities(await shop.one.add(user, variant, 2, { ...keyed('b'), ifMatch: version }))).toEqual({ [variant]: 2 });
  });

  it('of a variant that is gone is not found before its version is looked at', async () => {
    const user = randomUUID();
    await shop.one.add(user, shop.variant());
    await expect(shop.one.add(user, randomUUID(), 1, { ifMatch: 'an old one' })).rejects.toEqual(refused('not_found'));
    await expect(shop.one.add(user, shop.variant(), 1, { ifMatch: 'an old one' })).rejects.toEqual(refused('cart.version_conflict'));
  });

  it('is refused with another body', async () => {
    const user = randomUUID();
    await shop.one.add(user, shop.variant(), 1, keyed('c'));
    await expect(shop.one.add(user, shop.variant(), 1, keyed('c', 'other'))).rejects.toMatchObject({ name: 'IdempotencyKeyReused' });
    const race = await Promise.allSettled([
      shop.one.add(user, shop.variant(), 1, keyed('d', 'these')),
      shop.other.add(user, shop.variant(), 1, keyed('d', 'those')),
    ]);
    expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is known for the next hundred', async () => {
    const user = randomUUID();
    const variants = [shop.variant(), shop.variant(), shop.variant(), shop.variant(), shop.variant(), shop.variant()];
    for (let index = 0; index < 101; index += 1) await shop.one.add(user, variants[index % 6] as string, 1, keyed(`key ${index}`));
    const before = quantities(await shop.one.get(user));
    expect(quantities(await shop.one.add(user, variants[1] as string, 1, keyed('key 1')))).toEqual(before);
    expect(quantities(await shop.one.add(user, variants[0] as string, 1, keyed('key 0')))).not.toEqual(before);
  });
});

describe('a version', () => {
  it('lets one of two writers through', async () => {
    const user = randomUUID();
    const variant = shop.variant();
    const { version } = await shop.one.add(user, variant);
    const outcomes = await Promise.allSettled([
      shop.one.add(user, variant, 1, { ifMatch: version }),
      shop.other.add(user, variant, 1, { ifMatch: version }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({ code: 'cart.version_conflict' });
    expect(quantities(await shop.one.get(user))).toEqual({ [variant]: 2 });
  });

  it('is checked at every kind of write, and a stale one changes nothing', async () => {
    const user = randomUUID();
    const { version, items } = await shop.one.add(user, shop.variant());
    const itemId = items[0]?.id as string;
    const current = await shop.one.add(user, shop.variant());
    const stale = { ifMatch: version };
    await expect(shop.one.set(user, itemId, 3, stale)).rejects.toEqual(refused('cart.version_conflict'));
    await expect(shop.one.set(user, itemId, 0, stale)).rejects.toEqual(refused('cart.version_conflict'));
    await expect(shop.one.clear(user, stale)).rejects.toEqual(refused('cart.version_conflict'));
    expect(await shop.other.get(user)).toEqual(current);
  });

  it('is new after every write and the same at every read', async () => {
    const user = randomUUID();
    const variant = shop.variant();
    const seen = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      seen.add((await shop.one.get(user)).version);
      seen.add((await shop.other.get(user)).version);
      const { version, items } = await shop.one.add(user, variant);
      seen.add(version);
      seen.add((await shop.one.set(user, items[0]?.id as string, 2)).version);
      await shop.one.clear(user);
    }
    expect(seen.size).toBe(9);
  });
});

describe('a line', () => {
  it('is set, removed, and unknown afterwards', async () => {
    const user = randomUUID();
    const { items } = await shop.one.add(user, shop.variant({ available: 9 }));
    const itemId = items[0]?.id as string;
    expect((await shop.other.set(user, itemId, 9)).items[0]?.quantity).toBe(9);
    await expect(shop.one.set(user, itemId, 10)).rejects.toEqual(refused('cart.out_of_stock'));
    expect((await shop.one.set(user, itemId, 0)).items).toEqual([]);
    await expect(shop.one.set(user, itemId, 1)).rejects.toEqual(refused('not_found'));
  });

  it('tells what changed since it was written, until it is written again', async () => {
    const user = randomUUID();
    const variant = shop.variant({ price: 50_000, available: 10 });
    const { items } = await shop.one.add(user, variant, 2);
    expect(items[0]).not.toHaveProperty('changes');
    shop.change(variant, { price: 45_000, available: 3 });
    const changed = await shop.other.get(user);
    expect(changed.items[0]).toMatchObject({ unitPrice: 45_000, availability: 'low_stock', changes: ['price', 'availability'] });
    expect(changed).toMatchObject({ subtotal: 90_000, shippingFee: 4_900, total: 94_900 });
    const again = await shop.one.set(user, items[0]?.id as string, 2);
    expect(again.items[0]).not.toHaveProperty('changes');
  });

  it('stays and counts for nothing when it is short or withdrawn', async () => {
    const user = randomUUID();
    const [short, withdrawn] = [shop.variant({ available: 5 }), shop.variant({ price: 70_000 })];
    await shop.one.add(user, short, 5);
    const { items } = await shop.one.add(user, withdrawn, 1);
    shop.change(short, { available: 4 });
    shop.withdraw(withdrawn);
    const cart = await shop.one.get(user);
    expect(cart.items.map(({ availability }) => availability)).toEqual(['out_of_stock', 'out_of_stock']);
    expect(cart.items[1]).toMatchObject({ name: items[1]?.name, unitPrice: 70_000 });
    expect(cart).toMatchObject({ subtotal: 0, shippingFee: 0, total: 0 });
    await expect(shop.one.set(user, items[1]?.id as string, 1)).rejects.toEqual(refused('cart.out_of_stock'));
    expect((await shop.one.set(user, items[1]?.id as string, 0)).items).toHaveLength(1);
  });

  it('fits the contract, as does an empty cart', async () => {
    const user = randomUUID();
    for (const cart of [await shop.one.get(user), await shop.one.add(user, shop.variant())])
      expect(readInput(Cart, JSON.parse(writeOutput(Cart, cart)))).toMatchObject(cart);
  });
});

describe('while product is down', () => {
  it('no unpriced cart is answered and nothing is changed; emptying needs no prices', async () => {
    const user = randomUUID();
    const { version, items } = await shop.one.add(user, shop.variant());
    const variant = shop.variant();
    shop.productIsDown = true;
    await expect(shop.one.get(user)).rejects.toEqual(refused('unavailable'));
    await expect(shop.one.add(user, variant)).rejects.toEqual(refused('unavailable'));
    await expect(shop.one.set(user, items[0]?.id as string, 0)).rejects.toEqual(refused('unavailable'));
    shop.productIsDown = false;
    expect((await shop.one.get(user)).version).toBe(version);
    shop.productIsDown = true;
    await shop.one.clear(user);
    shop.productIsDown = false;
    expect((await shop.one.get(user)).items).toEqual([]);
  });
});

describe('a cart that another replica changes', () => {
  it('is answered whole, with prices for every line, after an add', async () => {
    const user = randomUUID();
    const [first, second, third] = [shop.variant({ price: 10_000 }), shop.variant({ price: 20_000 }), shop.variant({ price: 40_000 })];
    await shop.one.add(user, first);
    await shop.other.add(user, second);
    const cart = await shop.one.add(user, third);
    expect(quantities(cart)).toEqual({ [first]: 1, [second]: 1, [third]: 1 });
    expect(cart.subtotal).toBe(70_000);
  });
});
