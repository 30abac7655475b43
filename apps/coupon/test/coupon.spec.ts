import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import type { Coupon } from '#libs/contracts/coupon/views';
import { productApi } from '#libs/contracts/product/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { codeOf, patiently } from '#libs/testing/builders';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { BulkHandlers } from '../src/bulk.handlers.ts';
import { CouponModule } from '../src/coupon.module.ts';
import { CouponReactions } from '../src/coupon.reactions.ts';
import { CouponRetentionRepository } from '../src/coupon-retention.repository.ts';
import { HoldHandlers } from '../src/hold.handlers.ts';
import { basket, call, close, coupons, create, databaseUrl, hold, holds, open, replicas, usage, VARIANT } from './coupon-fixture.ts';

/** The coupon service on a real Postgres, two replicas of it where they could be in each other's way. */

beforeAll(open);
afterAll(close);

describe('a limit', () => {
  it('of 5 uses gives exactly 5 to 200 orders on two replicas', async () => {
    const coupon = await create({ usageLimit: 5 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const on = (replicas[index % 2] as NestFastifyApplication).get(HoldHandlers);
        const orderId = uuidv7();
        return patiently(() => hold(coupon.code, { on, orderId }));
      }),
    );
    expect(answers.filter(({ held }) => held)).toHaveLength(5);
    expect(answers.filter(({ held }) => !held).every(({ codeApplies }) => !codeApplies)).toBe(true);
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 5, limit: 5, spent: 50_000 });
  });

  it('in rupees is never exceeded by 200 orders at once', async () => {
    const coupon = await create({ budget: 77_777 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const on = (replicas[index % 2] as NestFastifyApplication).get(HoldHandlers);
        const orderId = uuidv7();
        return patiently(() => hold(coupon.code, { on, orderId }));
      }),
    );
    expect(answers.filter(({ held }) => held)).toHaveLength(7);
    expect((await usage(coupon)).spent).toBe(70_000);
  });

  it('for each user counts his orders alone, also at the same moment', async () => {
    const coupon = await create({ perUserLimit: 2 });
    const [one, other] = [uuidv7(), uuidv7()];
    const answers = await Promise.all([one, one, one, one, other].map((userId) => hold(coupon.code, { userId })));
    expect(answers.slice(0, 4).filter(({ held }) => held)).toHaveLength(2);
    expect(answers[4]?.held).toBe(true);
  });

  it('to a first order is one order, of however many codes', async () => {
    const userId = uuidv7();
    const codes = await Promise.all([create({ firstOrderOnly: true }), create({ firstOrderOnly: true }), create({ firstOrderOnly: true })]);
    const orders = codes.map(() => uuidv7());
    const answers = await Promise.all(codes.map(({ code }, index) => hold(code, { userId, orderId: orders[index] as string })));
    expect(answers.filter(({ held }) => held)).toHaveLength(1);
    const winner = orders[answers.findIndex(({ held }) => held)] as string;
    await holds.release({ orderId: winner });
    expect((await hold((codes[0] as Coupon).code, { userId })).held).toBe(true);
  });

  it('to a first order ends with a confirmed order, and begins anew when all of it went back', async () => {
    const [userId, orderId] = [uuidv7(), uuidv7()];
    const coupon = await create({ firstOrderOnly: true });
    const reactions = (replicas[0] as NestFastifyApplication).get(CouponReactions);
    const react = (work: (delivery: never) => Promise<void>) =>
      (replicas[0] as NestFastifyApplication)
        .get(Database)
        .transaction((transaction) => work({ eventId: uuidv7(), version: 1, requestId: 'r', transaction } as never));
    await react((delivery) => reactions.onOrderConfirmed([{ orderId, userId, cartVersion: null, lines: [] }], delivery));
    expect((await hold(coupon.code, { userId })).held).toBe(false);
    await react((delivery) => reactions.onOrderVoided({ orderId, userId }, delivery));
    expect((await hold(coupon.code, { userId })).held).toBe(true);
  });
});

