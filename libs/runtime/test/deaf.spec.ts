import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { contract, operation, signal } from '#libs/contracts/contract';
import { Flag } from '#libs/contracts/fields';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { Signals } from '#libs/messaging/signals';
import { codeOf, eventually } from '#libs/testing/builders';
import { Network } from '#libs/testing/network';
import { RedisServer } from '#libs/testing/redis-server';
import { Probes, Readiness } from '../probes.ts';

/** Processes that no longer hear anything: they mend themselves, or their probe says that they must be replaced. */

const SECRET = 'a secret of the test suite, long enough';
/** A quarter of them is kept for the checkout lane. */
const SLOTS = 4;
/** Longer than Redis holds a question, shorter than a silence is borne. */
const DEAF_MS = 6_500;
const logger = pino({ level: 'silent' });

class Done {
  @Flag() done!: boolean;
}
const workApi = contract('work', {
  operations: { work: operation({ summary: 'Work', access: 'internal', in: Done, out: Done, timeoutMs: 2_000 }) },
  signals: { moved: signal({ summary: 'Moved', data: Done }) },
});

let redis: RedisServer;
const opened: { close(): Promise<unknown> | unknown }[] = [];
const opening = <T extends { close(): Promise<unknown> | unknown }>(one: T): T => {
  opened.push(one);
  return one;
};

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.kill());
beforeEach(() => redis.withClient((client) => client.flushall()));
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function connected(service: string, url = redis.url): Promise<BusClient> {
  const bus = opening(new BusClient({ redisUrl: url, secret: SECRET, service, logger }));
  await bus.connect();
  return bus;
}

/** A replica with its probes. `health` answers the status of `/health/live` and what is stuck. */
async function replica(handle: () => Promise<unknown>, url = redis.url) {
  const bus = await connected('work', url);
  const route = { serve: async () => JSON.stringify(await handle()) };
  const server = new BusServer({ bus, logger, slots: SLOTS, deafMs: DEAF_MS, routeFor: () => route });
  server.addHandler('work.work', async () => undefined);
  await server.listen(() => undefined);
  opening(server);
  const readiness = new Readiness();
  readiness.requireForLife({ name: 'taker', isUp: () => !server.isDeaf });
  const probes = opening(await new Probes('work', readiness).listen(0, '127.0.0.1'));
  return async (): Promise<[number, unknown]> => {
    const answer = await fetch(`http://127.0.0.1:${(probes.address() as AddressInfo).port}/health/live`);
    return [answer.status, ((await answer.json()) as { stuck?: unknown }).stuck];
  };
}

const call = (bus: BusClient): Promise<string> => codeOf(bus.call(workApi.operations.work, { done: true }));
const STUCK = [503, ['taker']];
const LIVE = [200, undefined];
const become = (health: () => Promise<[number, unknown]>, wanted: unknown): Promise<unknown> =>
  eventually(async () => JSON.stringify(await health()) === JSON.stringify(wanted), 60_000);

it('a taker whose network swallows everything is not live, takes again on a new connection, and is live then', async () => {
  const network = opening(await Network.to(new URL(redis.url)));
  const health = await replica(async () => ({ done: true }), network.url);
  const caller = await connected('caller');
  expect([await call(caller), await health()]).toEqual(['ok', LIVE]);
  network.silence();
  expect(await call(caller)).not.toBe('ok');
  await become(health, STUCK);
  network.heal();
  await eventually(async () => (await call(caller)) === 'ok', 60_000);
  await become(health, LIVE);
});

it('a taker whose slots are all held by work without end is not live, until one is free', async () => {
  const held: (() => void)[] = [];
  const health = await replica(() => new Promise((resolve) => held.push(() => resolve({ done: true }))));
  const caller = await connected('caller');
  const calls = Array.from({ length: SLOTS - 1 }, () => call(caller));
  await become(health, STUCK);
  for (const release of held) release();
  await Promise.all(calls);
  await become(health, LIVE);
});

it('a caller whose network swallows everything sends and hears again on new connections', async () => {
  await replica(async () => ({ done: true }));
  const network = opening(await Network.to(new URL(redis.url)));
  const caller = await connected('caller', network.url);
  expect(await call(caller)).toBe('ok');
  network.silence();
  expect(await call(caller)).not.toBe('ok');
  network.heal();
  await eventually(async () => (await call(caller)) === 'ok', 60_000);
});

it('a listener to signals whose network swallows everything hears them again', async () => {
  const network = opening(await Network.to(new URL(redis.url)));
  const [near, far] = [await connected('near', network.url), await connected('far')];
  const [listening, sending] = [new Signals(near, logger), new Signals(far, logger)];
  opening({ close: () => listening.stop() });
  opening({ close: () => sending.stop() });
  let heard = 0;
  listening.on(workApi.signals.moved, () => {
    heard += 1;
  });
  await listening.start();
  const hears = async (): Promise<boolean> => {
    const before = heard;
    sending.send(workApi.signals.moved, { done: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    return heard > before;
  };
  await eventually(hears);
  network.silence();
  expect(await hears()).toBe(false);
  network.heal();
  await listening.check();
  await eventually(hears, 60_000);
});
