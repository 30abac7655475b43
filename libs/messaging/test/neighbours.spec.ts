import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { contract, operation } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { Flag, Whole } from '#libs/contracts/fields';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer, type Route } from '#libs/messaging/bus-server';
import type { RequestHeader } from '#libs/messaging/envelope';
import type { Neighbours } from '#libs/messaging/neighbours';
import { Wire } from '#libs/messaging/wire';
import { currentRequest } from '#libs/observability/context';
import { codeOf, eventually } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';

/** A call to a service of the same process keeps the promises of one that crosses Redis. */

const SECRET = 'a secret of the test suite, long enough';
const logger = pino({ level: 'silent' });

class Work {
  @Whole(0, 1_000_000) id!: number;
}
class Done {
  @Flag() done!: boolean;
}
const { work, pay } = contract('work', {
  operations: {
    work: operation({ summary: 'Browse', access: 'internal', in: Work, out: Done, timeoutMs: 2_000 }),
    pay: operation({ summary: 'Check out', access: 'internal', in: Work, out: Done, timeoutMs: 2_000, lane: 'checkout' }),
  },
}).operations;

type Handle = (input: Work, header: RequestHeader) => Promise<unknown>;

let redis: RedisServer;
let neighbours: Neighbours;
const opened: { close(): Promise<unknown> | unknown }[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.kill());
beforeEach(async () => {
  neighbours = new Map();
  await redis.withClient((client) => client.flushall());
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function bus(service: string, beside: Neighbours | undefined): Promise<BusClient> {
  const client = new BusClient({ redisUrl: redis.url, secret: SECRET, service, logger, neighbours: beside });
  opened.push(client);
  await client.connect();
  return client;
}

async function replica(handle: Handle, beside: Neighbours | undefined, slots = 8): Promise<BusServer> {
  const route: Route = { serve: async (header, body) => JSON.stringify(await handle(JSON.parse(body.toString()) as Work, header)) };
  const server = new BusServer({ bus: await bus('work', beside), logger, slots, routeFor: () => route });
  for (const { key } of [work, pay]) server.addHandler(key, async () => undefined);
  await server.listen(() => undefined);
  opened.push(server);
  return server;
}

const pushes = (): Promise<number> =>
  redis.withClient(async (client) => Number(/cmdstat_rpush:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0));
const waitingInLanes = (): Promise<number> =>
  redis.withClient(async (client) => (await client.llen('only2u:{work}:browse')) + (await client.llen('only2u:{work}:checkout')));

describe('a call to a service next door', () => {
  it('puts nothing into Redis', async () => {
    await replica(async () => ({ done: true }), neighbours);
    const caller = await bus('caller', neighbours);
    const before = await pushes();
    for (let id = 0; id < 50; id += 1) expect(await caller.call(work, { id })).toEqual({ done: true });
    expect(await pushes()).toBe(before);
    expect(caller.waiting).toBe(0);
  });

  it('brings the same header and context as one over Redis', async () => {
    const seen: unknown[] = [];
    const handle: Handle = async (input, { id: _, replyTo: __, sentAt, receivedAt, deadline, ...header }) => {
      const context = currentRequest();
      seen.push({
        ...{ input, header, context: { ...context, deadline: undefined } },
        ...{ receivedAt, isNow: sentAt >= receivedAt, isDeadline: context?.deadline === deadline },
        patience: Math.round((deadline - sentAt) / 100),
      });
      return { done: true };
    };
    await replica(handle, neighbours);
    const forwarded = {
      requestId: 'request',
      receivedAt: 1_000,
      token: 'token',
      client: { ip: '203.0.113.9', agent: 'test' },
      path: { id: '1' },
      query: {},
      idempotency: { key: 'key', route: 'POST /', bodyHash: 'hash' },
      event: undefined,
    } as never;
    for (const beside of [neighbours, undefined]) await (await bus('caller', beside)).forward(pay, JSON.stringify({ id: 7 }), forwarded);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toMatchObject({ input: { id: 7 }, isNow: true, isDeadline: true });
  });

  it('shares no object with its caller', async () => {
    const path = { id: 'mine' };
    const body = Buffer.from('{"id":1}');
    let given: { header: RequestHeader; body: Buffer } | undefined;
    const server = new BusServer({
      bus: await bus('work', neighbours),
      logger,
      routeFor: () => ({
        serve: async (header, bytes) => {
          given = { header, body: bytes };
          (header.path as { id: string }).id = 'changed';
          bytes.fill(0);
          return '{"done":true}';
        },
      }),
    });
    server.addHandler(work.key, async () => undefined);
    await server.listen(() => undefined);
    opened.push(server);
    await (await bus('caller', neighbours)).forward(work, body, { requestId: 'request', path });
    expect(given?.header.path).toEqual({ id: 'changed' });
    expect([path.id, body.toString()]).toEqual(['mine', '{"id":1}']);
  });

  it.each([
    ['a refusal with fields', new Refusal('work.refused', 'conflict', 'No', { left: 3 }, 7)],
    ['a refusal of ours', refuse('unavailable')],
    ['a bug', new TypeError('undefined is not a function')],
  ])('is answered %s as over Redis', async (_, error) => {
    const handle: Handle = () => Promise.reject(error);
    await replica(handle, neighbours);
    const answers = await Promise.all(
      [neighbours, undefined].map(async (beside) =>
        (await bus('caller', beside)).call(work, { id: 1 }).catch((refusal: Refusal) => ({ ...refusal, message: refusal.message })),
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).not.toBe(error);
  });

  it('is a timeout at its deadline while the handler goes on, and the slot is free only after that', async () => {
    let finish: () => void = () => undefined;
    const server = await replica(() => new Promise((resolve) => (finish = () => resolve({ done: true }))), neighbours);
    const caller = await bus('caller', neighbours);
    const began = performance.now();
    expect(await codeOf(caller.call(work, { id: 1 }))).toBe('timeout');
    expect(performance.now() - began).toBeGreaterThan(1_900);
    expect([server.handling, caller.waiting]).toEqual([1, 0]);
    finish();
    await eventually(async () => server.handling === 0);
  });

  it('never takes more than the slots: what has none waits in the list, and is served by whoever is free', async () => {
    let running = 0;
    let most = 0;
    const handle: Handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { done: true };
    };
    await replica(handle, neighbours, 8);
    const caller = await bus('caller', neighbours);
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, id) => codeOf(caller.call(id % 2 === 0 ? work : pay, { id }))));
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
    expect(most).toBeLessThanOrEqual(8);
    expect(await waitingInLanes()).toBe(0);
  });

  it('never takes more than the slots when its neighbour fills them while it asks Redis who it is', async () => {
    let running = 0;
    const gate = Promise.withResolvers<object>();
    const handle: Handle = async (_input, { pattern }) => {
      if (pattern === pay.key) return { done: true };
      running += 1;
      return gate.promise;
    };
    const [caller, outside] = [await bus('caller', neighbours), await bus('caller', undefined)];
    const calls: Promise<string>[] = [];
    const send = Wire.prototype.send;
    const sending = vi.spyOn(Wire.prototype, 'send').mockImplementation(function (this: Wire, ...command) {
      const answer = send.apply(this, command);
      if (command[0] === 'CLIENT' && this.isConnected && neighbours.has('work') && calls.length === 0)
        for (let id = 0; id < 6; id += 1) calls.push(codeOf(caller.call(work, { id })));
      return answer;
    });
    await replica(handle, neighbours, 8);
    // Its connections come back and it asks anew, unless it had to at first.
    await redis.withClient((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
    await eventually(() => calls.length > 0);
    for (let id = 0; id < 8; id += 1) calls.push(eventually(() => outside.call(work, { id: 100 + id }).then(() => 'ok')));
    await eventually(async () => (await waitingInLanes()) > 0);
    for (let id = 0; id < 5; id += 1) expect(await codeOf(outside.call(pay, { id }))).toBe('ok');
    // Six of its slots are for browsing.
    expect(running).toBe(6);
    sending.mockRestore();
    gate.resolve({ done: true });
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ok']));
  });

  it('of the checkout lane finds a slot while browsing holds all of its own', async () => {
    let begun = 0;
    const gate = Promise.withResolvers<void>();
    const handle: Handle = async (_input, { pattern }) => {
      if (pattern === work.key) {
        begun += 1;
        await gate.promise;
      }
      return { done: true };
    };
    await replica(handle, neighbours, 8);
    const caller = await bus('caller', neighbours);
    const browsing = Array.from({ length: 12 }, (_, id) => codeOf(caller.call(work, { id })));
    await eventually(async () => begun === 6);
    const before = await pushes();
    expect(await codeOf(caller.call(pay, { id: 100 }))).toBe('ok');
    expect(await pushes()).toBe(before);
    gate.resolve();
    expect(new Set(await Promise.all(browsing))).toEqual(new Set(['ok']));
  });

  it('goes to a replica outside when the one next door is busy or has closed', async () => {
    const gate = Promise.withResolvers<object>();
    let begun = 0;
    const inside = await replica(
      () => {
        begun += 1;
        return gate.promise;
      },
      neighbours,
      4,
    );
    const caller = await bus('caller', neighbours);
    const held = Array.from({ length: 3 }, (_, id) => caller.call(work, { id }));
    await eventually(async () => begun === 3);
    await replica(async () => ({ done: true }), undefined);
    expect(await caller.call(work, { id: 10 })).toEqual({ done: true });
    gate.resolve({ done: false });
    await Promise.all(held);
    await inside.close();
    opened.splice(opened.indexOf(inside), 1);
    expect(await caller.call(work, { id: 11 })).toEqual({ done: true });
  });
});
