import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import type { Refusal } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { aCall, codeOf, eventually, patiently } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountHandlers } from '../src/account.handlers.ts';
import { OtpHandlers } from '../src/otp.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, claimsIn, eventsOf, newAddress, newKey, PASSWORD, secretIn } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let otp: OtpHandlers;
let last = 0;
let ip = '';

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  otp = app.get(OtpHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});
/** Each test comes from a network of its own, for they are limited. */
beforeEach(() => {
  last += 1;
  ip = `10.40.${last}.1`;
});

/** A number of a block that no other has. */
const newPhone = (): string => {
  last += 1;
  return `+91${9_000_000_000 + last * 10_000}`;
};
const from = (device?: string, agent = 'suite'): Call => aCall({ client: { ip, agent, ...(device === undefined ? {} : { device }) } });
const register = (phone?: string): Promise<Issued> =>
  app
    .get(SignInHandlers)
    .register({ email: newAddress(), password: PASSWORD, name: 'Asha', ...(phone === undefined ? {} : { phone }) }, anonymous());
const codesTo = async (phone: string): Promise<string[]> =>
  (await eventsOf(database, authApi.events.messageDue, { to: phone })).filter(({ template }) => template === 'otp').map(secretIn);

interface Sent {
  readonly requestId: string;
  readonly phone: string;
  readonly code: string;
}
const passes = (phone: string, interval: string): Promise<number> =>
  database.execute(sql`UPDATE one_time_codes SET created_at = created_at - ${interval}::interval WHERE phone = ${phone}`);
/** A code that has arrived; `as` a user, to attach the number. */
const send = async (phone: string, who?: Issued): Promise<Sent> => {
  const before = (await codesTo(phone)).length;
  await passes(phone, '2 minutes');
  const { requestId } = await otp.sendOtp(
    { phone, purpose: who === undefined ? 'login' : 'verify' },
    who === undefined ? from() : { ...as(who), client: { ip, agent: 'suite' } },
  );
  const code = await eventually(async () => {
    const codes = await codesTo(phone);
    return codes.length > before ? codes[0] : undefined;
  });
  return { requestId, phone, code };
};
const verify = (sent: Sent, call = from(), name?: string) =>
  otp.verifyOtp({ ...sent, ...(name === undefined ? {} : { name }) }, call) as Promise<Issued>;
const wrong = ({ code }: Sent): string => (code === '000000' ? '111111' : '000000');
const enter = async (phone: string, call = from()): Promise<Issued> => verify(await send(phone), call);

