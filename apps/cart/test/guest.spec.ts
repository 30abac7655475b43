import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cart } from '#libs/contracts/cart/views';

import { readInput, writeOutput } from '#libs/contracts/shape';
import { AbandonmentRepository } from '../src/abandonment.repository.ts';
import { guestOwnerOf } from '../src/cart.ts';
import { CartFixture, quantities } from './cart-fixture.ts';

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());

const refused = (code: string) => expect.objectContaining({ code });

describe('a guest cart', () => {
  it('belongs to a token of 256 random bits and to no user', async () => {
    const { token, cart } = await shop.one.guests.createGuest();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(token).not.toBe(await shop.one.guest());
    expect(cart).toMatchObject({ userId: null, items: [], total: 0 });
    expect(await shop.other.getGuest(token)).toEqual(cart);
    expect(readInput(Cart, JSON.parse(writeOutput(Cart, cart)))).toMatchObject(cart);
  });

  it('is named by the token in neither store', async () => {
    const token = await shop.one.guest();
    await shop.one.addGuest(token, shop.variant());
    await shop.storedOf(guestOwnerOf(token));
    const keys = await shop.redis.withClient((client) => client.keys('*'));
    expect(keys.filter((key) => key.includes(token))).toEqual([]);
    expect(keys.filter((key) => key.endsWith(guestOwnerOf(token)))).toHaveLength(1);
    expect(await shop.one.repository.find(`guest:${token}`)).toBeUndefined();
  });

  it('takes every change that a user cart takes, under the same limits', async () => {
    const token = await shop.one.guest();
    const [shirt, few] = [shop.variant(), shop.variant({ available: 3 })];
    await shop.one.addGuest(token, shirt, 15);
    await expect(shop.other.addGuest(token, shirt, 6)).rejects.toEqual(refused('cart.line_limit'));
    await expect(shop.other.addGuest(token, few, 4)).rejects.toEqual(refused('cart.out_of_stock'));
    await expect(shop.other.addGuest(token, randomUUID(), 1)).rejects.toEqual(refused('not_found'));
    const { items } = await shop.other.addGuest(token, few, 3);
    const [first, second] = items.map(({ id }) => id) as [string, string];
    expect(quantities(await shop.one.setGuest(token, first, 4))).toEqual({ [shirt]: 4, [few]: 3 });
    await expect(shop.one.setGuest(token, second, 4)).rejects.toEqual(refused('cart.out_of_stock'));
    const call = { actor: { kind: 'anonymous' }, requestId: 'test', deadline: 0, receivedAt: 0 } as const;
    expect(quantities(await shop.one.guests.removeGuestItem({ token, itemId: second }, call))).toEqual({ [shirt]: 4 });
    await expect(shop.one.setGuest(token, second, 1)).rejects.toEqual(refused('not_found'));
    await shop.other.clearGuest(token);
    expect((await shop.one.getGuest(token)).items).toEqual([]);
  });

  it('takes 50 lines', async () => {
    const token = await shop.one.guest();
    for (let line = 0; line < 50; line += 1) await shop.one.addGuest(token, shop.variant());
    await expect(shop.one.addGuest(token, shop.variant())).rejects.toEqual(refused('cart.too_many_lines'));
  });

  it('is exact under parallel adds through two replicas', async () => {
    const token = await shop.one.guest();
    const shirt = shop.variant();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? shop.one : shop.other).addGuest(token, shirt)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    expect(quantities(await shop.one.getGuest(token))).toEqual({ [shirt]: 20 });
  });

  it('is changed only at the version that is named', async () => {
    const token = await shop.one.guest();
    const { version, items } = await shop.one.addGuest(token, shop.variant());
    const current = await shop.one.addGuest(token, shop.variant(), 1, { ifMatch: version });
    const stale = { ifMatch: version };
    const conflict = refused('cart.version_conflict');
    await expect(shop.one.addGuest(token, shop.variant(), 1, stale)).rejects.toEqual(conflict);
    await expect(shop.one.setGuest(token, items[0]?.id as string, 3, stale)).rejects.toEqual(conflict);
    await expect(shop.one.setGuest(token, items[0]?.id as string, 0, stale)).rejects.toEqual(conflict);
    await expect(shop.one.clearGuest(token, stale)).rejects.toEqual(conflict);
    expect(await shop.other.getGuest(token)).toEqual(current);
  });

  it('of an unknown token is not found by any operation, and none is made', async () => {
    const token = randomBytes(32).toString('base64url');
    const missing = refused('not_found');
    await expect(shop.one.getGuest(token)).rejects.toEqual(missing);
    await expect(shop.one.addGuest(token, shop.variant())).rejects.toEqual(missing);
    await expect(shop.one.setGuest(token, randomUUID(), 0)).rejects.toEqual(missing);
    await expect(shop.one.clearGuest(token)).rejects.toEqual(missing);
    await expect(shop.one.merge(randomUUID(), token)).rejects.toEqual(missing);
    await expect(shop.one.merge(randomUUID(), 'no token at all')).rejects.toEqual(missing);
    expect(await shop.redis.withClient((client) => client.keys(`*${guestOwnerOf(token)}`))).toEqual([]);
  });

  it('comes back whole after FLUSHALL, also one that nothing was put in', async () => {
    const [token, empty] = [await shop.one.guest(), await shop.one.guest()];
    const [before, nothing] = [await shop.one.addGuest(token, shop.variant(), 3), await shop.one.getGuest(empty)];
    await shop.storedOf(guestOwnerOf(token));
    await shop.storedOf(guestOwnerOf(empty));
    await shop.flushRedis();
    expect(await shop.other.getGuest(token)).toEqual(before);
    expect(await shop.one.getGuest(empty)).toEqual(nothing);
  });

  it('is gone from both stores after 30 days without a write', async () => {
    const [old, young] = [await shop.one.guest(), await shop.one.guest()];
    await shop.one.addGuest(old, shop.variant());
    await shop.storedOf(guestOwnerOf(old));
    await shop.storedOf(guestOwnerOf(young));
    const [key] = await shop.redis.withClient((client) => client.keys(`*${guestOwnerOf(old)}`));
    expect(await shop.redis.withClient((client) => client.ttl(key as string))).toBeGreaterThan(29 * 86_400);
    await shop.backdate(guestOwnerOf(old), 31 * 86_400);
    await shop.flushRedis();
    await expect(shop.one.getGuest(old)).rejects.toEqual(refused('not_found'));
    await expect(shop.one.merge(randomUUID(), old)).rejects.toEqual(refused('not_found'));
    await shop.one.app.get(AbandonmentRepository).sweep();
    expect(await shop.one.repository.find(guestOwnerOf(old))).toBeUndefined();
    expect((await shop.one.getGuest(young)).items).toEqual([]);
  });

  it('takes nothing while product is down', async () => {
    const token = await shop.one.guest();
    const { version } = await shop.one.addGuest(token, shop.variant());
    shop.productIsDown = true;
    await expect(shop.one.addGuest(token, shop.variant())).rejects.toEqual(refused('unavailable'));
    shop.productIsDown = false;
    expect((await shop.one.getGuest(token)).version).toBe(version);
  });
});
