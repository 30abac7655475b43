import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MAX_CART_LINES } from '#libs/contracts/cart/views';
import { inTheEnd } from '#libs/testing/builders';
import { ownerOf } from '../src/cart.ts';
import { CartFixture, quantities } from './cart-fixture.ts';

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());
afterEach(() => vi.restoreAllMocks());

const ordered = (variantId: string, quantity: number) => [{ variantId, quantity }];

describe('what cannot be read in Redis', () => {
  const forge = (user: string, ...command: [name: string, ...values: string[]]) => {
    const [name, ...values] = command;
    return shop.redis.withClient((client) => client.call(name, `only2u:cart:${ownerOf(user)}`, ...values));
  };
  const snapshot = JSON.stringify({
    productId: uuidv7(),
    name: 'Kurta',
    size: 'M',
    color: 'Indigo',
    image: null,
    unitPrice: 100,
    availability: 'in_stock',
  });

  it.each([
    ['junk'],
    [''],
    ['1'],
    ['1|'],
    [`1|${uuidv7()}`],
    [`1|${uuidv7()}|`],
    [`1|${uuidv7()}|{`],
    [`1|${uuidv7()}|null`],
    [`1|${uuidv7()}|[]`],
    [`1|${uuidv7()}|{"name":1}`],
    [`-1|${uuidv7()}|${snapshot}`],
    [`1.5|${uuidv7()}|${snapshot}`],
    [`NaN|${uuidv7()}|${snapshot}`],
    [`1||${snapshot}`],
  ])('a line %j is left out, and is written anew', async (value) => {
    const user = randomUUID();
    const [shirt, saree, sari] = [shop.variant(), shop.variant(), shop.variant()];
    const { version } = await shop.one.add(user, shirt, 2);
    await forge(user, 'HSET', `line:${saree}`, value, `line:${sari}`, value, 'line:junk', `1|${uuidv7()}|${snapshot}`);
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 2 });
    await shop.confirm(uuidv7(), user, version, ordered(sari, 1));
    await inTheEnd(async () => expect((await shop.one.get(user)).version).not.toBe(version));
    const token = await shop.one.guest();
    await shop.one.addGuest(token, sari, 1);
    expect(quantities(await shop.one.merge(user, token))).toEqual({ [shirt]: 2, [sari]: 1 });
    expect((await shop.one.add(user, saree, 1)).items.map(({ variantId }) => variantId)).toContain(saree);
    await shop.stored(user);
  });

  it('lines that cannot be read leave with the next write, and do not fill the cart', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt);
    await forge(user, 'HSET', ...Array.from({ length: MAX_CART_LINES }, () => [`line:${shop.variant()}`, 'junk']).flat());
    expect(quantities(await shop.one.add(user, shirt))).toEqual({ [shirt]: 2 });
    const fields = await forge(user, 'HKEYS');
    expect((fields as string[]).filter((name) => name.startsWith('line:'))).toEqual([`line:${shirt}`]);
    const other = shop.variant();
    expect(quantities(await shop.one.add(user, other))).toEqual({ [shirt]: 2, [other]: 1 });
  });

  it.each([
    ['500', 20],
    ['9'.repeat(400), 20],
    ['0', 1],
  ])('a quantity of %s is %i', async (forged, shown) => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { items, version } = await shop.one.add(user, shirt, 2);
    await forge(user, 'HSET', `line:${shirt}`, `${forged}|${items[0]?.id}|${snapshot}`);
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: shown });
    expect((await shop.one.handlers.snapshot({ userId: user })).lines).toEqual(ordered(shirt, shown));
    await shop.confirm(uuidv7(), user, version, ordered(shirt, shown));
    await inTheEnd(async () => expect((await shop.one.get(user)).items).toEqual([]));
  });

  it('a code that can be none is left out', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 2);
    await forge(user, 'HSET', 'coupon', 'x'.repeat(1_000));
    expect(await shop.one.get(user)).not.toHaveProperty('couponCode');
  });

  const broken: [name: string, ...values: string[]][] = [
    ['HSET', 'updatedAt', 'junk'],
    ['HSET', 'updatedAt', ''],
    ['HSET', 'updatedAt', '9'.repeat(16)],
    ['HSET', 'sequence', 'junk'],
    ['HSET', 'sequence', '-1'],
    ['HSET', 'sequence', '1e3'],
    ['HSET', 'sequence', '9'.repeat(30)],
    ['HSET', 'version', 'junk\n'],
    ['HDEL', 'version'],
    ['HDEL', 'sequence'],
    ['HDEL', 'updatedAt'],
  ];
  const steps: [step: string, run: (user: string, shirt: string) => Promise<unknown>, quantity: number | undefined][] = [
    ['read', (user) => shop.one.get(user), 2],
    ['written', (user, shirt) => shop.one.add(user, shirt, 1), 3],
    ['emptied', (user) => shop.one.clear(user), undefined],
    ['stored', () => shop.one.writeBehind.flush(), 2],
  ];

  it.each(broken.flatMap((command) => steps.map(([step, run, quantity]) => ({ text: command.join(' '), command, step, run, quantity }))))(
    'a cart after $text comes back from Postgres when it is $step',
    async ({ command, run, quantity }) => {
      const user = randomUUID();
      const shirt = shop.variant();
      await shop.one.add(user, shirt, 2);
      await shop.stored(user);
      await forge(user, ...command);
      await run(user, shirt);
      expect(quantities(await shop.other.get(user))).toEqual(quantity === undefined ? {} : { [shirt]: quantity });
      await shop.stored(user);
    },
  );

  it.each(steps)('a key of another type is replaced when the cart is %s', async (_step, run, quantity) => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 2);
    await shop.stored(user);
    await forge(user, 'DEL');
    await forge(user, 'RPUSH', 'junk');
    await run(user, shirt);
    expect(quantities(await shop.other.get(user))).toEqual(quantity === undefined ? {} : { [shirt]: quantity });
    expect(await forge(user, 'TYPE')).toBe('hash');
    await shop.stored(user);
  });

  it('a dirty cart that cannot be read does not keep the others from being stored', async () => {
    const [list, junk, user] = [randomUUID(), randomUUID(), randomUUID()];
    const { resume } = shop.holdWriteBehind();
    for (const owner of [list, junk, user]) await shop.one.add(owner, shop.variant());
    await forge(list, 'DEL');
    await forge(list, 'RPUSH', 'junk');
    await forge(junk, 'HSET', 'sequence', 'junk');
    resume();
    await shop.one.writeBehind.flush();
    await shop.stored(user);
    expect((await shop.one.get(list)).items).toEqual([]);
    expect((await shop.one.get(junk)).items).toEqual([]);
  });
});
