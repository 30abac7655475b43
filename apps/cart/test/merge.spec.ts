import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { refuse } from '#libs/contracts/errors';
import { guestOwnerOf, ownerOf } from '../src/cart.ts';
import { CartFixture, keyed, quantities } from './cart-fixture.ts';

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());
afterEach(() => vi.restoreAllMocks());

const refused = (code: string) => expect.objectContaining({ code });

/** A guest who has put this in. */
async function guestWith(...lines: readonly (readonly [variantId: string, quantity: number])[]): Promise<string> {
  const token = await shop.one.guest();
  for (const [variantId, quantity] of lines) await shop.one.addGuest(token, variantId, quantity);
  return token;
}

describe('a merge', () => {
  it('adds up quantities, and keeps the lines of both', async () => {
    const user = randomUUID();
    const [both, own, guests] = [shop.variant(), shop.variant(), shop.variant()];
    await shop.one.add(user, both, 2);
    const before = await shop.one.add(user, own, 1);
    const token = await guestWith([both, 3], [guests, 4]);
    const merged = await shop.other.merge(user, token);
    expect(quantities(merged)).toEqual({ [both]: 5, [own]: 1, [guests]: 4 });
    expect(merged.userId).toBe(user);
    expect(merged.version).not.toBe(before.version);
    expect(await shop.one.get(user)).toEqual(merged);
  });

  it('caps a line at 20 and at the stock, and never below what the user had', async () => {
    const user = randomUUID();
    const [many, short, shrunk, gone, withdrawn] = [
      shop.variant(),
      shop.variant({ available: 7 }),
      shop.variant(),
      shop.variant(),
      shop.variant({ name: 'Gone for good' }),
    ];
    await shop.one.add(user, many, 15);
    await shop.one.add(user, short, 4);
    await shop.one.add(user, shrunk, 6);
    const token = await guestWith([many, 15], [short, 5], [shrunk, 5], [gone, 3], [withdrawn, 2]);
    shop.change(shrunk, { available: 2 });
    shop.change(gone, { available: 0 });
    shop.withdraw(withdrawn);
    const merged = await shop.one.merge(user, token);
    expect(quantities(merged)).toEqual({ [many]: 20, [short]: 7, [shrunk]: 6, [gone]: 1, [withdrawn]: 1 });
    const availability = Object.fromEntries(merged.items.map((item) => [item.variantId, item.availability]));
    expect(availability).toMatchObject({ [shrunk]: 'out_of_stock', [gone]: 'out_of_stock', [withdrawn]: 'out_of_stock' });
    expect(merged.items.find(({ variantId }) => variantId === withdrawn)?.name).toBe('Gone for good');
  });

  it('takes the cart to 50 lines; beyond that it changes nothing, and goes through once there is room', async () => {
    const user = randomUUID();
    const variants = Array.from({ length: 51 }, () => shop.variant());
    for (const variant of variants.slice(0, 49)) await shop.one.add(user, variant);
    const token = await guestWith([variants[0] as string, 1], [variants[49] as string, 1], [variants[50] as string, 1]);
    const [cart, guest] = [await shop.one.get(user), await shop.one.getGuest(token)];
    await expect(shop.one.merge(user, token)).rejects.toEqual(refused('cart.too_many_lines'));
    expect(await shop.one.get(user)).toEqual(cart);
    expect(await shop.one.getGuest(token)).toEqual(guest);
    await shop.one.set(user, cart.items[1]?.id as string, 0);
    const merged = await shop.one.merge(user, token);
    expect(merged.items).toHaveLength(50);
    expect(quantities(merged)[variants[0] as string]).toBe(2);
  });

  it('of an empty guest cart takes it over and adds nothing', async () => {
    const user = randomUUID();
    const token = await shop.one.guest();
    expect((await shop.one.merge(user, token)).items).toEqual([]);
    await expect(shop.one.getGuest(token)).rejects.toEqual(refused('not_found'));
  });

  it('happens only at the version that is named; its repeat is answered at any', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { version } = await shop.one.get(user);
    const current = await shop.one.add(user, shirt);
    const token = await guestWith([shirt, 1]);
    await expect(shop.one.merge(user, token, { ifMatch: version })).rejects.toEqual(refused('cart.version_conflict'));
    expect(await shop.one.get(user)).toEqual(current);
    expect((await shop.one.getGuest(token)).items).toHaveLength(1);
    const merged = await shop.one.merge(user, token, { ifMatch: current.version });
    expect(await shop.other.merge(user, token, { ifMatch: current.version })).toEqual(merged);
  });

  it('consumes the guest cart: no token opens it, and nothing can be put in unseen', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const token = await guestWith([shirt, 1]);
    const open = await shop.one.store.read(guestOwnerOf(token));
    await shop.one.merge(user, token);
    const missing = refused('not_found');
    await expect(shop.other.getGuest(token)).rejects.toEqual(missing);
    await expect(shop.other.addGuest(token, shirt)).rejects.toEqual(missing);
    // An add that had read the cart before the merge.
    vi.spyOn(shop.other.store, 'readOpen').mockResolvedValueOnce(open);
    await expect(shop.other.addGuest(token, shirt)).rejects.toEqual(missing);
    await expect(shop.other.clearGuest(token)).rejects.toEqual(missing);
  });

  it('sees what is added to the guest cart after it was read', async () => {
    const user = randomUUID();
    const [shirt, late] = [shop.variant(), shop.variant()];
    const token = await guestWith([shirt, 1]);
    const merge = shop.one.store.merge.bind(shop.one.store);
    vi.spyOn(shop.one.store, 'merge').mockImplementationOnce(async (...args) => {
      await shop.other.addGuest(token, late, 2);
      return merge(...args);
    });
    expect(quantities(await shop.one.merge(user, token))).toEqual({ [shirt]: 1, [late]: 2 });
  });

  it('changes nothing while product is down', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const token = await guestWith([shirt, 2]);
    shop.productIsDown = true;
    await expect(shop.one.merge(user, token)).rejects.toEqual(refused('unavailable'));
    shop.productIsDown = false;
    expect((await shop.one.get(user)).items).toEqual([]);
    expect(quantities(await shop.one.getGuest(token))).toEqual({ [shirt]: 2 });
  });

  it('keeps the coupon that is on the cart', async () => {
    const user = randomUUID();
    shop.coupons.set('FREESHIP', ({ lines }) => ({
      ...{ lines: lines.map(({ variantId }) => ({ variantId, discount: 0 })), freeShipping: true },
      ...{ code: 'applied', couponCode: 'FREESHIP', uses: true },
    }));
    await shop.one.setCoupon(user, 'FREESHIP');
    const merged = await shop.one.merge(user, await guestWith([shop.variant({ price: 1_000 }), 1]));
    expect(merged).toMatchObject({ couponCode: 'FREESHIP', shippingFee: 0, total: 1_000 });
  });
});

