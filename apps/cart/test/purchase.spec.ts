import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf } from '#libs/testing/builders';
import { ownerOf } from '../src/cart.ts';
import { CartFixture, quantities } from './cart-fixture.ts';

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());
afterEach(() => vi.restoreAllMocks());

const ordered = (variantId: string, quantity: number) => [{ variantId, quantity }];

describe('an account that was erased', () => {
  it('has no cart any more, in Redis and in Postgres, however often it is told', async () => {
    const user = randomUUID();
    await shop.one.add(user, shop.variant(), 2);
    await shop.stored(user);
    const erased = { userId: user, at: new Date().toISOString() };
    for (let time = 0; time < 2; time += 1) await shop.one.reactions.onAuthErased(erased);
    expect((await shop.one.repository.find(ownerOf(user)))?.lines).toEqual([]);
    await shop.flushRedis();
    expect(quantities(await shop.other.get(user))).toEqual({});
  });

  it('gets no cart again by what was under way, and an order of theirs that is confirmed late is taken', async () => {
    const user = randomUUID();
    await shop.one.add(user, shop.variant(), 2);
    const { version, lines } = await shop.one.handlers.snapshot({ userId: user });
    await shop.one.reactions.onAuthErased({ userId: user, at: new Date().toISOString() });
    const token = await shop.one.guest();
    await shop.one.addGuest(token, shop.variant(), 1);
    const writes = () => [
      shop.one.add(user, shop.variant(), 1),
      shop.other.handlers.take({ userId: user, variantId: shop.variant(), quantity: 1, takeId: uuidv7() }),
      shop.one.merge(user, token),
    ];
    expect(await Promise.all(writes().map(codeOf))).toEqual(['not_found', 'not_found', 'not_found']);
    await shop.confirm(uuidv7(), user, version, lines);
    await shop.stored(user);
    await shop.flushRedis();
    expect(await Promise.all(writes().map(codeOf))).toEqual(['not_found', 'not_found', 'not_found']);
    expect(quantities(await shop.other.get(user))).toEqual({});
  });
});

describe('an order that is confirmed', () => {
  it('takes its lines out once, however often it is told; what came meanwhile stays', async () => {
    const user = randomUUID();
    const [shirt, saree, belt] = [shop.variant(), shop.variant(), shop.variant()];
    await shop.one.add(user, shirt, 2);
    await shop.one.add(user, saree, 1);
    const { version, lines } = await shop.one.handlers.snapshot({ userId: user });
    await shop.other.add(user, shirt, 5);
    await shop.other.add(user, belt, 1);
    const eventId = uuidv7();
    await Promise.all(Array.from({ length: 5 }, () => shop.confirm(eventId, user, version, lines)));
    await shop.confirm(eventId, user, version, lines);
    const after = await shop.one.get(user);
    expect(quantities(after)).toEqual({ [shirt]: 5, [belt]: 1 });
    expect(after.version).not.toBe(version);
  });

  it('is in Postgres before it is answered, and is not taken out again after a flush', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { version } = await shop.one.add(user, shirt, 5);
    const eventId = uuidv7();
    await shop.confirm(eventId, user, version, ordered(shirt, 2));
    await shop.flushRedis();
    await shop.confirm(eventId, user, version, ordered(shirt, 2));
    expect(quantities(await shop.other.get(user))).toEqual({ [shirt]: 3 });
  });

  it('is taken out when a flush comes between Redis and Postgres, also under a newer write', async () => {
    const user = randomUUID();
    const [shirt, belt] = [shop.variant(), shop.variant()];
    const { version } = await shop.one.add(user, shirt, 5);
    await shop.stored(user);
    const eventId = uuidv7();
    // Else the writing behind could, at just this moment, bring to Postgres what the flush is to take away.
    const pauses = [shop.one, shop.other].map(({ store }) => vi.spyOn(store, 'claim').mockResolvedValue([]));
    const storeConsumed = shop.one.repository.storeConsumed.bind(shop.one.repository);
    const spy = vi.spyOn(shop.one.repository, 'storeConsumed').mockImplementationOnce(async (cart, id) => {
      await shop.flushRedis();
      for (const pause of pauses) pause.mockRestore();
      await shop.other.add(user, belt, 1);
      await shop.stored(user);
      return storeConsumed(cart, id);
    });
    const event = { orderId: uuidv7(), userId: user, cartVersion: version, lines: ordered(shirt, 2) };
    await shop.one.reactions.onOrderConfirmed(event, { eventId, version: 1, requestId: 'test' });
    expect(spy).toHaveBeenCalledTimes(2);
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 3, [belt]: 1 });
    await shop.flushRedis();
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 3, [belt]: 1 });
  });

  it('is taken out of a cart that came back from before the event while Postgres was taking it', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { version } = await shop.one.add(user, shirt, 5);
    await shop.stored(user);
    const storeConsumed = shop.one.repository.storeConsumed.bind(shop.one.repository);
    vi.spyOn(shop.one.repository, 'storeConsumed').mockImplementationOnce(async (cart, id) => {
      await shop.flushRedis();
      await shop.other.get(user);
      return storeConsumed(cart, id);
    });
    const event = { orderId: uuidv7(), userId: user, cartVersion: version, lines: ordered(shirt, 2) };
    await shop.one.reactions.onOrderConfirmed(event, { eventId: uuidv7(), version: 1, requestId: 'test' });
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 3 });
    await shop.stored(user);
  });

  it('is not taken out again when it is told once more after a hundred others', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { version } = await shop.one.add(user, shirt, 5);
    const eventId = uuidv7();
    await shop.confirm(eventId, user, version, ordered(shirt, 2));
    for (let other = 0; other < 100; other += 1) await shop.one.store.consume(ownerOf(user), uuidv7(), []);
    await shop.confirm(eventId, user, version, ordered(shirt, 2));
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 3 });
  });

  it('that named its own items leaves the cart alone', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const before = await shop.one.add(user, shirt, 5);
    await shop.confirm(uuidv7(), user, null, ordered(shirt, 2));
    expect(await shop.one.get(user)).toEqual(before);
  });
});
