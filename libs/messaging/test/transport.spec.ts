import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contract, operation } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { Flag, Whole } from '#libs/contracts/fields';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer, type Route } from '#libs/messaging/bus-server';
import { Envelopes, type RequestHeader } from '#libs/messaging/envelope';
import { laneKey } from '#libs/messaging/keys';
import { Seals } from '#libs/messaging/seals';
import { codeOf, eventually } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';

/** The promises of the transport, one by one, on a real Redis that the suite kills, freezes and flushes. */

const SECRET = 'a secret of the test suite, long enough';
/** As it stands in Redis. */
const BROWSE_LANE = `only2u:${laneKey('work', 'browse')}`;
const logger = pino({ level: 'silent' });

class Work {
  @Whole(0, 1_000_000) id!: number;
  @Whole(0, 60_000) waitMs!: number;
}
class Done {
  @Flag() done!: boolean;
}
const workApi = contract('work', {
  operations: {
    work: operation({ summary: 'Browse', access: 'internal', in: Work, out: Done, timeoutMs: 2_000 }),
    pay: operation({ summary: 'Check out', access: 'internal', in: Work, out: Done, timeoutMs: 2_000, lane: 'checkout' }),
  },
});

let redis: RedisServer;
const opened: { close(): Promise<unknown> | unknown }[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.kill());
beforeEach(() => redis.withClient((client) => client.flushall()));
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    // One that is only about to die would still take the next case's first message.
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  await Promise.all(
    opened
      .splice(0)
      .reverse()
      .map((one) => one.close()),
  );
});

function client(service = 'caller', options: { maxQueue?: number; secret?: string } = {}): BusClient {
  const bus = new BusClient({ redisUrl: redis.url, secret: SECRET, service, logger, ...options });
  opened.push(bus);
  return bus;
}

async function connected(service?: string, options?: { maxQueue?: number; secret?: string }): Promise<BusClient> {
  const bus = client(service, options);
  await bus.connect();
  return bus;
}

type Handle = (input: Work, header: RequestHeader) => Promise<unknown>;

async function replica(handle: Handle, options: { slots?: number; service?: string } = {}): Promise<BusServer> {
  const bus = client(options.service ?? 'work');
  const route: Route = { serve: async (header, body) => JSON.stringify(await handle(JSON.parse(body.toString()) as Work, header)) };
  const server = new BusServer({ bus, logger, slots: options.slots ?? 8, routeFor: () => route });
  for (const name of ['work', 'pay']) server.addHandler(`${options.service ?? 'work'}.${name}`, async () => undefined);
  await server.listen(() => undefined);
  opened.push(server);
  return server;
}