describe('a repeated merge', () => {
  it('changes nothing, with or without a key, also after the lines were removed', async () => {
    const user = randomUUID();
    const token = await guestWith([shop.variant(), 3]);
    const merged = await shop.one.merge(user, token, keyed('merge'));
    expect(await shop.other.merge(user, token, keyed('merge'))).toEqual(merged);
    expect(await shop.one.merge(user, token)).toEqual(merged);
    await expect(shop.one.merge(user, token, keyed('merge', 'other'))).rejects.toMatchObject({ name: 'IdempotencyKeyReused' });
    await shop.one.clear(user);
    expect((await shop.one.merge(user, token)).items).toEqual([]);
  });

  it('changes nothing after FLUSHALL', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const token = await guestWith([shirt, 3]);
    const merged = await shop.one.merge(user, token);
    await shop.flushRedis();
    expect(await shop.other.merge(user, token)).toEqual(merged);
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 3 });
    await shop.flushRedis();
    await expect(shop.one.getGuest(token)).rejects.toEqual(refused('not_found'));
    await expect(shop.one.merge(randomUUID(), token)).rejects.toEqual(refused('not_found'));
  });

  it('finds the guest cart taken although its own copy in Postgres does not say so', async () => {
    const user = randomUUID();
    const token = await guestWith([shop.variant(), 1]);
    await shop.storedOf(guestOwnerOf(token));
    await shop.one.repository.noteMerge(guestOwnerOf(token), ownerOf(user));
    await shop.flushRedis();
    await expect(shop.one.getGuest(token)).rejects.toEqual(refused('not_found'));
    await expect(shop.one.addGuest(token, shop.variant())).rejects.toEqual(refused('not_found'));
  });

  it('changes nothing after a hundred orders', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const token = await guestWith([shirt, 3]);
    await shop.one.merge(user, token);
    for (let order = 0; order < 101; order += 1) await shop.one.store.consume(ownerOf(user), uuidv7(), []);
    expect(quantities(await shop.one.merge(user, token))).toEqual({ [shirt]: 3 });
  });

  it('a hundred times at once through two replicas merges once', async () => {
    const user = randomUUID();
    const [shirt, saree] = [shop.variant(), shop.variant()];
    await shop.one.add(user, shirt, 1);
    const token = await guestWith([shirt, 3], [saree, 2]);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? shop.one : shop.other).merge(user, token)));
    for (const answer of answers) expect(quantities(answer)).toEqual({ [shirt]: 4, [saree]: 2 });
    expect(new Set(answers.map(({ version }) => version)).size).toBe(1);
  });

  it('by another user is not found; of twenty users at once exactly one gets the lines', async () => {
    const users = Array.from({ length: 20 }, () => randomUUID());
    const shirt = shop.variant();
    const token = await guestWith([shirt, 3]);
    const outcomes = await Promise.allSettled(users.map((user, index) => (index % 2 ? shop.one : shop.other).merge(user, token)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toEqual(refused('not_found'));
    const carts = await Promise.all(users.map((user) => shop.one.get(user)));
    expect(carts.filter(({ items }) => items.length > 0).map(quantities)).toEqual([{ [shirt]: 3 }]);
  });
});