describe('a hold', () => {
  it('is one however often it is asked for, redeemed once and given back once', async () => {
    const coupon = await create({ usageLimit: 1 });
    const orderId = uuidv7();
    const held = await Promise.all(Array.from({ length: 5 }, () => hold(coupon.code, { orderId })));
    expect(held.every((answer) => answer.held)).toBe(true);
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 1, spent: 10_000 });
    const redeemed = await Promise.all(Array.from({ length: 5 }, () => holds.commit({ orderId })));
    expect(redeemed.every((answer) => answer.redeemed)).toBe(true);
    expect(await usage(coupon)).toMatchObject({ used: 1, held: 0, spent: 10_000 });
    await Promise.all(Array.from({ length: 5 }, () => holds.release({ orderId })));
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 0, spent: 0 });
    expect((await hold(coupon.code)).held).toBe(true);
  });

  it('that comes after its release is refused, for good', async () => {
    const coupon = await create();
    const orderId = uuidv7();
    await holds.release({ orderId });
    expect((await hold(coupon.code, { orderId })).held).toBe(false);
    expect(await holds.commit({ orderId })).toEqual({ redeemed: false });
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 0, spent: 0 });
  });

  it('that was given back is taken again by late money if there is room, and otherwise not', async () => {
    const coupon = await create({ usageLimit: 1 });
    const [first, second] = [uuidv7(), uuidv7()];
    await hold(coupon.code, { orderId: first });
    await holds.release({ orderId: first });
    expect(await holds.commit({ orderId: first })).toEqual({ redeemed: true });
    await holds.release({ orderId: first });
    await hold(coupon.code, { orderId: second });
    expect(await holds.commit({ orderId: first })).toEqual({ redeemed: false });
    await holds.release({ orderId: second });
    expect(await holds.commit({ orderId: first })).toEqual({ redeemed: false });
    expect(await usage(coupon)).toMatchObject({ used: 0, held: 0, spent: 0 });
  });

  it('is refused with what holds now when the order was priced otherwise, and the refusal is kept', async () => {
    const coupon = await create();
    const orderId = uuidv7();
    const refused = { held: false, codeApplies: true, now: { lines: [{ variantId: VARIANT, discount: 10_000 }], code: 'applied' } };
    expect(await hold(coupon.code, { orderId, discount: 9_999 })).toMatchObject(refused);
    expect(await hold(coupon.code, { orderId })).toMatchObject(refused);
    expect(await usage(coupon)).toMatchObject({ held: 0, spent: 0 });
  });

  it('that its order forgot is released by the sweep', async () => {
    const coupon = await create();
    const orderId = uuidv7();
    await hold(coupon.code, { orderId });
    const database = (replicas[0] as NestFastifyApplication).get(Database);
    await database.execute(sql`UPDATE holds SET expires_at = now() - interval '599 seconds' WHERE order_id = ${orderId}`);
    await holds.sweep();
    expect((await usage(coupon)).held).toBe(1);
    await database.execute(sql`UPDATE holds SET expires_at = now() - interval '601 seconds' WHERE order_id = ${orderId}`);
    await holds.sweep();
    expect((await usage(coupon)).held).toBe(0);
  });

  it('finds what pricing and validating find, whatever the basket', async () => {
    for (let round = 0; round < 40; round += 1) {
      const coupon = await create(
        round % 2 === 0 ? { kind: 'percent', value: 1 + round } : { value: 1 + round * 3_000, maxDiscount: 1 + round * 2_000 },
      );
      const userId = uuidv7();
      const evaluated = await holds.evaluate(basket(coupon.code, userId));
      const verdict = await coupons.validate({ code: coupon.code, items: [{ variantId: VARIANT, quantity: 1 }] }, call(userId));
      expect(verdict.discount).toBe(evaluated.lines[0]?.discount);
      expect((await hold(coupon.code, { userId, discount: verdict.discount })).held).toBe(true);
    }
  });
});

