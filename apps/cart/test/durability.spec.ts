import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { inTheEnd } from '#libs/testing/builders';
import { ownerOf } from '../src/cart.ts';
import { CartFixture, keyed, quantities } from './cart-fixture.ts';

/** Redis is flushed, killed and restored between any two steps; Postgres keeps what was stored, and nothing older ever wins. */

let shop: CartFixture;
beforeAll(async () => {
  shop = await CartFixture.start();
});
afterAll(() => shop?.stop());
afterEach(() => vi.restoreAllMocks());

const ordered = (variantId: string, quantity: number) => [{ variantId, quantity }];

describe('after FLUSHALL', () => {
  it('a stored cart comes back whole: lines, version, keys', async () => {
    const user = randomUUID();
    const [shirt, saree] = [shop.variant(), shop.variant()];
    await shop.one.add(user, shirt, 3, keyed('first'));
    const before = await shop.other.add(user, saree, 2);
    await shop.stored(user);
    await shop.flushRedis();
    expect(await shop.one.get(user)).toEqual(before);
    expect(quantities(await shop.other.add(user, shirt, 3, keyed('first')))).toEqual({ [shirt]: 3, [saree]: 2 });
  });

  it('a write that meets the missing cart adds to the stored one, and is stored as newer', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { version } = await shop.one.add(user, shirt, 3);
    await shop.stored(user);
    await shop.flushRedis();
    const answers = await Promise.all([shop.one.add(user, shirt, 1), shop.other.add(user, shirt, 1)]);
    expect(answers.map((answer) => answer.version)).not.toContain(version);
    await shop.stored(user);
    await shop.flushRedis();
    expect(quantities(await shop.other.get(user))).toEqual({ [shirt]: 5 });
  });

  it('a cart that was stored before there were coupons and guests comes back, and is written', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const before = await shop.one.add(user, shirt, 3);
    await shop.stored(user);
    await shop.one.database.execute(
      sql`UPDATE carts SET content = content - 'coupon' - 'mergedBy', watched_hour = NULL WHERE owner = ${ownerOf(user)}`,
    );
    await shop.flushRedis();
    expect(await shop.one.get(user)).toEqual(before);
    expect(quantities(await shop.other.add(user, shirt, 1))).toEqual({ [shirt]: 4 });
  });

  it('an emptied cart stays empty', async () => {
    const user = randomUUID();
    await shop.one.add(user, shop.variant());
    await shop.stored(user);
    await shop.other.clear(user);
    await shop.stored(user);
    await shop.flushRedis();
    expect((await shop.one.get(user)).items).toEqual([]);
  });

  it('what was not stored yet is lost whole: the cart is the one before, and goes on from there with new versions', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const before = await shop.one.add(user, shirt, 1);
    await shop.stored(user);
    const { resume } = shop.holdWriteBehind();
    const lost = await shop.one.add(user, shirt, 1);
    await shop.flushRedis();
    expect(await shop.one.get(user)).toEqual(before);
    resume();
    const next = await shop.one.add(user, shirt, 2);
    expect([before.version, lost.version]).not.toContain(next.version);
    await shop.stored(user);
    await shop.flushRedis();
    expect(await shop.other.get(user)).toEqual(next);
  });

  it('a cart is newer than the stored one even when the clock of Redis is behind it', async () => {
    const user = randomUUID();
    const owner = ownerOf(user);
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 1);
    await shop.stored(user);
    const ahead = await shop.one.store.read(owner);
    await shop.one.repository.store([{ ...ahead, sequence: ahead.sequence + 3_600_000_000 }]);
    await shop.flushRedis();
    const next = await shop.one.add(user, shirt, 1);
    await shop.stored(user);
    await shop.flushRedis();
    expect(await shop.other.get(user)).toEqual(next);
  });

  it('a snapshot is there without waiting for the write-behind', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 2);
    const snapshot = await shop.one.handlers.snapshot({ userId: user });
    await shop.flushRedis();
    expect(await shop.other.get(user)).toMatchObject({ version: snapshot.version });
    expect(await shop.other.handlers.snapshot({ userId: user })).toEqual(snapshot);
    expect(snapshot.lines).toEqual(ordered(shirt, 2));
  });

  it('a snapshot of a cart that was never written has no lines', async () => {
    const user = randomUUID();
    expect((await shop.one.handlers.snapshot({ userId: user })).lines).toEqual([]);
  });
});

