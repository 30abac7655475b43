import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { anAddress, codeOf } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountEraser } from '../src/account-eraser.ts';
import { AddressHandlers } from '../src/address.handlers.ts';
import { DirectoryHandlers } from '../src/directory.handlers.ts';
import { ErasureHandlers } from '../src/erasure.handlers.ts';
import { OtpHandlers } from '../src/otp.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import { StaffHandlers } from '../src/staff.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, claimsIn, eventsOf, newAddress, newKey, PASSWORD, secretIn } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let erasures: ErasureHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  erasures = app.get(ErasureHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
const exists = async (who: Issued): Promise<boolean> =>
  (await database.row(sql`SELECT 1 FROM users WHERE id = ${who.user.id}`)) !== undefined;
/** As if every service had answered. */
const allAnswer = () => database.execute(sql`DELETE FROM outbox WHERE event = 'auth.erased'`);
const isComplete = async (id: string): Promise<boolean> => {
  await app.get(AccountEraser).noteComplete();
  return (await database.row(sql`SELECT 1 FROM erasures WHERE id = ${id} AND completed_at IS NOT NULL`)) !== undefined;
};
const codeFor = async (phone: string): Promise<{ requestId: string; code: string }> => {
  const { requestId } = await app.get(OtpHandlers).sendOtp({ phone }, anonymous());
  const [due] = await eventsOf(database, authApi.events.messageDue, { to: phone });
  return { requestId, code: due === undefined ? '' : secretIn(due) };
};

describe('erasing the own account', () => {
  it('needs the password, takes everything at once, and is complete when every service has answered', async () => {
    const who = await register();
    await app.get(AddressHandlers).addAddress(anAddress(), as(who));
    expect(await codeOf(erasures.eraseMe({ password: 'not my password' }, as(who)))).toBe('auth.bad_credentials');
    const { id } = await erasures.eraseMe({ password: PASSWORD }, as(who));
    for (const table of ['users', 'addresses', 'sessions', 'email_tokens']) {
      const column = table === 'users' ? 'id' : 'user_id';
      const left = await database.rows({
        name: `left in ${table}`,
        text: `SELECT 1 FROM ${table} WHERE ${column} = $1`,
        values: [who.user.id],
      });
      expect(left, table).toEqual([]);
    }
    const { items } = await app.get(SessionHandlers).revocations();
    expect(items.map((entry) => entry.id)).toEqual(expect.arrayContaining([who.user.id, claimsIn(who).sessionId]));
    expect(await codeOf(app.get(SessionHandlers).refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
    expect(await app.get(DirectoryHandlers).contacts({ userIds: [who.user.id] })).toEqual({ items: [] });
    expect(await codeOf(app.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, anonymous()))).toBe(
      'auth.bad_credentials',
    );
    const told = await eventsOf(database, authApi.events.erased, { userId: who.user.id });
    expect(told).toHaveLength(authApi.events.erased.subscribers.length);
    expect(await isComplete(id)).toBe(false);
    await allAnswer();
    expect(await isComplete(id)).toBe(true);
    const audit = await database.rows<{ action: string }>(sql`SELECT action FROM audit_log WHERE user_id = ${who.user.id}`);
    expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['registered', 'account_erased', 'erased']));
  });

  it('leaves the address to a new account', async () => {
    const who = await register();
    await erasures.eraseMe({ password: PASSWORD }, as(who));
    const again = await app.get(SignInHandlers).register({ email: who.user.email ?? '', password: PASSWORD, name: 'B' }, anonymous());
    expect(again.user.id).not.toBe(who.user.id);
  });

  it('is done by a code to the own number, and not by a code to another, a wrong one, or both ways at once', async () => {
    const phone = '+919800000001';
    const who = (await app.get(OtpHandlers).verifyOtp({ ...(await codeFor(phone)), phone }, anonymous())) as Issued;
    const other = await codeFor('+919800000002');
    expect(await codeOf(erasures.eraseMe(other, as(who)))).toBe('auth.bad_code');
    const good = await codeFor(phone);
    for (const input of [{}, { requestId: good.requestId }, { password: PASSWORD, ...good }])
      expect(await codeOf(erasures.eraseMe(input, as(who)))).toBe('validation_failed');
    const wrong = { ...good, code: good.code === '000000' ? '111111' : '000000' };
    expect([await codeOf(erasures.eraseMe(wrong, as(who))), await exists(who)]).toEqual(['auth.bad_code', true]);
    expect([await codeOf(erasures.eraseMe(good, as(who))), await exists(who)]).toEqual(['ok', false]);
  });

  it('takes the codes that somebody without a number asked for, and the network addresses of what they agreed to', async () => {
    const [who, phone] = [await register(), '+919800000003'];
    await app.get(OtpHandlers).sendOtp({ phone, purpose: 'verify' }, as(who));
    await erasures.eraseMe({ password: PASSWORD }, as(who));
    expect(await database.row(sql`SELECT 1 FROM one_time_codes WHERE phone = ${phone}`)).toBeUndefined();
    const kept = await database.rows<{ ip: string | null }>(sql`SELECT ip FROM consents WHERE user_id = ${who.user.id}`);
    expect(kept).toEqual([{ ip: null }]);
  });

  it('happens once, though it is asked for ten times at once', async () => {
    const who = await register();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => codeOf(erasures.eraseMe({ password: PASSWORD }, as(who)))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    const kept = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM erasures WHERE user_id = ${who.user.id}`);
    expect(kept?.count).toBe(1);
  });

  it('leaves no session to a sign-in whose password is being checked meanwhile', async () => {
    const who = await register();
    const attempts = Array.from({ length: 4 }, () =>
      codeOf(app.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, anonymous())),
    );
    await erasures.eraseMe({ password: PASSWORD }, as(who));
    await Promise.all(attempts);
    expect(await database.row(sql`SELECT 1 FROM sessions WHERE user_id = ${who.user.id}`)).toBeUndefined();
  });

  it('is refused to the last admin', async () => {
    const [one, two] = [await register(), await register()];
    await database.execute(sql`UPDATE users SET roles = '{customer}'`);
    await database.execute(sql`UPDATE users SET roles = '{admin}' WHERE id = ANY(${[one.user.id, two.user.id]}::uuid[])`);
    const outcomes = await Promise.all([one, two].map((who) => codeOf(erasures.eraseMe({ password: PASSWORD }, as(who, ['admin'])))));
    expect(outcomes.sort()).toEqual(['auth.last_admin', 'ok']);
  });

  it('is refused to an admin beside whom there is only one who was invited and never came', async () => {
    const who = await register();
    await database.execute(sql`UPDATE users SET roles = '{customer}'`);
    await database.execute(sql`UPDATE users SET roles = '{admin}' WHERE id = ${who.user.id}`);
    await app.get(StaffHandlers).inviteStaff({ email: newAddress(), name: 'Joseph', role: 'admin' }, as(who, ['admin']));
    expect(await codeOf(erasures.eraseMe({ password: PASSWORD }, as(who, ['admin'])))).toBe('auth.last_admin');
  });
});