describe('validate', () => {
  it('takes the cart unless items are given, and codes as people type them', async () => {
    const coupon = await create({ kind: 'percent', value: 10 });
    const verdict = await coupons.validate({ code: ` ${coupon.code.toLowerCase().slice(0, 4)} ${coupon.code.slice(4)}` }, call());
    expect(verdict).toEqual({ valid: true, discount: 20_000, lines: [{ variantId: VARIANT, discount: 20_000 }] });
  });

  it('tells strangers of unknown, expired, withdrawn and foreign codes the very same', async () => {
    const owner = uuidv7();
    const [expired, withdrawn, foreign, asleep] = await Promise.all([
      create({ startsAt: '2025-01-01T00:00:00.000Z', endsAt: '2025-01-02T00:00:00.000Z' }),
      create(),
      create({ userIds: [owner] }),
      create({ active: false }),
    ]);
    await coupons.remove({ id: (withdrawn as Coupon).id }, call(undefined, 'admin'));
    const codes = ['NO-SUCH-CODE', ...[expired, withdrawn, foreign, asleep].map((coupon) => (coupon as Coupon).code)];
    const verdicts = await Promise.all(codes.map((code) => coupons.validate({ code }, call())));
    for (const verdict of verdicts)
      expect(verdict).toEqual({ valid: false, discount: 0, lines: [{ variantId: VARIANT, discount: 0 }], reason: 'not_valid' });
    expect(await coupons.validate({ code: (foreign as Coupon).code }, call(owner))).toMatchObject({ valid: true });
  });
});

describe('the list', () => {
  it('shows live public ones, and own ones to their owner alone', async () => {
    const owner = uuidv7();
    const [open, own, hidden] = await Promise.all([create({ public: true }), create({ userIds: [owner] }), create()]);
    const seen = async (who: Call) => new Set((await coupons.list({ limit: 100 }, who)).items.map(({ id }) => id));
    const [asOwner, asStranger] = [await seen(call(owner)), await seen({ ...call(), actor: { kind: 'anonymous' } })];
    expect([asOwner.has(open.id), asOwner.has(own.id), asOwner.has(hidden.id)]).toEqual([true, true, false]);
    expect([asStranger.has(open.id), asStranger.has(own.id)]).toEqual([true, false]);
    const page = await coupons.list({ limit: 1 }, call());
    expect(page.items.every((coupon) => !('userIds' in coupon))).toBe(true);
  });

  it('shows admins all that are not withdrawn, with the users they name, by every filter', async () => {
    const tag = uuidv7().slice(-8).toUpperCase();
    const [asleep, over, percent, gone, early] = (await Promise.all([
      create({ code: `A${tag}`, active: false }),
      create({ code: `B${tag}`, startsAt: '2025-01-01T00:00:00.000Z', endsAt: '2025-01-02T00:00:00.000Z' }),
      create({ code: `C${tag}`, kind: 'percent', value: 5, userIds: [uuidv7()] }),
      create({ code: `D${tag}` }),
      create({ code: `E${tag}`, startsAt: '2098-01-01T00:00:00.000Z', endsAt: '2099-01-02T00:00:00.000Z' }),
    ])) as [Coupon, Coupon, Coupon, Coupon, Coupon];
    await coupons.remove({ id: gone.id }, call(undefined, 'admin'));
    const found = async (filters: object, who = call(undefined, 'admin')) =>
      (await coupons.list({ limit: 100, q: ` ${tag.toLowerCase()}\u200b`, ...filters }, who)).items
        .map(({ code }) => code.charAt(0))
        .sort();
    expect(await found({})).toEqual(['A', 'B', 'C', 'E']);
    expect(await found({ active: false })).toEqual(['A']);
    expect(await found({ kind: 'percent' })).toEqual(['C']);
    expect(await found({ time: 'over' })).toEqual(['B']);
    expect(await found({ time: 'scheduled' })).toEqual(['E']);
    expect(await found({ time: 'running', active: true })).toEqual(['C']);
    expect(await found({ automatic: true })).toEqual([]);
    expect(await found({}, call())).toEqual([]);
    expect(await found({}, call(undefined, 'support'))).toEqual([]);
    const { items } = await coupons.list({ limit: 1, q: percent.code }, call(undefined, 'admin'));
    expect(items[0]?.userIds).toHaveLength(1);
    expect([asleep.active, over.active, early.active]).toEqual([false, true, true]);
    const page = await coupons.list({ limit: 1, q: tag }, call(undefined, 'admin'));
    await expect(coupons.list({ limit: 1, cursor: String(page.nextCursor) }, call(undefined, 'admin'))).rejects.toThrow();
  });
});