describe('a code by SMS', () => {
  it('makes an unknown number a new customer, whose number is proved, and signs them in the next time', async () => {
    const phone = newPhone();
    const first = await verify(await send(phone), from(), 'Meera');
    expect(first.user).toMatchObject({ phone, phoneVerified: true, name: 'Meera', email: null, roles: ['customer'] });
    const again = await enter(phone);
    expect([again.user.id, again.user.name]).toEqual([first.user.id, 'Meera']);
    expect(claimsIn(again).sessionId).not.toBe(claimsIn(first).sessionId);
  });

  it('is answered alike for a known and an unknown number, and is kept only as a keyed hash', async () => {
    const known = newPhone();
    await enter(known);
    await passes(known, '2 minutes');
    const answers = [await otp.sendOtp({ phone: known }, from()), await otp.sendOtp({ phone: newPhone() }, from())];
    for (const answer of answers) expect(answer).toEqual({ requestId: expect.any(String), expiresIn: 300, resendAfter: 30 });
    const { requestId, code } = await send(newPhone());
    const row = await database.row<{ code_hash: string }>(sql`SELECT code_hash FROM one_time_codes WHERE id = ${requestId}`);
    expect(row?.code_hash).toMatch(/^[\w-]{43}$/);
    expect(row?.code_hash).not.toContain(code);
  });

  it('says whose the number is, unless nobody has proved it of late', async () => {
    const reader = async (phone: string) => (await eventsOf(database, authApi.events.messageDue, { to: phone }))[0]?.userId;
    const [known, unknown] = [newPhone(), newPhone()];
    const { user } = await enter(known);
    await send(known);
    await send(unknown);
    expect([await reader(known), await reader(unknown)]).toEqual([user.id, undefined]);
    await database.execute(sql`UPDATE users SET phone_proved_at = now() - interval '91 days' WHERE id = ${user.id}`);
    await send(known);
    expect(await reader(known)).toBeUndefined();
    const claimed = await register(newPhone());
    await send(claimed.user.phone ?? '');
    expect(await reader(claimed.user.phone ?? '')).toBeUndefined();
    const caller = await register();
    await send(unknown, caller);
    expect(await reader(unknown)).toBe(caller.user.id);
  });

  it('opens one session, though it is given right fifty times at once', async () => {
    const sent = await send(newPhone());
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(patiently(() => verify(sent)))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'auth.bad_code')).toHaveLength(49);
    const made = await database.row<{ count: number }>(
      sql`SELECT count(*) AS count FROM sessions JOIN users ON users.id = user_id WHERE phone = ${sent.phone}`,
    );
    expect(made?.count).toBe(1);
  });

  it('is dead after five wrong tries, also when they come at once', async () => {
    const sent = await send(newPhone());
    await Promise.all(Array.from({ length: 5 }, () => codeOf(verify({ ...sent, code: wrong(sent) }))));
    expect(await codeOf(verify(sent))).toBe('auth.bad_code');
    const good = await send(newPhone());
    for (let tries = 0; tries < 4; tries += 1) expect(await codeOf(verify({ ...good, code: wrong(good) }))).toBe('auth.bad_code');
    expect(await codeOf(verify(good))).toBe('ok');
  });

  it('is good for its request and its number alone, until it is over or another was sent; every failure reads the same', async () => {
    const [phone, other] = [newPhone(), newPhone()];
    const old = await send(phone);
    const sent = await send(phone);
    const elsewhere = await send(other);
    const refusals: unknown[] = [];
    for (const attempt of [
      old,
      { ...sent, requestId: uuidv7() },
      { ...sent, phone: other },
      { ...sent, requestId: elsewhere.requestId },
      { ...elsewhere, phone },
      { ...sent, code: 'abc' },
    ])
      refusals.push(await verify(attempt).catch((error: Refusal) => ({ ...error })));
    await database.execute(sql`UPDATE one_time_codes SET expires_at = now() WHERE id = ${elsewhere.requestId}`);
    refusals.push(await verify(elsewhere).catch((error: Refusal) => ({ ...error })));
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
    expect(refusals[0]).toMatchObject({ code: 'auth.bad_code', kind: 'unauthenticated' });
    expect(await codeOf(verify({ ...sent, code: `${sent.code.slice(0, 3)} ${sent.code.slice(3)}` }))).toBe('ok');
  });

  it('never enters an account that has the number unproved, nor a disabled one', async () => {
    const phone = newPhone();
    const claimed = await register(phone);
    const entered = await enter(phone);
    expect(entered.user.id).not.toBe(claimed.user.id);
    await database.execute(sql`UPDATE users SET disabled = true WHERE id = ${entered.user.id}`);
    expect(await codeOf(enter(phone))).toBe('auth.bad_code');
  });
});

