import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cartApi } from '#libs/contracts/cart/api';
import { CartAbandoned } from '#libs/contracts/cart/messages';
import { readInput } from '#libs/contracts/shape';
import { Transaction } from '#libs/persistence/transaction';

import { guestOwnerOf, ownerOf } from '../src/cart.ts';
import { CartFixture } from './cart-fixture.ts';

const DAY = 86_400;

let shop: CartFixture;
/** What was published, by user. */
let announced: CartAbandoned[];
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());
beforeEach(() => {
  announced = [];
  // The event has no subscribers yet, and so no rows of an outbox to look at.
  const publish = Transaction.prototype.publish;
  vi.spyOn(Transaction.prototype, 'publish').mockImplementation(function (this: Transaction, event, data) {
    if (event.key === cartApi.events.abandoned.key) announced.push(readInput(CartAbandoned, JSON.parse(JSON.stringify(data))));
    return publish.call(this, event, data);
  });
});
afterEach(() => vi.restoreAllMocks());

const of = (user: string) => announced.filter(({ userId }) => userId === user);
const everywhere = () => Promise.all([shop.one.abandonment.announceDue(), shop.other.abandonment.announceDue()]);

/** A customer whose cart nobody has touched for so many seconds. */
async function leftAlone(seconds: number, variantId = shop.variant()): Promise<string> {
  const user = randomUUID();
  await shop.one.add(user, variantId, 2);
  await shop.stored(user);
  await shop.backdate(ownerOf(user), seconds);
  return user;
}

describe('a cart that was left alone for a day', () => {
  it('is announced once, with its lines and version, whoever looks and however often', async () => {
    const shirt = shop.variant();
    const user = await leftAlone(DAY + 1, shirt);
    for (let round = 0; round < 3; round += 1) await everywhere();
    const { version } = await shop.one.get(user);
    expect(of(user)).toEqual([{ userId: user, version, lines: [{ variantId: shirt, quantity: 2 }], at: expect.any(String) }]);
  });

  it('is announced once out of many, by two replicas that share the work', async () => {
    const users: string[] = [];
    for (let index = 0; index < 150; index += 1) {
      const user = randomUUID();
      users.push(user);
      await shop.one.add(user, shop.variant());
    }
    for (const user of users) await shop.stored(user);
    for (const user of users) await shop.backdate(ownerOf(user), DAY + 1);
    await everywhere();
    await everywhere();
    expect(announced.map(({ userId }) => userId).sort()).toEqual([...users].sort());
  });

  it('is not announced again after FLUSHALL, nor after it came back to Redis', async () => {
    const user = await leftAlone(DAY + 1);
    await everywhere();
    await shop.flushRedis();
    await shop.one.get(user);
    await shop.one.repository.store([await shop.one.store.read(ownerOf(user))]);
    await everywhere();
    expect(of(user)).toHaveLength(1);
  });

  it('is announced again only under a new version that is left alone as long', async () => {
    const user = await leftAlone(DAY + 1);
    await everywhere();
    const { version } = await shop.one.add(user, shop.variant());
    await shop.stored(user);
    await everywhere();
    expect(of(user)).toHaveLength(1);
    await shop.backdate(ownerOf(user), DAY + 1);
    await everywhere();
    expect(of(user).map((one) => one.version)).toEqual([expect.not.stringMatching(version), version]);
  });
});

describe('nothing is announced of a cart', () => {
  it('that was touched within the day', async () => {
    const user = await leftAlone(DAY - 60);
    await everywhere();
    expect(of(user)).toEqual([]);
  });

  it('that was written again a moment ago and is not stored yet', async () => {
    const user = await leftAlone(DAY + 1);
    const { resume } = shop.holdWriteBehind();
    await shop.other.add(user, shop.variant());
    await everywhere();
    expect(of(user)).toEqual([]);
    resume();
  });

  it('that was emptied', async () => {
    const user = await leftAlone(DAY + 1);
    await shop.one.clear(user);
    await shop.stored(user);
    await shop.backdate(ownerOf(user), DAY + 1);
    await everywhere();
    expect(of(user)).toEqual([]);
  });

  it('that was bought, nor while its order is decided', async () => {
    const user = await leftAlone(DAY + 1);
    const { version, lines } = await shop.one.handlers.snapshot({ userId: user });
    await everywhere();
    await shop.confirm(uuidv7(), user, version, lines);
    await shop.backdate(ownerOf(user), DAY + 1);
    await everywhere();
    expect(of(user)).toEqual([]);
  });

  it('that is bought between the claim and the announcement', async () => {
    const shirt = shop.variant();
    const user = await leftAlone(DAY + 1, shirt);
    const { version } = await shop.one.get(user);
    // The write-behind reads carts in the same way.
    const { resume } = shop.holdWriteBehind();
    const readAll = shop.one.store.readAll.bind(shop.one.store);
    vi.spyOn(shop.one.store, 'readAll').mockImplementationOnce(async (owners) => {
      const carts = await readAll(owners);
      await shop.confirm(uuidv7(), user, version, [{ variantId: shirt, quantity: 2 }]);
      return carts;
    });
    await shop.one.abandonment.announceDue();
    expect(of(user)).toEqual([]);
    expect((await shop.one.get(user)).items).toEqual([]);
    resume();
  });

  it('of a guest', async () => {
    const token = await shop.one.guest();
    await shop.one.addGuest(token, shop.variant());
    await shop.storedOf(guestOwnerOf(token));
    await shop.backdate(guestOwnerOf(token), DAY + 1);
    await everywhere();
    expect(announced).toEqual([]);
  });
});