describe('a withdrawn coupon', () => {
  it('frees its code, and the orders that used it keep their use', async () => {
    const first = await create({ code: `FREE-${uuidv7().slice(-8)}`, kind: 'fixed', value: 10_000 });
    const orderId = uuidv7();
    const userId = uuidv7();
    expect((await hold(first.code, { orderId, userId })).held).toBe(true);
    await coupons.remove({ id: first.id }, call(undefined, 'admin'));
    const second = await create({ code: first.code, kind: 'percent', value: 50 });
    expect(await codeOf(create({ code: first.code }))).toBe('coupon.code_taken');
    expect(await holds.commit({ orderId })).toEqual({ redeemed: true });
    expect((await coupons.redeem({ code: first.code, orderId }, call(userId))).discount).toBe(10_000);
    expect(await coupons.validate({ code: first.code }, call())).toMatchObject({ valid: true, discount: 100_000 });
    expect([(await usage(first)).used, (await usage(second)).used]).toEqual([1, 0]);
  });
});

describe('what cannot be seen in a code', () => {
  it.each(['\u200b', '\u00ad', '\ufeff', '\u2060', '\u200e'])('does not count where it is looked up or made: %j', async (hidden) => {
    const name = `HID${uuidv7().slice(-8)}`.toUpperCase();
    const coupon = await create({ code: `${name.slice(0, 4)}${hidden}${name.slice(4)}` });
    expect(coupon.code).toBe(name);
    expect(await coupons.validate({ code: `${hidden}${name}${hidden}` }, call())).toMatchObject({ valid: true });
  });
});

describe('retention', () => {
  it('removes ended holds, what was heard of orders and finished jobs after 400 days, and nothing that counts', async () => {
    const coupon = await create();
    const [old, recent, redeemed] = [uuidv7(), uuidv7(), uuidv7()];
    for (const orderId of [old, recent, redeemed]) await hold(coupon.code, { orderId });
    for (const orderId of [old, recent]) await holds.release({ orderId });
    await holds.commit({ orderId: redeemed });
    const client = new pg.Client(databaseUrl());
    await client.connect();
    try {
      await client.query(`UPDATE holds SET created_at = now() - interval '401 days' WHERE order_id IN ($1, $2)`, [old, redeemed]);
      await client.query(
        `INSERT INTO heard_orders (order_id, counted, heard_at) VALUES ($1, true, now() - interval '401 days'), ($2, true, now())`,
        [old, recent],
      );
      await client.query(
        `INSERT INTO bulk_jobs (id, template, prefix, count, done, created_at) VALUES ($1, '{}', '', 1, 1, now() - interval '401 days')`,
        [old],
      );
      const [replica] = replicas as [NestFastifyApplication];
      await replica.get(CouponRetentionRepository).removeOld();
      await replica.get(Sweeper).sweep();
      const left = async (table: string, key = 'order_id') =>
        (await client.query(`SELECT ${key} AS id FROM ${table} WHERE ${key} IN ($1, $2, $3) ORDER BY 1`, [old, recent, redeemed])).rows.map(
          ({ id }) => id,
        );
      expect(await left('holds')).toEqual([recent, redeemed].sort());
      expect(await left('hold_uses')).toEqual([recent, redeemed].sort());
      expect(await left('heard_orders')).toEqual([recent]);
      expect(await left('bulk_jobs', 'id')).toEqual([]);
      expect((await usage(coupon)).used).toBe(1);
    } finally {
      await client.end();
    }
  });
});

