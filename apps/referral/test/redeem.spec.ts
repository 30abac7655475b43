import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { eventually, codeOf as outcomeOf } from '#libs/testing/builders';
import { VisitRepository } from '../src/visit.repository.ts';
import {
  anOrder,
  atRest,
  away,
  by,
  close,
  codeOf,
  codes,
  couponsOf,
  database,
  disable,
  erase,
  facts,
  gone,
  open,
  ownOf,
  people,
  redeem,
  redeeming,
  register,
  replica,
  sameContacts,
  seeDevice,
  standing,
  statusOf,
} from './referral-fixture.ts';

/** Codes, and joining by them. */
beforeAll(() => open({ REFERRAL_WINDOW_SECONDS: '3600', REFERRAL_HOLD_PER_DAY: '1000' }));
afterAll(close);

const DEVICE = 'device-0123456789';
const visitor = (): string => uuidv7();

describe('a code', () => {
  it('is one a user, of nine clear characters, whoever asks at once', async () => {
    const userId = uuidv7();
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => codes(index % 2).generate({ userId })));
    expect(new Set(asked.map(({ code }) => code)).size).toBe(1);
    const code = await codeOf(userId);
    expect(code).toMatch(/^[ABCDEFGHJKMNPQRSTVWXYZ23456789]{9}$/);
    expect(asked[0]?.url).toMatch(new RegExp(`/demo\\?ref=${code}$`));
  });

  it('tells the first name and what there is, however it is written', async () => {
    const userId = uuidv7();
    people.set(userId, { name: 'Meera Joshi' });
    const code = await codeOf(userId);
    const written = `${code.slice(0, 3).toLowerCase()}-${code.slice(3, 6)} – ${code.slice(6)}`;
    expect(await codes().validate({ code: written })).toEqual({
      valid: true,
      referrerName: 'Meera',
      welcome: { kind: 'fixed', value: 10_000 },
    });
  });

  it('that is unknown, of a disabled or of an erased user has one answer', async () => {
    const [disabled, erased] = [uuidv7(), uuidv7()];
    const [one, other] = [await codeOf(disabled), await codeOf(erased)];
    await disable(disabled);
    await erase(erased);
    for (const code of ['ABCDEFGHJ', one, other]) expect(await codes().validate({ code })).toEqual({ valid: false });
    expect(await outcomeOf(redeeming().redeem({ code: one }, by(uuidv7())))).toBe('referral.not_valid');
    await disable(disabled, false, 2);
    expect((await codes().validate({ code: one })).valid).toBe(true);
    await disable(disabled, true, 1);
    expect((await codes().validate({ code: one })).valid).toBe(true);
    expect(await outcomeOf(codes().generate({ userId: erased }))).toBe('unauthenticated');
  });

  it('counts each visitor once, and nobody for a code that is not there', async () => {
    const userId = uuidv7();
    const code = await codeOf(userId);
    const visitorId = visitor();
    await Promise.all(Array.from({ length: 10 }, (_, index) => codes(index % 2).visit({ code: code.toLowerCase(), visitorId })));
    await codes().visit({ code, visitorId: visitor() });
    await codes().visit({ code: 'ABCDEFGHJ', visitorId: visitor() });
    expect((await standing().stats({ userId })).invited).toBe(2);
  });
});

