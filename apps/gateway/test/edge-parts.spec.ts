import { hash } from 'node:crypto';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { referralApi } from '#libs/contracts/referral/api';
import { Seals } from '#libs/messaging/seals';
import { Rounds } from '#libs/runtime/rounds';
import { codeOf, inTheEnd } from '#libs/testing/builders';
import { gatewayEnv } from '../src/gateway.env.ts';
import { HotReads } from '../src/hot-reads.ts';
import { type Answer, Idempotency, type KeyedRequest, type Running } from '../src/idempotency.ts';
import { RateLimits } from '../src/rate-limits.ts';

/** The parts of the edge that gateways share through Redis, two of each as two replicas have them. */

let redis: Redis;
beforeAll(() => {
  redis = new Redis(process.env.TEST_REDIS_URL ?? '');
});
afterAll(() => redis.disconnect());

describe('rate limits', () => {
  // A window that is all this suite's: nobody else lives at that time.
  const start = 60_000 * Math.floor(4e12 / 60_000 + Math.random() * 1e6);
  let now = start;
  const bus = { clock: { now: () => now } } as never;
  const replica = (connection = redis): RateLimits =>
    new RateLimits(
      connection,
      bus,
      new Rounds(pino({ level: 'silent' })),
      gatewayEnv.read({ RATE_LIMIT_READS: '100', RATE_LIMIT_CALLS: '40', RATE_LIMIT_SIGN_IN: '10', RATE_LIMIT_CODES: '5' }),
    );
  const { list } = productApi.operations;

  it('hold over all gateways, and begin anew with the next minute', async () => {
    const [one, two] = [replica(), replica()];
    const address = uuidv7();
    const ask = async (): Promise<string[]> => {
      const outcomes: string[] = [];
      for (let index = 0; index < 100; index += 1)
        outcomes.push(await codeOf(() => one.admit(list, address, undefined)), await codeOf(() => two.admit(list, address, undefined)));
      return outcomes;
    };
    const outcomes = await ask();
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(100);
    expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(100);
    now += 60_000;
    expect((await ask()).filter((outcome) => outcome === 'ok')).toHaveLength(100);
  });

  it('take the addresses of one network of IPv6 for one, for anybody has as many as they like', async () => {
    const limits = replica();
    const network = `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}:${Math.floor(Math.random() * 65_536).toString(16)}`;
    const outcomes: string[] = [];
    for (let index = 0; index < 12; index += 1)
      outcomes.push(await codeOf(() => limits.admit(authApi.operations.login, `${network}::${index}`, undefined)));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(10);
  });

  it('say when to come again', async () => {
    now = start + 45_000;
    const limits = replica();
    const address = uuidv7();
    const refusal = await (async () => {
      for (let index = 0; index < 50; index += 1) await limits.admit(authApi.operations.login, address, undefined);
    })().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfter: 15 });
  });

  it('count a signed-in caller by account, whatever address it comes from', async () => {
    const limits = replica();
    const user = uuidv7();
    const outcomes: string[] = [];
    for (let index = 0; index < 50; index += 1)
      outcomes.push(await codeOf(() => limits.admit(authApi.operations.me, `10.0.0.${index}`, user)));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(40);
  });

  it('let few coupon codes be tried, and everything else go on', async () => {
    const limits = replica();
    const user = uuidv7();
    const { validate } = couponApi.operations;
    const outcomes: string[] = [];
    for (let index = 0; index < 10; index += 1)
      outcomes.push(await codeOf(() => limits.admit(index % 2 === 0 ? validate : cartApi.operations.setCoupon, '10.0.0.1', user)));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(5);
    expect(await codeOf(() => limits.admit(cartApi.operations.addItem, '10.0.0.1', user))).toBe('ok');
  });

  it('let few codes of friends be tried from an address or by a caller, by a link too', async () => {
    const limits = replica();
    const { validate, visit, redeem } = referralApi.operations;
    const tried = async (asked: () => Promise<void> | undefined): Promise<number> => {
      const outcomes: string[] = [];
      for (let index = 0; index < 10; index += 1) outcomes.push(await codeOf(asked));
      return outcomes.filter((outcome) => outcome === 'ok').length;
    };
    for (const operation of [validate, visit]) {
      const address = uuidv7();
      expect(limits.takesAtOnce(operation, address)).toBe(false);
      expect(await tried(() => limits.admit(operation, address, undefined))).toBe(5);
    }
    const user = uuidv7();
    expect(await tried(() => limits.admit(redeem, uuidv7(), user))).toBe(5);
  });

  it('let an order try no more codes than the cart, whatever its body looks like', async () => {
    const limits = replica();
    const user = uuidv7();
    const { place } = orderApi.operations;
    const trying = Buffer.from(String.raw`{"coupon\u0043ode":"GUESS"}`);
    const outcomes: string[] = [];
    for (let index = 0; index < 10; index += 1) outcomes.push(await codeOf(() => limits.admit(place, '10.0.0.1', user, trying)));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(5);
    for (const body of [Buffer.from('{"paymentMethod":"cod"}'), Buffer.from('not JSON'), undefined])
      expect(await codeOf(() => limits.admit(place, '10.0.0.1', user, body))).toBe('ok');
  });

  it('never bind a provider’s callback', async () => {
    const limits = replica();
    for (let index = 0; index < 500; index += 1) expect(limits.admit(paymentApi.operations.webhook, '10.0.0.1', undefined)).toBeUndefined();
  });

  it('without Redis let people read, and nobody sign in', async () => {
    const gone = new Redis({ port: 1, enableOfflineQueue: false, retryStrategy: () => null });
    gone.on('error', () => undefined);
    const limits = replica(gone);
    expect(await codeOf(() => limits.admit(list, uuidv7(), undefined))).toBe('ok');
    expect(await codeOf(() => limits.admit(authApi.operations.login, uuidv7(), undefined))).toBe('unavailable');
  });
});

