import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisRefusal, Wire } from '#libs/messaging/wire';
import { Network } from '#libs/testing/network';
import { RedisServer } from '#libs/testing/redis-server';

let redis: RedisServer;
const wires: Wire[] = [];
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.kill());
beforeEach(() => redis.withClient((client) => client.flushall()));
afterEach(() => {
  for (const wire of wires.splice(0)) wire.close();
});

async function wireTo(url = redis.url, silenceMs = 3_000): Promise<Wire> {
  const wire = new Wire({ url, silenceMs, onError: () => undefined });
  wires.push(wire);
  await wire.whenReady();
  return wire;
}

describe('a wire', () => {
  it('answers commands in their order, many of one tick in one write', async () => {
    const wire = await wireTo();
    const lengths = await Promise.all(Array.from({ length: 2_500 }, (_, index) => wire.send('RPUSH', 'list', String(index))));
    expect(lengths).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
  });

  it('carries bytes as they are, however large', async () => {
    const wire = await wireTo();
    const bytes = randomBytes(3_000_000);
    await wire.send('RPUSH', 'list', bytes, Buffer.from('\r\n$5\r\n'), '');
    expect(await wire.send('BLMPOP', 1, 1, 'list', 'LEFT', 'COUNT', 5)).toEqual([
      Buffer.from('list'),
      [bytes, Buffer.from('\r\n$5\r\n'), Buffer.alloc(0)],
    ]);
    expect(await wire.send('BLMPOP', 0.01, 1, 'list', 'LEFT')).toBeNull();
  });

  it('says what Redis refused, and goes on', async () => {
    const wire = await wireTo();
    const [refused, answered] = await Promise.allSettled([wire.send('NO_SUCH_COMMAND'), wire.send('PING')]);
    expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(RedisRefusal) });
    expect(answered).toEqual({ status: 'fulfilled', value: 'PONG' });
  });

  it('signs in and chooses its database by the URL', async () => {
    await redis.withClient((client) => client.call('ACL', 'SETUSER', 'cart', 'on', '>p@ss/w:rd#1', '~*', '+@all'));
    const url = new URL(`${redis.url}/3`);
    url.username = 'cart';
    url.password = encodeURIComponent('p@ss/w:rd#1');
    const wire = await wireTo(url.href);
    expect(String(await wire.send('ACL', 'WHOAMI'))).toBe('cart');
    await wire.send('SET', 'key', 'value');
    expect(await (await wireTo()).send('EXISTS', 'key')).toBe(0);
  });

  it('fails what is due when Redis is killed, fails at once while it is away, and comes back by itself', async () => {
    const wire = await wireTo();
    const due = wire.send('BLMPOP', 5, 1, 'list', 'LEFT').catch((error: Error) => error.message);
    await wire.send('PING').catch(() => undefined);
    await redis.kill();
    expect(await due).toContain('lost');
    await expect(wire.send('PING')).rejects.toThrow('not connected');
    await redis.start();
    await wire.whenReady();
    expect(await wire.send('PING')).toBe('PONG');
  });

  it('gives a frozen Redis up, and not one that has nothing to say', async () => {
    const wire = await wireTo(redis.url, 400);
    expect(await wire.send('BLMPOP', 0.2, 1, 'list', 'LEFT')).toBeNull();
    redis.freeze();
    await expect(wire.send('PING')).rejects.toThrow('lost');
    redis.thaw();
    await wire.whenReady();
    expect(await wire.send('PING')).toBe('PONG');
  });

  it('gives up a network that swallows everything, however much is sent meanwhile', async () => {
    const network = await Network.to(new URL(redis.url));
    try {
      const wire = await wireTo(network.url, 400);
      network.silence();
      let isOver = false;
      const due = wire.send('PING').finally(() => {
        isOver = true;
      });
      const busy = (async () => {
        while (!isOver) {
          wire.send('PING').catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      await expect(due).rejects.toThrow('lost');
      await busy;
      network.heal();
      await wire.whenReady();
      expect(await wire.send('PING')).toBe('PONG');
    } finally {
      await network.close();
    }
  });

  it('ends when it is closed', async () => {
    const wire = await wireTo();
    const due = wire.send('BLMPOP', 5, 1, 'list', 'LEFT');
    wire.close();
    await expect(due).rejects.toThrow('lost');
    await expect(wire.send('PING')).rejects.toThrow('not connected');
  });
});