async function replicaProcess(slots = 4): Promise<ChildProcess> {
  const child = fork('dist/libs/testing/bus-replica.js', [redis.url, SECRET, 'work', String(slots)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  children.push(child);
  await once(child, 'message');
  return child;
}

const done = async (): Promise<Done> => ({ done: true });
const { work, pay } = workApi.operations;
/** Where a case is about what becomes of requests, and not about deadlines, a busy machine has its time. */
const patient = { ...work, timeoutMs: 29_000 };
const patientPay = { ...pay, timeoutMs: 29_000 };

describe('requests', () => {
  it('runs 3,000 commands on 3 replicas 3,000 times', async () => {
    const runs = new Map<number, number>();
    const handle: Handle = async ({ id }) => {
      runs.set(id, (runs.get(id) ?? 0) + 1);
      return { done: true };
    };
    await Promise.all([replica(handle), replica(handle), replica(handle)]);
    const bus = await connected('caller', { maxQueue: 5_000 });
    for (let batch = 0; batch < 6; batch += 1) {
      await Promise.all(Array.from({ length: 500 }, (_, index) => bus.call(patient, { id: batch * 500 + index, waitMs: 0 })));
    }
    expect(runs.size).toBe(3_000);
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
  });

  it('loses at most what a replica held when it is killed with -9', async () => {
    const [victim] = await Promise.all([replicaProcess(), replicaProcess(), replicaProcess()]);
    const bus = await connected();
    const calls = Array.from({ length: 60 }, (_, id) => codeOf(bus.call(patient, { id, waitMs: 40 })));
    await eventually(async () => (await redis.withClient((one) => one.hlen('only2u:started'))) > 0);
    victim?.kill('SIGKILL');
    const outcomes = await Promise.all(calls);
    const lost = outcomes.filter((one) => one !== 'ok').length;
    expect(lost).toBeLessThanOrEqual(4);
    const started = await redis.withClient((one) => one.hgetall('only2u:started'));
    expect(Object.values(started).every((count) => count === '1')).toBe(true);
  });

  it('refuses a request to a stopped service as unavailable, inside the deadline, and leaves nothing in its queue', async () => {
    const bus = await connected();
    const began = bus.clock.now();
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('unavailable');
    expect(bus.clock.now() - began).toBeLessThan(2_500);
    expect(await redis.withClient((one) => one.llen(BROWSE_LANE))).toBe(0);
    expect(bus.waiting).toBe(0);
  });

  it('says timeout when a request was begun and not finished', async () => {
    let finish: () => void = () => undefined;
    await replica(() => new Promise((resolve) => (finish = () => resolve({ done: true }))));
    const bus = await connected();
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('timeout');
    finish();
  });

  it('does not begin work whose deadline has passed', async () => {
    let begun = 0;
    const bus = await connected();
    const late = bus.envelopes.seal(
      {
        id: 'x',
        pattern: 'work.work',
        from: 'caller',
        replyTo: 'nowhere',
        deadline: bus.clock.now() - 1,
        sentAt: bus.clock.now() - 100,
        receivedAt: 0,
        requestId: 'late',
      },
      '{}',
    );
    await redis.withClient((one) => one.rpush(BROWSE_LANE, late));
    await replica(async () => {
      begun += 1;
      return { done: true };
    });
    await bus.call(work, { id: 1, waitMs: 0 });
    expect(begun).toBe(1);
  });

  it('refuses at once when the queue is full', async () => {
    const bus = await connected('caller', { maxQueue: 5 });
    const outcomes = Array.from({ length: 8 }, (_, id) => {
      const began = performance.now();
      return codeOf(bus.call(work, { id, waitMs: 0 })).then((code) => ({ code, ms: performance.now() - began }));
    });
    const first = await Promise.race(outcomes);
    expect(first.code).toBe('unavailable');
    const all = await Promise.all(outcomes);
    expect(all.filter(({ ms }) => ms < 1_000)).toHaveLength(3);
  });

  it('answers the declared error of a handler, and hides every other', async () => {
    await replica(async ({ id }) => {
      if (id === 1) throw refuse('not_found', 'No such thing');
      throw new Error('a secret of the implementation');
    });
    const bus = await connected();
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('not_found');
    const hidden = await bus.call(work, { id: 2, waitMs: 0 }).catch((error: Error) => error);
    expect(hidden).toBeInstanceOf(Refusal);
    expect(hidden).toMatchObject({ code: 'internal' });
    expect(String(hidden)).not.toContain('secret');
  });

  it('lets an event that the replica does not know yet wait, and calls a call that nobody takes a bug', async () => {
    await replica(done);
    const bus = await connected();
    const about = { id: '01a22dd3-0235-7224-82c5-ac26828e6f26', version: 1, requestId: 'request' };
    expect(await codeOf(bus.deliver({ key: 'caller.newer', lane: 'browse' }, 'work', '{}', about))).toBe('unavailable');
    expect(await codeOf(bus.call({ ...work, key: 'work.newer' }, { id: 1, waitMs: 0 }))).toBe('internal');
  });

  it('shrinks the deadline hop by hop', async () => {
    const deadlines: number[] = [];
    await replica(
      async (_input, header) => {
        deadlines.push(header.deadline);
        return { done: true };
      },
      { service: 'work' },
    );
    const middle = client('middle');
    await middle.connect();
    const route: Route = {
      serve: async (header) => {
        deadlines.push(header.deadline);
        return JSON.stringify(await middle.call(work, { id: 1, waitMs: 0 }));
      },
    };
    const server = new BusServer({ bus: middle, logger, routeFor: () => route });
    server.addHandler('middle.work', async () => undefined);
    await server.listen(() => undefined);
    opened.push(server);
    const bus = await connected();
    await bus.forward({ ...work, key: 'middle.work', service: 'middle', timeoutMs: 1_000 }, '{}', { requestId: 'hops' });
    expect(deadlines).toHaveLength(2);
    expect(deadlines[1]).toBeLessThan(deadlines[0] as number);
  });
});

describe('lanes', () => {
  it('lets the checkout lane through while browsing has every slot it may have and a long queue', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await replica(
      async (_input, header) => {
        if (header.pattern === 'work.work') await gate;
        return { done: true };
      },
      { slots: 8 },
    );
    const bus = await connected();
    const browsing = Array.from({ length: 200 }, (_, id) => codeOf(bus.call(patient, { id, waitMs: 0 })));
    await eventually(() => redis.withClient(async (one) => (await one.llen(BROWSE_LANE)) === 194));
    const paid = await Promise.all(Array.from({ length: 50 }, (_, id) => codeOf(bus.call(patientPay, { id, waitMs: 0 }))));
    expect(new Set(paid)).toEqual(new Set(['ok']));
    release();
    expect(new Set(await Promise.all(browsing))).toEqual(new Set(['ok']));
  });
});

describe('shutdown', () => {
  it('fails no request when replicas leave one after the other under load', async () => {
    const handle: Handle = async ({ waitMs }) => {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      return { done: true };
    };
    const first = await replica(handle);
    const bus = await connected();
    let running = true;
    const outcomes: string[] = [];
    const callers = Array.from({ length: 20 }, async (_, id) => {
      while (running) outcomes.push(await codeOf(bus.call(patient, { id, waitMs: 5 })));
    });
    let current = first;
    for (let round = 0; round < 5; round += 1) {
      const before = outcomes.length;
      await eventually(() => outcomes.length >= before + 20);
      const next = await replica(handle);
      await current.close();
      current = next;
    }
    running = false;
    await Promise.all(callers);
    expect(outcomes.length).toBeGreaterThan(100);
    expect(outcomes.filter((code) => code !== 'ok')).toEqual([]);
  });

  it('finishes and answers what a process holds when it gets SIGTERM', async () => {
    const child = await replicaProcess();
    const bus = await connected();
    const calls = Array.from({ length: 4 }, (_, id) => codeOf(bus.call(patient, { id, waitMs: 300 })));
    await eventually(async () => (await redis.withClient((one) => one.hlen('only2u:started'))) > 0);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    const started = await redis.withClient((one) => one.hlen('only2u:started'));
    expect(await redis.withClient((one) => one.hlen('only2u:finished'))).toBe(started);
    expect((await Promise.all(calls)).filter((one) => one === 'ok')).toHaveLength(started);
  });
});

describe('Redis going away', () => {
  it('answers again without a restart after Redis was killed, and no pending reply stays', async () => {
    await replica(done);
    const bus = await connected();
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('ok');
    await redis.kill();
    const away = await Promise.all(Array.from({ length: 20 }, (_, id) => codeOf(bus.call(work, { id, waitMs: 0 }))));
    expect(away.every((code) => code === 'unavailable' || code === 'timeout')).toBe(true);
    expect(bus.waiting).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    await redis.start();
    await eventually(async () => (await codeOf(bus.call(work, { id: 2, waitMs: 0 }))) === 'ok');
    const back = await Promise.all(Array.from({ length: 50 }, (_, id) => codeOf(bus.call(work, { id, waitMs: 0 }))));
    expect(new Set(back)).toEqual(new Set(['ok']));
    expect(bus.waiting).toBe(0);
  });

  it('answers inside the deadline while Redis is frozen, and goes on when it thaws', async () => {
    await replica(done);
    const bus = await connected();
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('ok');
    redis.freeze();
    const began = performance.now();
    const code = await codeOf(bus.call(work, { id: 1, waitMs: 0 }));
    const took = performance.now() - began;
    redis.thaw();
    expect(['unavailable', 'timeout']).toContain(code);
    expect(took).toBeLessThan(4_000);
    await eventually(async () => (await codeOf(bus.call(work, { id: 2, waitMs: 0 }))) === 'ok');
  });

  it('goes on after FLUSHALL: what was in flight is refused, what comes next is served', async () => {
    await replica(done);
    const bus = await connected();
    await redis.withClient((one) => one.flushall());
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('ok');
  });
});

describe('identity', () => {
  const send = (message: Buffer): Promise<number> => redis.withClient((one) => one.rpush(BROWSE_LANE, message));
  const header = (bus: BusClient): RequestHeader => ({
    id: 'attack',
    pattern: 'work.work',
    from: 'order',
    replyTo: 'nowhere',
    deadline: bus.clock.now() + 5_000,
    sentAt: bus.clock.now(),
    receivedAt: bus.clock.now(),
    requestId: 'attack-request',
  });

  async function servedAfter(attack: (bus: BusClient) => Buffer): Promise<number> {
    let served = 0;
    await replica(async (_input, { requestId }) => {
      if (requestId === 'attack-request') served += 1;
      return { done: true };
    });
    const bus = await connected();
    await send(attack(bus));
    // A request behind it in the same queue: once that is answered, the attack was looked at.
    expect(await codeOf(bus.call(work, { id: 1, waitMs: 0 }))).toBe('ok');
    return served;
  }

  it('serves an honest envelope (so that the next cases prove something)', async () => {
    expect(await servedAfter((bus) => bus.envelopes.seal(header(bus), '{}'))).toBe(1);
  });
  it('refuses an envelope sealed with another secret', async () => {
    expect(await servedAfter((bus) => new Envelopes(new Seals({ present: 'somebody else’s secret' })).seal(header(bus), '{}'))).toBe(0);
  });
  it('refuses an envelope whose body was altered by one byte', async () => {
    expect(
      await servedAfter((bus) => {
        const message = bus.envelopes.seal(header(bus), '{"amount":1}');
        message[message.length - 2] = '9'.charCodeAt(0);
        return message;
      }),
    ).toBe(0);
  });
  it('refuses an envelope whose sender was altered', async () => {
    expect(
      await servedAfter((bus) =>
        Buffer.from(bus.envelopes.seal(header(bus), '{}').toString('latin1').replace('"order"', '"admin"'), 'latin1'),
      ),
    ).toBe(0);
  });
  it('refuses a message without an envelope', async () => {
    expect(await servedAfter((bus) => Buffer.from(`${JSON.stringify(header(bus))}\n{}`))).toBe(0);
  });
  it('refuses a recorded envelope that is replayed late', async () => {
    expect(
      await servedAfter((bus) =>
        bus.envelopes.seal({ ...header(bus), sentAt: bus.clock.now() - 31_000, deadline: bus.clock.now() + 5_000 }, '{}'),
      ),
    ).toBe(0);
  });
  it('refuses an envelope from the future', async () => {
    expect(
      await servedAfter((bus) =>
        bus.envelopes.seal({ ...header(bus), sentAt: bus.clock.now() + 60_000, deadline: bus.clock.now() + 120_000 }, '{}'),
      ),
    ).toBe(0);
  });
});