describe('hot reads', () => {
  let changed: () => void = () => undefined;
  const signals = {
    on: (definition: unknown, listener: () => void) => {
      if (definition === productApi.signals.changed) changed = listener;
    },
  } as never;
  const later =
    (text: string, gate: Promise<void> = Promise.resolve()) =>
    async (): Promise<Buffer> => {
      await gate;
      return Buffer.from(text);
    };

  it('turn 500 identical reads into one call', async () => {
    const hot = new HotReads(signals);
    let calls = 0;
    const answers = await Promise.all(
      Array.from({ length: 500 }, () =>
        hot.get('list', async () => {
          calls += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
          return Buffer.from('{}');
        }),
      ),
    );
    expect([calls, new Set(answers.map(({ version }) => version)).size]).toEqual([1, 1]);
  });

  it('are dropped when the catalogue changes, also those on their way', async () => {
    const hot = new HotReads(signals);
    await hot.get('detail', later('old'));
    expect((await hot.get('detail', later('new'))).content.body.toString()).toBe('old');
    changed();
    expect((await hot.get('detail', later('new'))).content.body.toString()).toBe('new');

    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    changed();
    const onItsWay = hot.get('detail', later('read before the edit', gate));
    changed();
    open();
    await onItsWay;
    expect((await hot.get('detail', later('after the edit'))).content.body.toString()).toBe('after the edit');
  });

  it('do not keep a failure', async () => {
    const hot = new HotReads(signals);
    await expect(hot.get('x', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect((await hot.get('x', later('back'))).content.body.toString()).toBe('back');
  });
});

describe('idempotency keys at the edge', () => {
  const seals = new Seals({ present: 'a bus secret of this suite, long enough' });
  const answer = (status: number): Answer => ({ status, contentType: 'application/json', body: Buffer.from(`{"status":${status}}`) });
  const request = (key: string, body = '{}'): KeyedRequest => ({
    key,
    route: 'POST /api/orders',
    bodyHash: hash('sha256', body, 'base64url'),
  });

  const running = { mark: expect.stringMatching(/^running /) };
  /** Begins a request that is to run. */
  async function begun(keys: Idempotency, user: string, keyed: KeyedRequest): Promise<Running> {
    const first = await keys.begin(user, keyed, 5_000);
    if (!('mark' in first)) throw new Error(`it was answered before: ${first.status}`);
    return first;
  }
  const answered = async (keys: Idempotency, user: string, keyed: KeyedRequest, status: number): Promise<void> =>
    keys.finish(user, keyed, await begun(keys, user, keyed), answer(status));
  const bodyOf = (replayed: Answer | Running): string | undefined => ('body' in replayed ? replayed.body.toString() : undefined);

  it('run a request once, refuse it while it runs, replay it afterwards; on either gateway', async () => {
    const [one, two] = [new Idempotency(redis, { seals }), new Idempotency(redis, { seals })];
    const [user, key] = [uuidv7(), request(uuidv7())];
    const first = await begun(one, user, key);
    expect(await codeOf(() => two.begin(user, key, 5_000))).toBe('idempotency_in_flight');
    await one.finish(user, key, first, answer(201));
    expect(await two.begin(user, key, 5_000)).toEqual(answer(201));
  });

  it('keep what another request has put there since the first one’s mark was evicted', async () => {
    const keys = new Idempotency(redis, { seals });
    const [user, key] = [uuidv7(), request(uuidv7())];
    const evict = async (): Promise<void> => void (await redis.del(await redis.keys(`idempotency:answer:${user}:*`)));
    const first = await begun(keys, user, key);
    await evict();
    const second = await begun(keys, user, key);
    // Neither the failure nor the answer of the first is the second one's.
    for (const status of [503, 409]) {
      await keys.finish(user, key, first, answer(status));
      expect(await codeOf(() => keys.begin(user, key, 5_000))).toBe('idempotency_in_flight');
    }
    await keys.finish(user, key, second, answer(201));
    for (const status of [503, 409]) {
      await keys.finish(user, key, first, answer(status));
      expect(bodyOf(await keys.begin(user, key, 5_000))).toBe('{"status":201}');
    }
    await evict();
    await keys.finish(user, key, first, answer(409));
    expect(bodyOf(await keys.begin(user, key, 5_000))).toBe('{"status":409}');
  });

  it('are refused with another body, while the first runs and afterwards', async () => {
    const keys = new Idempotency(redis, { seals });
    const [user, key] = [uuidv7(), uuidv7()];
    const first = await begun(keys, user, request(key));
    expect(await codeOf(() => keys.begin(user, request(key, '{"other":1}'), 5_000))).toBe('idempotency_key_reused');
    await keys.finish(user, request(key), first, answer(201));
    expect(await codeOf(() => keys.begin(user, request(key, '{"other":1}'), 5_000))).toBe('idempotency_key_reused');
  });

  it('run an upload alone, and let the next one in soon after a gateway that died with one', async () => {
    const [one, two] = [new Idempotency(redis, { seals }), new Idempotency(redis, { seals })];
    const [user, key] = [uuidv7(), request(uuidv7())];
    const { promise: sent, resolve: end } = Promise.withResolvers<void>();
    const first = one.runUnread(user, key, () => sent);
    await inTheEnd(async () => expect(await redis.keys(`idempotency:answer:${user}:*`)).toHaveLength(1));
    expect(await codeOf(() => two.runUnread(user, key, async () => undefined))).toBe('idempotency_in_flight');
    const [mark = ''] = await redis.keys(`idempotency:answer:${user}:*`);
    expect(await redis.pttl(mark)).toBeLessThanOrEqual(15_000);
    end();
    await first;
    expect(await codeOf(() => two.runUnread(user, key, async () => undefined))).toBe('ok');
  });

  it('belong to their user and route', async () => {
    const keys = new Idempotency(redis, { seals });
    const key = uuidv7();
    await answered(keys, 'one', request(key), 201);
    expect(await keys.begin('two', request(key), 5_000)).toEqual(running);
    expect(await keys.begin('one', { ...request(key), route: 'POST /api/other' }, 5_000)).toEqual(running);
  });

  it('believe no answer that was put in, changed or moved to another caller in Redis', async () => {
    const keys = new Idempotency(redis, { seals });
    const [user, key] = [uuidv7(), request(uuidv7())];
    await answered(keys, user, key, 201);
    const [place = ''] = await redis.keys(`idempotency:answer:${user}:*`);
    const kept = (await redis.get(place)) ?? '';
    await redis.set(place.replace(user, 'another'), kept);
    expect(await keys.begin('another', key, 5_000)).toEqual(running);
    for (const foreign of [kept.replace('201', '202'), 'junk', '', '{}', 'null\n', '{}\n{}']) {
      await redis.set(place, foreign);
      const first = await begun(keys, user, key);
      expect(await codeOf(() => keys.begin(user, key, 5_000))).toBe('idempotency_in_flight');
      await keys.finish(user, key, first, answer(503));
    }
  });

  it.each([401, 403, 429, 500, 503])('do not keep a %i: repeating it is safe', async (status) => {
    const keys = new Idempotency(redis, { seals });
    const [user, key] = [uuidv7(), request(uuidv7())];
    await answered(keys, user, key, status);
    expect(await keys.begin(user, key, 5_000)).toEqual(running);
  });
});
