import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contract, signal } from '#libs/contracts/contract';
import { Text } from '#libs/contracts/fields';
import { BusClient } from '#libs/messaging/bus-client';
import { Signals } from '#libs/messaging/signals';
import { eventually } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';

class Moved {
  @Text(1, 10) what!: string;
}
class MovedLater extends Moved {
  @Text(1, 10) where!: string;
}
const now = contract('goods', { operations: {}, signals: { moved: signal({ summary: 'Something moved', data: Moved }) } });
/** The same of another release. */
const later = contract('goods', { operations: {}, signals: { moved: signal({ summary: 'Something moved', data: MovedLater }) } });

const logger = pino({ level: 'silent' });
const SECRET = 'a secret of the test suite, long enough';
let redis: RedisServer;
let buses: BusClient[];
beforeAll(async () => {
  redis = await RedisServer.start();
  buses = ['hearing', 'sending'].map((service) => new BusClient({ redisUrl: redis.url, secret: SECRET, service, logger }));
  await Promise.all(buses.map((bus) => bus.connect()));
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await redis.kill();
});

it('a signal of another release is heard without its new fields, and passed over where it cannot be read', async () => {
  const [hearing, sending] = buses.map((bus) => new Signals(bus, logger)) as [Signals, Signals];
  const heard: Moved[] = [];
  const heardLater: MovedLater[] = [];
  hearing.on(now.signals.moved, (data) => heard.push(data));
  await hearing.start();
  sending.send(later.signals.moved, { what: 'shelf', where: 'aisle 3' });
  await eventually(() => heard.length === 1);
  expect(heard).toEqual([{ what: 'shelf' }]);
  hearing.stop();

  const newer = new Signals(buses[0] as BusClient, logger);
  newer.on(later.signals.moved, (data) => heardLater.push(data));
  await newer.start();
  sending.send(now.signals.moved, { what: 'box' });
  sending.send(later.signals.moved, { what: 'shelf', where: 'aisle 4' });
  await eventually(() => heardLater.length === 1);
  expect(heardLater).toEqual([{ what: 'shelf', where: 'aisle 4' }]);
  newer.stop();
  sending.stop();
});