describe('redeeming', () => {
  it('takes a code or a visitor, not both and not neither', async () => {
    const both = { code: await codeOf(uuidv7()), visitorId: visitor() };
    for (const input of [{}, both]) expect(await outcomeOf(redeeming().redeem(input, by(uuidv7())))).toBe('validation_failed');
  });

  it('makes one referral, which only its friend sees', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    const referral = await redeem(referrer, friend);
    expect(referral).toEqual({ referralId: expect.any(String), status: 'joined', welcomeCoupon: null });
    expect((await ownOf(friend)).referralId).toBe(referral.referralId);
    expect(await outcomeOf(ownOf(referrer))).toBe('not_found');
  });

  it('keeps to one referrer, of many at once on two replicas', async () => {
    const friend = uuidv7();
    const given = await Promise.all(Array.from({ length: 10 }, () => codeOf(uuidv7())));
    const outcomes = await Promise.all(given.map((code, index) => outcomeOf(redeeming(index % 2).redeem({ code }, by(friend)))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'referral.already_redeemed')).toHaveLength(9);
  });

  it('makes one of a request that comes twice with its key', async () => {
    const [code, friend] = [await codeOf(uuidv7()), uuidv7()];
    const answers = await Promise.all([0, 1].map((index) => redeeming(index).redeem({ code }, by(friend, { key: 'once' }))));
    expect(answers[1]?.referralId).toBe(answers[0]?.referralId);
  });

  it('by a visitor takes the link that they came by first, or last where the shop says so', async () => {
    const [first, last, visitorId, friend] = [uuidv7(), uuidv7(), visitor(), uuidv7()];
    for (const userId of [first, last, first, last]) await codes().visit({ code: await codeOf(userId), visitorId });
    expect(await replica().get(VisitRepository).referrerOf(visitorId, 'last')).toBe(last);
    await redeeming().redeem({ visitorId }, by(friend));
    expect((await standing().stats({ userId: first })).joined).toBe(1);
    expect(await outcomeOf(redeeming().redeem({ visitorId: visitor() }, by(uuidv7())))).toBe('referral.not_valid');
  });

  it('refuses in one order: what is no code, oneself, what was redeemed, who is no new customer', async () => {
    const [referrer, other, friend] = [uuidv7(), uuidv7(), uuidv7()];
    expect(await outcomeOf(redeem(friend, friend))).toBe('referral.self');
    await redeem(referrer, friend);
    facts.set(friend, [anOrder(friend, 1)]);
    sameContacts.add(`${friend} ${other}`);
    expect(await outcomeOf(redeeming().redeem({ code: 'ABCDEFGHJ' }, by(friend)))).toBe('referral.not_valid');
    expect(await outcomeOf(redeem(other, friend))).toBe('referral.self');
    expect(await outcomeOf(redeem(referrer, friend))).toBe('referral.already_redeemed');
    const buyer = uuidv7();
    facts.set(buyer, [anOrder(buyer, 1, { status: 'cancelled' })]);
    expect(await outcomeOf(redeem(referrer, buyer))).toBe('referral.not_new');
    const old = uuidv7();
    people.set(old, { createdAt: new Date(Date.now() - 3_601_000).toISOString() });
    expect(await outcomeOf(redeem(referrer, old))).toBe('referral.not_new');
  });

  it('refuses a referrer on the same device, by every way that it was seen', async () => {
    const referrer = uuidv7();
    await seeDevice(referrer, DEVICE);
    expect(await outcomeOf(redeem(referrer, uuidv7(), DEVICE))).toBe('referral.self');
    const seen = uuidv7();
    await seeDevice(seen, DEVICE);
    expect(await outcomeOf(redeem(referrer, seen))).toBe('referral.self');
    expect(await outcomeOf(redeem(referrer, uuidv7(), 'device-of-another-1'))).toBe('ok');
    expect(JSON.stringify(await database.rows(sql`SELECT * FROM devices`))).not.toContain(DEVICE);
  });

  it('is 503 while auth or order is away, and nothing is kept', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    for (const service of ['auth', 'order'] as const) {
      away.add(service);
      expect(await outcomeOf(redeem(referrer, friend))).toBe('unavailable');
      away.delete(service);
    }
    expect(await outcomeOf(redeem(referrer, friend))).toBe('ok');
  });

  it('finds an order that was confirmed while the join was made', async () => {
    const friend = uuidv7();
    await redeem(uuidv7(), friend);
    facts.set(friend, [anOrder(friend, 1)]);
    await database.transaction(async (transaction) =>
      transaction.send(sql`INSERT INTO tasks (id, kind, subject_id) SELECT gen_random_uuid(), 'facts', id FROM referrals WHERE referee_id = ${friend}
        ON CONFLICT (kind, subject_id) DO UPDATE SET asked = tasks.asked + 1, due_at = now()`),
    );
    await eventually(async () => (await statusOf(friend)) === 'ordered');
  });
});

describe('a code of a registration', () => {
  it('is redeemed as of then, also when others were away and something was bought meanwhile', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    const at = new Date(Date.now() - 1_000).toISOString();
    people.set(friend, { verified: false });
    away.add('order').add('auth');
    await register({ userId: friend, referralCode: ` ${(await codeOf(referrer)).toLowerCase()}`, deviceId: DEVICE, at });
    facts.set(friend, [anOrder(friend, 1)]);
    away.clear();
    await eventually(async () => (await statusOf(friend)) === 'ordered');
    expect((await standing().friends({ userId: referrer, limit: 20 })).items[0]?.joinedAt).toBe(at);
    expect(couponsOf(friend)).toEqual([]);
  });

  it('that does not apply is kept silent', async () => {
    const [friend, alike] = [uuidv7(), uuidv7()];
    await seeDevice(alike, 'device-of-a-family-1');
    await register({ userId: friend, referralCode: 'not a code at all' });
    await register({ userId: uuidv7(), referralCode: await codeOf(alike), deviceId: 'device-of-a-family-1' });
    await atRest();
    expect(await outcomeOf(ownOf(friend))).toBe('not_found');
    expect((await standing().stats({ userId: alike })).joined).toBe(0);
  });

  it('comes before another that the same user redeems at once', async () => {
    const [referrer, other, friend] = [uuidv7(), uuidv7(), uuidv7()];
    await register({ userId: friend, referralCode: await codeOf(referrer) }, 1);
    expect(await outcomeOf(redeem(other, friend))).toBe('referral.already_redeemed');
    expect((await standing().stats({ userId: referrer })).joined).toBe(1);
  });

  it('of somebody who was erased meanwhile is dropped', async () => {
    const [referrer, friend] = [uuidv7(), uuidv7()];
    const code = await codeOf(referrer);
    await erase(friend);
    gone.add(friend);
    await register({ userId: friend, referralCode: code });
    await atRest();
    expect((await standing().stats({ userId: referrer })).joined).toBe(0);
  });
});
