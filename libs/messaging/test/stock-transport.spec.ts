import { type ClientProxy, ClientProxyFactory, ServerRedis, Transport } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { RedisServer } from '#libs/testing/redis-server';

/** What Nest's own Redis transport does where ours makes promises: the reason that ours exists. It is held here so that a better release shows. */

let redis: RedisServer;
const closing: { close(): unknown }[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.kill());
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});

async function replica(handle: () => Promise<unknown>): Promise<void> {
  const server = new ServerRedis({ host: '127.0.0.1', port: redis.port });
  server.addHandler('work', handle);
  await new Promise<void>((resolve) => server.listen(() => resolve()));
  closing.push(server);
}

function client(): ClientProxy {
  const proxy: ClientProxy = ClientProxyFactory.create({
    transport: Transport.REDIS,
    options: { host: '127.0.0.1', port: redis.port },
  }) as never;
  closing.push(proxy);
  return proxy;
}

it('runs every request once on each replica', async () => {
  let runs = 0;
  const handle = async (): Promise<boolean> => {
    runs += 1;
    return true;
  };
  await replica(handle);
  await replica(handle);
  await firstValueFrom(client().send('work', {}));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(runs).toBe(2);
});

it('never answers a request to a service that is down', async () => {
  const answer = firstValueFrom(client().send('work', {}).pipe(timeout(3_000)));
  await expect(answer).rejects.toThrow('Timeout');
});

it('reports an event that nobody received as sent', async () => {
  const reported = firstValueFrom(client().emit('work', {}), { defaultValue: undefined }).then(() => 'sent');
  await expect(reported).resolves.toBe('sent');
});