describe('admins', () => {
  it('get one coupon for one key, and no second one of a code', async () => {
    const key = uuidv7();
    const terms = {
      kind: 'fixed',
      value: 1,
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2030-01-01T00:00:00.000Z',
      code: `same ${key.slice(-8)}`,
    } as const;
    const admin = call(undefined, 'admin', key);
    const made = await Promise.all(Array.from({ length: 3 }, () => coupons.create(terms, admin)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await codeOf(coupons.create(terms, call(undefined, 'admin')))).toBe('coupon.code_taken');
  });

  it('change and withdraw; unknown ones are not found', async () => {
    const coupon = await create({ minSubtotal: 500 });
    expect(await coupons.update({ id: coupon.id, value: 20_000, minSubtotal: null }, call(undefined, 'admin'))).toMatchObject({
      value: 20_000,
    });
    expect('minSubtotal' in (await coupons.update({ id: coupon.id, active: false }, call(undefined, 'admin')))).toBe(false);
    await coupons.remove({ id: coupon.id }, call(undefined, 'admin'));
    expect(await codeOf(coupons.remove({ id: coupon.id }, call(undefined, 'admin')))).toBe('not_found');
    expect(await codeOf(coupons.update({ id: uuidv7(), value: 1 }, call(undefined, 'admin')))).toBe('not_found');
    expect(await codeOf(coupons.usage({ id: uuidv7(), limit: 20 }))).toBe('not_found');
  });
});

describe('redeem', () => {
  it('answers the redemption of an own order placed with the code, the same each time, and nobody else', async () => {
    const coupon = await create();
    const [userId, orderId] = [uuidv7(), uuidv7()];
    await hold(coupon.code, { orderId, userId });
    const redeem = (who: string, code = coupon.code) => coupons.redeem({ code, orderId }, call(who));
    const [one, two] = [await redeem(userId), await redeem(userId)];
    expect(one).toEqual(two);
    expect(one.discount).toBe(10_000);
    expect(await codeOf(redeem(uuidv7()))).toBe('coupon.not_applicable');
    expect(await codeOf(redeem(userId, 'OTHER'))).toBe('coupon.not_applicable');
  });
});

describe('a bulk job', () => {
  it('makes 100,000 codes that differ, with its progress, also where a replica stops in the middle', async () => {
    const third = await startTestService({
      service: 'coupon',
      module: CouponModule,
      databaseUrl: databaseUrl(),
      redisUrl: process.env.TEST_REDIS_URL ?? '',
      peers: [fakePeer(cartApi, {}), fakePeer(productApi, {})],
    });
    const template = { kind: 'fixed', value: 5_000, startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2030-01-01T00:00:00.000Z' } as const;
    const { id } = await third.get(BulkHandlers).createBulk({ count: 100_000, prefix: 'diwali', template }, call(undefined, 'admin'));
    const bulk = (replicas[0] as NestFastifyApplication).get(BulkHandlers);
    const progress = () => bulk.bulk({ id });
    while ((await progress()).done < 4_000) await new Promise((resolve) => setTimeout(resolve, 20));
    await third.close();
    const database = (replicas[0] as NestFastifyApplication).get(Database);
    const stopped = await progress();
    expect(stopped).toMatchObject({ status: 'running', count: 100_000 });
    expect(await codeOf(bulk.bulkCodes({ id }))).toBe('not_found');
    await database.execute(sql`UPDATE bulk_jobs SET leased_until = now()`);
    while ((await progress()).status !== 'done') await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await progress()).toEqual({ status: 'done', count: 100_000, done: 100_000, url: `/api/coupons/bulk/${id}/codes` });
    const { body } = await bulk.bulkCodes({ id });
    const chunks: string[] = [];
    for await (const chunk of body as NodeJS.ReadableStream) chunks.push(String(chunk));
    const [head, ...codes] = chunks.join('').trimEnd().split('\n');
    expect([head, codes.length, new Set(codes).size]).toEqual(['code', 100_000, 100_000]);
    const code = codes[0] as string;
    expect(code).toMatch(/^DIWALI[2-9A-HJ-NP-Z]{13}$/);
    expect((await hold(code, { discount: 5_000 })).held).toBe(true);
    expect((await hold(code, { discount: 5_000 })).held).toBe(false);
  }, 120_000);
});