describe('races', () => {
  it('a slow restore does not overwrite what was added meanwhile', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 1);
    await shop.stored(user);
    await shop.flushRedis();
    const find = shop.one.repository.find.bind(shop.one.repository);
    vi.spyOn(shop.one.repository, 'find').mockImplementationOnce(async (owner) => {
      const found = await find(owner);
      await shop.other.add(user, shirt, 4);
      return found;
    });
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 5 });
  });

  it('a slow restore that a second flush overtakes reads Postgres again', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 1);
    await shop.stored(user);
    await shop.flushRedis();
    const find = shop.one.repository.find.bind(shop.one.repository);
    vi.spyOn(shop.one.repository, 'find').mockImplementationOnce(async (owner) => {
      const found = await find(owner);
      const newer = await shop.other.add(user, shirt, 4);
      while ((await shop.other.repository.find(owner))?.version !== newer.version) await shop.other.writeBehind.flush();
      await shop.flushRedis();
      return found;
    });
    expect(quantities(await shop.one.get(user))).toEqual({ [shirt]: 5 });
  });

  it('a replica that stores late does not bring back what was emptied meanwhile', async () => {
    const user = randomUUID();
    const owner = ownerOf(user);
    await shop.one.add(user, shop.variant(), 2);
    const stale = await shop.one.store.read(owner);
    await shop.other.clear(user);
    await shop.stored(user);
    await shop.one.repository.store([stale]);
    expect((await shop.one.repository.find(owner))?.lines).toEqual([]);
  });

  it('a cart stored from before a flush replaces the older one restored meanwhile', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    await shop.one.add(user, shirt, 1);
    await shop.stored(user);
    const store = shop.one.repository.store.bind(shop.one.repository);
    const { resume } = shop.holdWriteBehind();
    const { version } = await shop.one.add(user, shirt, 2);
    resume();
    for (const { repository } of [shop.one, shop.other]) {
      vi.spyOn(repository, 'store').mockImplementationOnce(async (carts) => {
        await shop.flushRedis();
        await shop.other.store.read(ownerOf(user));
        await store(carts);
      });
    }
    await inTheEnd(async () => expect((await shop.one.repository.find(ownerOf(user)))?.version).toBe(version));
    await inTheEnd(async () => expect(await shop.other.get(user)).toMatchObject({ version }));
  });

  it('a cart written while it is being stored stays dirty', async () => {
    const user = randomUUID();
    const owner = ownerOf(user);
    const shirt = shop.variant();
    const { resume } = shop.holdWriteBehind();
    await shop.one.add(user, shirt, 1);
    const old = await shop.one.store.read(owner);
    await shop.other.add(user, shirt, 1);
    await shop.one.store.settle([old], 0);
    resume();
    await shop.stored(user);
    expect((await shop.one.repository.find(owner))?.lines[0]?.quantity).toBe(2);
  });
});

describe('the write-behind', () => {
  it('takes over what a replica has claimed and not stored', async () => {
    const user = randomUUID();
    const claim = shop.one.store.claim.bind(shop.one.store);
    const { resume } = shop.holdWriteBehind();
    await shop.one.add(user, shop.variant());
    expect(await claim(1_000, 500)).toContain(ownerOf(user));
    expect(await claim(1_000, 500)).not.toContain(ownerOf(user));
    resume();
    await shop.stored(user);
  });

  it('is not held up by a cart that Postgres refuses', async () => {
    const [refused, user] = [randomUUID(), randomUUID()];
    const { resume } = shop.holdWriteBehind();
    await shop.one.add(refused, shop.variant({ name: 'no text for Postgres: \u0000' }));
    await shop.one.add(user, shop.variant());
    resume();
    await shop.stored(user);
    expect(await shop.one.repository.find(ownerOf(refused))).toBeUndefined();
    await shop.one.clear(refused);
    await shop.stored(refused);
  });

  it('lets a cart leave Redis after 30 idle days, and it comes back', async () => {
    const user = randomUUID();
    const cart = await shop.one.add(user, shop.variant());
    await shop.stored(user);
    const [key] = await shop.redis.withClient((client) => client.keys(`*${ownerOf(user)}`));
    const seconds = () => shop.redis.withClient((client) => client.ttl(key as string));
    expect(await seconds()).toBeGreaterThan(29 * 86_400);
    await shop.redis.withClient((client) => client.del(key as string));
    expect(await shop.other.get(user)).toEqual(cart);
    expect(await seconds()).toBeGreaterThan(29 * 86_400);
  });
});

describe('a Redis that is gone', () => {
  it('is a 503 and an event to be told again; carts are back when it is', async () => {
    const user = randomUUID();
    const shirt = shop.variant();
    const { version } = await shop.one.add(user, shirt, 5);
    await shop.stored(user);
    await shop.redis.kill();
    await expect(shop.one.get(user)).rejects.toMatchObject({ code: 'unavailable' });
    const event = { orderId: uuidv7(), userId: user, cartVersion: version, lines: ordered(shirt, 2) };
    const delivery = { eventId: uuidv7(), version: 1, requestId: 'test' };
    await expect(shop.one.reactions.onOrderConfirmed(event, delivery)).rejects.toMatchObject({ code: 'unavailable' });
    await shop.redis.start();
    await inTheEnd(() => shop.one.reactions.onOrderConfirmed(event, delivery));
    await inTheEnd(() => shop.other.get(user));
    expect(quantities(await shop.other.get(user))).toEqual({ [shirt]: 3 });
    await shop.stored(user);
  });
});

describe('a replica that stops', () => {
  it('stores what is still dirty before it ends', async () => {
    const ending = await CartFixture.start();
    try {
      const written: string[] = [];
      // More than one batch, and written so late that no round has stored them all.
      for (let index = 0; index < 250; index += 1) written.push((await ending.one.add(randomUUID(), ending.variant())).version);
      await ending.stopReplicas();
      const client = new pg.Client({ connectionString: ending.databaseUrl });
      await client.connect();
      const { rows } = await client.query<{ version: string }>('SELECT version FROM carts');
      await client.end();
      expect(rows.map(({ version }) => version).sort()).toEqual(written.sort());
    } finally {
      await ending.stop();
    }
  });
});
