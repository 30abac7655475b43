import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { inTheEnd } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';
import { CatalogueCache } from '../src/catalogue-cache.ts';
import { ProductRepository } from '../src/product.repository.ts';
import { adminCall, ProductFixture, type Replica } from './product-fixture.ts';

let fixture: ProductFixture;
let other: Replica;
let redis: Redis;
beforeAll(async () => {
  fixture = await ProductFixture.start();
  other = await fixture.another();
  redis = new Redis(fixture.cacheUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await fixture?.stop();
});

const cacheOf = (replica: Replica): CatalogueCache => replica.app.get(CatalogueCache);
const price = async (replica: Replica, id: string): Promise<number | undefined> => (await replica.shop.detail({ id })).price;

describe('the catalogue cache', () => {
  it('turns 500 concurrent misses into one read', async () => {
    const { id } = await fixture.product([{}]);
    const reads = vi.spyOn(fixture.replica.app.get(ProductRepository), 'detail');
    try {
      await Promise.all(Array.from({ length: 500 }, () => fixture.replica.shop.detail({ id })));
      expect(reads).toHaveBeenCalledTimes(1);
      await fixture.replica.shop.detail({ id });
      expect(reads).toHaveBeenCalledTimes(1);
    } finally {
      reads.mockRestore();
    }
  });

  it('shares what one replica has read with the others', async () => {
    const { id } = await fixture.product([{}]);
    await price(fixture.replica, id);
    const reads = vi.spyOn(other.app.get(ProductRepository), 'detail');
    try {
      await price(other, id);
      expect(reads).not.toHaveBeenCalled();
    } finally {
      reads.mockRestore();
    }
  });

  it('shows an edit on every replica at once', async () => {
    const made = await fixture.product([{ price: 90_000 }]);
    expect([await price(fixture.replica, made.id), await price(other, made.id)]).toEqual([90_000, 90_000]);
    await fixture.replica.admin.editVariant({ id: made.id, variantId: made.variants[0]?.id as string, price: 80_000 }, adminCall());
    expect([await price(fixture.replica, made.id), await price(other, made.id)]).toEqual([80_000, 80_000]);
  });

  it('shows an edit whose replica dies between its commit and its new generation', async () => {
    const editor = await fixture.another();
    const made = await fixture.product([{ price: 90_000 }]);
    expect(await price(other, made.id)).toBe(90_000);
    vi.spyOn(cacheOf(editor), 'renew').mockReturnValue(new Promise(() => undefined));
    void editor.admin.editVariant({ id: made.id, variantId: made.variants[0]?.id as string, price: 80_000 }, adminCall());
    const { database } = fixture.replica;
    await inTheEnd(async () =>
      expect(await database.row(sql`SELECT price FROM products WHERE id = ${made.id}`)).toEqual({ price: 80_000 }),
    );
    await inTheEnd(async () => expect(await price(other, made.id)).toBe(80_000), 5_000);
  });

  it('never lets an older value that comes late take the place of a newer one', async () => {
    let finish: (value: string) => void = () => undefined;
    const slow = cacheOf(fixture.replica).read(
      'late',
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    await inTheEnd(() => expect(finish.length).toBe(1));
    // An edit on the other replica, and a read after it, while the first read is still on its way.
    await cacheOf(other).renew();
    expect(await cacheOf(other).read('late', async () => '2')).toEqual('2');
    finish('1');
    expect(await slow).toEqual('1');
    expect(await cacheOf(fixture.replica).read('late', async () => '3')).toEqual('2');
  });

  it('does not take up entries from before an eviction of the generation', async () => {
    await cacheOf(other).read('evicted', async () => '1');
    await redis.del('only2u:{product}:generation');
    expect(await cacheOf(other).read('evicted', async () => '2')).toEqual('2');
  });

  it('keeps neither failures nor what does not exist', async () => {
    const cache = cacheOf(fixture.replica);
    await expect(cache.read('failing', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.read('failing', async () => undefined)).toBeUndefined();
    expect(await cache.read('failing', async () => '1')).toEqual('1');
  });

  it('neither serves nor fails on an entry that it has not kept there itself', async () => {
    const [{ id }, { id: otherId }] = [await fixture.product([{ price: 90_000 }]), await fixture.product([{ price: 70_000 }])];
    const pages = async () => redis.keys('only2u:{product}:page:*');
    await redis.del(...(await pages()), 'nothing');
    await price(other, otherId);
    const [otherKey = ''] = await pages();
    const foreign = (await redis.get(otherKey)) ?? '';
    await price(other, id);
    const key = (await pages()).find((page) => page !== otherKey) ?? '';
    const kept = (await redis.get(key)) ?? '';
    const generation = kept.slice(0, kept.indexOf('\n'));
    const altered = kept.replace('"price":90000', '"price":10000');
    expect(altered).not.toBe(kept);
    const unsigned = `${generation}\n${kept.slice(kept.indexOf('{'))}`;
    const forgeries = [altered, foreign, unsigned, `${generation}\n`, `${generation}\nno.json`, `${generation}\n{`, 'no entry'];
    const reads = vi.spyOn(fixture.replica.app.get(ProductRepository), 'detail');
    try {
      for (const [index, forged] of forgeries.entries()) {
        await redis.set(key, forged, 'EX', 15);
        expect(await price(fixture.replica, id), forged.slice(0, 80)).toBe(90_000);
        expect(reads).toHaveBeenCalledTimes(index + 1);
      }
      // What it has kept in the place of the forgery is its own again.
      expect(await price(fixture.replica, id)).toBe(90_000);
      expect(reads).toHaveBeenCalledTimes(forgeries.length);
    } finally {
      reads.mockRestore();
    }
  });

  it('does not serve an entry of its own that was put back after its time', async () => {
    const { id } = await fixture.product([{}]);
    vi.useFakeTimers({ now: Date.now() - 16_000, toFake: ['Date'] });
    try {
      await price(other, id);
    } finally {
      vi.useRealTimers();
    }
    const reads = vi.spyOn(fixture.replica.app.get(ProductRepository), 'detail');
    try {
      await price(fixture.replica, id);
      expect(reads).toHaveBeenCalledTimes(1);
    } finally {
      reads.mockRestore();
    }
  });

  it('keeps a list when it is asked for again, and not before', async () => {
    const cache = cacheOf(fixture.replica);
    const reading = (text: string) => cache.read('a list', async () => text, 'when asked again');
    expect([await reading('1'), await reading('2'), await reading('3')]).toEqual(['1', '2', '2']);
    const shared = await Promise.all([1, 2].map(() => cache.read('another list', async () => '1', 'when asked again')));
    expect([...shared, await cacheOf(other).read('another list', async () => '2', 'when asked again')]).toEqual(['1', '1', '1']);
  });

  it('gives its entries an end', async () => {
    await cacheOf(fixture.replica).read('ending', async () => '1');
    const keys = await redis.keys('only2u:{product}:*');
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) expect(await redis.ttl(key)).toBeGreaterThan(0);
  });

  it('does without Redis, and serves nothing old when it is back', async () => {
    const away = await RedisServer.start();
    try {
      const [editor, reader] = [await fixture.another(away.url), await fixture.another(away.url)];
      const made = await fixture.product([{ price: 90_000 }]);
      expect(await price(reader, made.id)).toBe(90_000);
      away.freeze();
      await editor.admin.editVariant({ id: made.id, variantId: made.variants[0]?.id as string, price: 70_000 }, adminCall());
      expect(await price(reader, made.id)).toBe(70_000);
      away.thaw();
      await inTheEnd(async () => expect(await price(reader, made.id)).toBe(70_000));
      await away.kill();
      expect(await price(reader, made.id)).toBe(70_000);
    } finally {
      await away.kill();
    }
  });
});