describe('a crash in a merge', () => {
  /** The process ends after Redis has merged and before Postgres has anything. */
  async function crashedMerge(user: string, token: string): Promise<void> {
    vi.spyOn(shop.one.repository, 'store').mockRejectedValueOnce(refuse('unavailable'));
    await expect(shop.one.merge(user, token)).rejects.toEqual(refused('unavailable'));
  }

  it('before Postgres is repaired by the repeat, once', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const token = await guestWith([shirt, 3]);
    const { resume } = shop.holdWriteBehind();
    await crashedMerge(user, token);
    expect(quantities(await shop.other.merge(user, token))).toEqual({ [shirt]: 3 });
    await shop.flushRedis();
    expect(quantities(await shop.other.get(user))).toEqual({ [shirt]: 3 });
    await expect(shop.other.getGuest(token)).rejects.toEqual(refused('not_found'));
    resume();
  });

  it.each([
    ['neither cart', []],
    ["only the user's cart", ['user']],
    ["only the guest's cart", ['guest']],
    ['both carts', ['user', 'guest']],
  ])('and a flush after %s was stored are repaired by the repeat: no line lost, none twice', async (_, kept) => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 1);
    const token = await guestWith([shirt, 3]);
    await shop.stored(user);
    await shop.storedOf(guestOwnerOf(token));
    const { resume } = shop.holdWriteBehind();
    await crashedMerge(user, token);
    const owners = { user: ownerOf(user), guest: guestOwnerOf(token) } as Record<string, string>;
    await shop.other.repository.store(await shop.other.store.readAll(kept.map((side) => owners[side] ?? '')));
    await shop.flushRedis();
    for (let time = 1; time <= 3; time += 1) expect(quantities(await shop.other.merge(user, token))).toEqual({ [shirt]: 4 });
    await shop.flushRedis();
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 4 });
    await expect(shop.one.getGuest(token)).rejects.toEqual(refused('not_found'));
    resume();
  });

  it('is made up for within the request when a flush comes between Redis and Postgres', async () => {
    const user = randomUUID();
    const [shirt, belt] = [shop.variant(), shop.variant()];
    const { version } = await shop.one.add(user, shirt, 1);
    const token = await guestWith([shirt, 3]);
    await shop.stored(user);
    await shop.storedOf(guestOwnerOf(token));
    const store = shop.one.repository.store.bind(shop.one.repository);
    vi.spyOn(shop.one.repository, 'store').mockImplementationOnce(async (carts) => {
      await shop.flushRedis();
      await shop.other.add(user, belt, 1);
      await shop.stored(user);
      await store(carts);
    });
    expect(quantities(await shop.one.merge(user, token, { ifMatch: version }))).toEqual({ [shirt]: 4, [belt]: 1 });
    await shop.flushRedis();
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 4, [belt]: 1 });
    await expect(shop.one.getGuest(token)).rejects.toEqual(refused('not_found'));
  });
});
