import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract, operation, signal } from '#libs/contracts/contract';
import { Flag } from '#libs/contracts/fields';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { trustKey } from '#libs/messaging/keys';
import { Presence } from '#libs/messaging/presence';
import { Signals } from '#libs/messaging/signals';
import { redisUserName, redisUsers, withRedisLogin } from '#libs/runtime/redis-users';
import { type ServiceName, serviceNames } from '#libs/runtime/topology';
import { RedisServer } from '#libs/testing/redis-server';

/** What a service's login at Redis lets it do, on a real server. */

const SECRET = 'a secret of the test suite, long enough';
const logger = pino({ level: 'silent' });
const passwordOf = (service: ServiceName): string => `p@ss/w:rd#1 of ${service}`;

class Done {
  @Flag() done!: boolean;
}
const productApi = contract('product', {
  operations: { work: operation({ summary: 'Work', access: 'internal', in: Done, out: Done, timeoutMs: 10_000 }) },
});
const noticed = { ...signal({ summary: 'Noticed', data: Done }), key: 'product.noticed' };

let server: RedisServer;
const closing: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  server = await RedisServer.start();
  await server.withClient(async (admin) => {
    for (const { service, name, rules } of redisUsers('only2u', serviceNames))
      await admin.call('ACL', 'SETUSER', name, 'on', `>${passwordOf(service)}`, ...rules);
  });
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await server.kill();
});

const urlOf = (service: ServiceName): string => withRedisLogin(server.url, redisUserName('only2u', service), passwordOf(service));

async function bus(service: ServiceName): Promise<BusClient> {
  const client = new BusClient({ redisUrl: urlOf(service), secret: SECRET, service, logger });
  await client.connect();
  closing.push(() => client.close());
  return client;
}

describe('a service with its own login', () => {
  it('serves, calls, signals and finds the others, and nothing is refused to it on the way', async () => {
    const [product, order] = [await bus('product'), await bus('order')];
    const taker = new BusServer({ bus: product, logger, routeFor: () => ({ serve: async () => '{"done":true}' }) });
    taker.addHandler('product.work', async () => undefined);
    await taker.listen(() => undefined);
    closing.push(() => taker.close());
    expect(await order.call(productApi.operations.work, { done: false })).toEqual({ done: true });
    await Promise.all([taker.measure(), taker.expireReplyLists()]);

    const presence = new Presence(product);
    await presence.announce('http://127.0.0.1:1', () => true);
    expect(await new Presence(order).replicasOf('product')).toHaveLength(1);
    await presence.leave();
    expect(await order.commands.hget(trustKey, 'keys')).toBeNull();

    const heard = Promise.withResolvers<Done>();
    const [sending, hearing] = [new Signals(product, logger), new Signals(order, logger)];
    hearing.on(noticed, (data) => heard.resolve(data));
    await Promise.all([sending.start(), hearing.start()]);
    closing.push(
      () => sending.stop(),
      () => hearing.stop(),
    );
    sending.send(noticed, { done: true });
    expect(await heard.promise).toEqual({ done: true });
    expect(await server.withClient((admin) => admin.call('ACL', 'LOG'))).toEqual([]);
  });

  it.each<[string, readonly [string, ...string[]]]>([
    ['read what waits for auth', ['LRANGE', 'only2u:{auth}:browse', '0', '-1']],
    ['take what waits for auth', ['LPOP', 'only2u:{auth}:browse']],
    ['take answers of others', ['LPOP', 'only2u:replies:gateway-1']],
    ['make up a replica', ['HSET', 'only2u:{order}:replicas', 'x', '{}']],
    ['change a page of the catalogue', ['SET', 'only2u:{product}:page:x', 'x']],
    ['publish keys in auth’s place', ['HSET', 'only2u:{auth}:trust', 'keys', 'x']],
    ['read a cart', ['HGETALL', 'only2u:cart:user:1']],
    ['clear the sign-in limits', ['DEL', 'only2u:{sign-in}:x']],
    ['read mails of the sandbox', ['LRANGE', 'only2u:dev:inbox', '0', '-1']],
    ['look for keys', ['KEYS', '*']],
    ['forget everything', ['FLUSHALL']],
    ['read the configuration', ['CONFIG', 'GET', '*']],
    ['make a login', ['ACL', 'SETUSER', 'me', 'on']],
    ['listen to other channels', ['PUBLISH', 'elsewhere', 'x']],
  ])('may not, as coupon, %s', async (_what, [command, ...rest]) => {
    const coupon = new Redis(urlOf('coupon'));
    try {
      await expect(coupon.call(command, ...rest)).rejects.toThrow('NOPERM');
    } finally {
      coupon.disconnect();
    }
  });

  it('writes into the lane of another', async () => {
    const coupon = new Redis(urlOf('coupon'));
    expect(await coupon.rpush('only2u:{auth}:browse', 'x')).toBe(1);
    coupon.disconnect();
  });
});
