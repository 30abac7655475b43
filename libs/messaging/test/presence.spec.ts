import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contract, operation } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import { Flag } from '#libs/contracts/fields';
import { BusClient, type BusOptions } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { replicasKey } from '#libs/messaging/keys';
import { Presence } from '#libs/messaging/presence';
import { RedisServer } from '#libs/testing/redis-server';

/** Who is there, as the processes tell each other through a Redis that others may write to. */

const SECRET = 'a secret of the test suite, long enough';
const NEXT_SECRET = 'the next secret of the suite, long enough';
const logger = pino({ level: 'silent' });

class Done {
  @Flag() done!: boolean;
}
const workApi = contract('work', {
  operations: { work: operation({ summary: 'Work', access: 'internal', in: Done, out: Done, timeoutMs: 20_000 }) },
});

let redis: RedisServer;
const opened: { close(): Promise<unknown> | unknown }[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.kill());
beforeEach(() => redis.withClient((client) => client.flushall()));
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function connected(service: string, options: Partial<BusOptions> = {}): Promise<BusClient> {
  const bus = new BusClient({ redisUrl: redis.url, secret: SECRET, service, logger, ...options });
  opened.push(bus);
  await bus.connect();
  return bus;
}

async function announced(service: string, options: Partial<BusOptions> = {}): Promise<{ bus: BusClient; presence: Presence }> {
  const bus = await connected(service, options);
  const presence = new Presence(bus);
  await presence.announce(`http://127.0.0.1:1/${service}`, () => true);
  return { bus, presence };
}

async function replica(options: Partial<BusOptions> = {}, answer = true): Promise<BusServer> {
  const bus = await connected('work', options);
  const server = new BusServer({ bus, logger, slots: 8, routeFor: () => ({ serve: async () => JSON.stringify({ done: answer }) }) });
  server.addHandler('work.work', async () => undefined);
  await server.listen(() => undefined);
  opened.push(server);
  return server;
}

const call = (bus: BusClient): Promise<unknown> => bus.call(workApi.operations.work, { done: true });
const codeOf = (error: unknown): string => (error instanceof Refusal ? error.code : String(error));

describe('the replicas of a service', () => {
  it('are those that signed their entry, whatever else stands beside them', async () => {
    const { bus } = await announced('work');
    const key = `only2u:${replicasKey('work')}`;
    const own = await redis.withClient((client) => client.hget(key, bus.instance));
    const made = JSON.stringify({ instance: 'evil', url: 'http://10.0.0.66:80', at: Date.now(), ready: true });
    await redis.withClient((client) =>
      client.hset(key, { evil: made, broken: '{', empty: '', copied: own ?? '', foreign: `AAAA.${made}`, 'no url': '{"ready":true}' }),
    );
    const seen = await new Presence(await connected('gateway')).replicasOf('work');
    expect(seen.map(({ instance }) => instance)).toEqual([bus.instance]);
  });

  it('are not those of another service, whose entry was copied', async () => {
    const { bus } = await announced('work');
    const own = await redis.withClient((client) => client.hgetall(`only2u:${replicasKey('work')}`));
    await redis.withClient((client) => client.hset(`only2u:${replicasKey('auth')}`, own));
    const presence = new Presence(await connected('gateway'));
    expect(await presence.replicasOf('auth')).toEqual([]);
    expect((await presence.replicasOf('work')).map(({ instance }) => instance)).toEqual([bus.instance]);
  });
});

describe('a service of which no replica is alive', () => {
  it('is unavailable long before the deadline of a request', async () => {
    const { bus, presence } = await announced('gateway');
    expect(await presence.replicasOf('work')).toEqual([]);
    const began = performance.now();
    expect(await call(bus).then(() => 'ok', codeOf)).toBe('unavailable');
    // The operation's own time is 20 s.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await redis.withClient((client) => client.keys('only2u:{work}:*'))).toEqual([]);
  });

  it('gets the request that waits when it comes meanwhile', async () => {
    const { bus, presence } = await announced('gateway');
    expect(await presence.replicasOf('work')).toEqual([]);
    const answer = call(bus);
    await replica();
    expect(await answer).toEqual({ done: true });
  });
});

describe('two shops on one Redis', () => {
  it('have a prefix each, and neither takes nor sees what is the other’s', async () => {
    await replica({ keyPrefix: 'one:' }, true);
    await replica({ keyPrefix: 'two:', secret: NEXT_SECRET }, false);
    await announced('work', { keyPrefix: 'one:' });
    const [one, two] = [
      await connected('caller', { keyPrefix: 'one:' }),
      await connected('caller', { keyPrefix: 'two:', secret: NEXT_SECRET }),
    ];
    for (let index = 0; index < 20; index += 1)
      expect(await Promise.all([call(one), call(two)])).toEqual([{ done: true }, { done: false }]);
    expect(await new Presence(two).replicasOf('work')).toEqual([]);
    const keys = await redis.withClient((client) => client.keys('*'));
    expect(keys.filter((key) => !/^(one|two):/.test(key))).toEqual([]);
  });
});

describe('the bus secret', () => {
  it('is changed under load, process after process, without a failed request', async () => {
    // First everybody believes the next one, then signs with it, then forgets the old one; of each kind two processes, changed one by one.
    const steps: Pick<BusOptions, 'secret' | 'previousSecret'>[] = [
      { secret: SECRET },
      { secret: SECRET, previousSecret: NEXT_SECRET },
      { secret: NEXT_SECRET, previousSecret: SECRET },
      { secret: NEXT_SECRET },
    ];
    const [first = { secret: '' }, ...changes] = steps;
    const servers = [await replica(first), await replica(first)];
    const callers = [await connected('caller', first), await connected('caller', first)];
    const outcomes: Record<string, number> = {};
    let isOver = false;
    const load = callers.map(async (_, index) => {
      while (!isOver) {
        const caller = callers[index] as BusClient;
        const outcome = await call(caller).then(() => 'ok', codeOf);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    });
    const served = async (): Promise<void> => {
      const before = outcomes.ok ?? 0;
      while ((outcomes.ok ?? 0) < before + 50 && Object.keys(outcomes).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (const step of changes) {
      for (const index of [0, 1]) {
        await served();
        const leaving = servers[index];
        servers[index] = await replica(step);
        await leaving?.close();
        await served();
        callers[index] = await connected('caller', step);
      }
    }
    await served();
    isOver = true;
    await Promise.all(load);
    expect(Object.keys(outcomes)).toEqual(['ok']);
  });
});