describe('a number', () => {
  it('is attached to the caller by a code, in the session they have', async () => {
    const [who, phone] = [await register(), newPhone()];
    expect(await codeOf(otp.sendOtp({ phone, purpose: 'verify' }, from()))).toBe('unauthenticated');
    const sent = await send(phone, who);
    const other = await register();
    expect(await codeOf(verify(sent, as(other)))).toBe('auth.bad_code');
    const attached = await verify(await send(phone, who), as(who));
    expect(attached.user).toMatchObject({ id: who.user.id, phone, phoneVerified: true });
    expect([claimsIn(attached).sessionId, attached.refreshToken]).toEqual([claimsIn(who).sessionId, who.refreshToken]);
    expect((await enter(phone)).user.id).toBe(who.user.id);
    const noted = await database.row(sql`SELECT actor_id FROM audit_log WHERE user_id = ${who.user.id} AND action = 'phone_attached'`);
    expect(noted).toEqual({ actor_id: who.user.id });
  });

  it('is not attached in a session that has ended', async () => {
    const [who, phone] = [await register(), newPhone()];
    const sent = await send(phone, who);
    await app.get(SessionHandlers).logout({}, as(who));
    expect(await codeOf(verify(sent, as(who)))).toBe('auth.bad_code');
    expect(await app.get(AccountHandlers).me({}, as(who))).toMatchObject({ phone: null, phoneVerified: false });
  });

  it('that another account uses is not attached', async () => {
    const [who, phone] = [await register(), newPhone()];
    const owner = await enter(phone);
    const sent = await send(phone, who);
    expect(await codeOf(verify(sent, as(who)))).toBe('auth.phone_taken');
    expect((await app.get(AccountHandlers).me({}, as(who))).phoneVerified).toBe(false);
    expect((await enter(phone)).user.id).toBe(owner.user.id);
  });

  it('that may have been given to somebody else since does not open the old account, but for its own device', async () => {
    const [phone, device] = [newPhone(), `device-${uuidv7()}`];
    const owner = await enter(phone, from(device));
    const lieIdle = (days: number) =>
      database.execute(sql`UPDATE users SET phone_proved_at = now() - make_interval(days => ${days}) WHERE id = ${owner.user.id}`);
    await lieIdle(89);
    expect((await enter(phone)).user.id).toBe(owner.user.id);
    await lieIdle(91);
    expect((await enter(phone, from(device))).user.id).toBe(owner.user.id);
    await lieIdle(91);
    const next = await enter(phone, from(`device-${uuidv7()}`));
    expect(next.user.id).not.toBe(owner.user.id);
    expect(await app.get(AccountHandlers).me({}, as(owner))).toMatchObject({ id: owner.user.id, phone: null, phoneVerified: false });
    expect((await enter(phone)).user.id).toBe(next.user.id);
  });

  it('that lies idle is attached to whoever proves it', async () => {
    const [who, phone] = [await register(), newPhone()];
    const owner = await enter(phone);
    await database.execute(sql`UPDATE users SET phone_proved_at = now() - interval '91 days' WHERE id = ${owner.user.id}`);
    const attached = await verify(await send(phone, who), as(who));
    expect(attached.user).toMatchObject({ phone, phoneVerified: true });
  });
});

describe('a script that makes the shop send SMS', () => {
  const pump = async (numbers: number, client: (index: number) => { ip: string; device?: string }): Promise<string[]> => {
    const outcomes: string[] = [];
    for (let index = 0; index < numbers; index += 1)
      outcomes.push(await codeOf(otp.sendOtp({ phone: newPhone() }, aCall({ client: { agent: 'pump', ...client(index) } }))));
    return outcomes;
  };
  const sent = (outcomes: readonly string[]): number => outcomes.filter((outcome) => outcome === 'ok').length;

  it('gets thirty an hour from one address, whatever devices it names', async () => {
    expect(sent(await pump(40, (index) => ({ ip, device: `forged-device-${index}-${uuidv7()}` })))).toBe(30);
  });

  it('gets a hundred from one network, and ten from one device', async () => {
    expect(sent(await pump(110, (index) => ({ ip: `10.41.1.${index}` })))).toBe(100);
    const device = `one-device-${uuidv7()}`;
    expect(sent(await pump(12, (index) => ({ ip: `10.42.${index}.1`, device })))).toBe(10);
  });

  it('gets forty for one block of numbers, counted through', async () => {
    const outcomes: string[] = [];
    for (let index = 0; index < 45; index += 1)
      outcomes.push(
        await codeOf(
          otp.sendOtp({ phone: `+9170000${String(50_000 + index)}` }, aCall({ client: { ip: `10.43.${index}.1`, agent: 'pump' } })),
        ),
      );
    expect(sent(outcomes)).toBe(40);
  });

  it('holds up nobody who uses their codes: behind one address are many people', async () => {
    for (let person = 0; person < 35; person += 1) expect(await codeOf(enter(newPhone()))).toBe('ok');
  });

  it('gets twenty a day for one number, though it uses every code', async () => {
    const phone = newPhone();
    for (let time = 0; time < 20; time += 1) expect(await codeOf(enter(phone))).toBe('ok');
    expect(await codeOf(otp.sendOtp({ phone }, from()))).toBe('rate_limited');
    expect(await codeOf(otp.sendOtp({ phone: newPhone() }, from()))).toBe('ok');
  });

  it('that asks too soon, so that nothing leaves, uses up nothing of what others at its address have', async () => {
    const phone = newPhone();
    expect(await codeOf(otp.sendOtp({ phone }, from()))).toBe('ok');
    for (let time = 0; time < 40; time += 1) expect(await codeOf(otp.sendOtp({ phone }, from()))).toBe('rate_limited');
    expect(await codeOf(otp.sendOtp({ phone: newPhone() }, from()))).toBe('ok');
  });

  it('gets five a day for one number, further and further apart, also when it asks at once', async () => {
    const phone = newPhone();
    const ask = (): Promise<string> => codeOf(otp.sendOtp({ phone }, from()));
    expect((await Promise.all(Array.from({ length: 5 }, ask))).filter((outcome) => outcome === 'ok')).toHaveLength(1);
    const refusal = await otp.sendOtp({ phone }, from()).catch((error: Refusal) => error);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) });
    for (let more = 0; more < 4; more += 1) {
      await passes(phone, '121 seconds');
      expect(await ask()).toBe('ok');
    }
    await passes(phone, '121 seconds');
    expect(await ask()).toBe('rate_limited');
    await passes(phone, '1 day');
    expect(await ask()).toBe('ok');
  });

  it('is stopped by the budget of the day, which nothing multiplies and which is exact under a crowd', async () => {
    const poor = await scratchDatabase(migrations);
    const shop = await bootAuth(poor, {
      ...{ JWT_PRIVATE_KEY: newKey(), RATE_LIMIT_SCALE: '100000', OTP_DAILY_BUDGET: '2', OTP_SMS_PAISE: '20' },
    });
    try {
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, () => codeOf(shop.get(OtpHandlers).sendOtp({ phone: newPhone() }, from()))),
      );
      expect([sent(outcomes), outcomes.filter((outcome) => outcome === 'rate_limited').length]).toEqual([10, 20]);
      const kept = await shop.get(Database).row<{ codes: number }>(sql`SELECT count(*) AS codes FROM one_time_codes`);
      expect(kept?.codes).toBe(10);
    } finally {
      await shop.close();
      await poor.drop();
    }
  });
});

describe('codes and devices', () => {
  it('are forgotten when no limit looks at them any more', async () => {
    const device = `device-${uuidv7()}`;
    const who = await enter(newPhone(), from(device));
    await database.execute(sql`UPDATE one_time_codes SET expires_at = now() - interval '3 days'`);
    await database.execute(sql`UPDATE devices SET last_seen_at = now() - interval '401 days' WHERE user_id = ${who.user.id}`);
    await app.get(Sweeper).sweep();
    const left = await database.row<{ codes: number; devices: number }>(sql`
      SELECT (SELECT count(*) FROM one_time_codes) AS codes, (SELECT count(*) FROM devices WHERE user_id = ${who.user.id}) AS devices`);
    expect(left).toEqual({ codes: 0, devices: 0 });
  });
});
