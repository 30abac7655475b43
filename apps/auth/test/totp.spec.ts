import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { FactorRepository } from '../src/factor.repository.ts';
import { FactorSecrets } from '../src/factor-secrets.ts';
import { PasswordHandlers } from '../src/password.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { TotpHandlers } from '../src/totp.handlers.ts';
import { base32, codeOfStep, stepAt } from '../src/totp.ts';
import { anonymous, as, bootAuth, claimsIn, newAddress, newKey, opened, PASSWORD } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let strict: NestFastifyApplication;
let database: Database;
let totp: TotpHandlers;
const KEY = newKey();

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: KEY });
  strict = await bootAuth(scratch, { JWT_PRIVATE_KEY: KEY, REQUIRE_STAFF_TOTP: 'true' });
  database = app.get(Database);
  totp = app.get(TotpHandlers);
});
afterAll(async () => {
  await app.close();
  await strict.close();
  await scratch.drop();
});

const register = (): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
const login = (who: Issued, at = app) => at.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, anonymous());
const secretOf = async (who: Issued): Promise<Buffer> => {
  const row = await app.get(FactorRepository).of(database, who.user.id);
  return app.get(FactorSecrets).open(row?.sealed_secret ?? '');
};
/** A code that was not used yet, which lies ahead as far as is taken. */
const code = async (who: Issued, ahead = 1): Promise<string> => codeOfStep(await secretOf(who), stepAt(Date.now()) + ahead);
/** As if the codes so far had been of long ago. */
const forgetSteps = (who: Issued) => database.execute(sql`UPDATE authenticators SET last_step = 0 WHERE user_id = ${who.user.id}`);
const enrolled = async (): Promise<{ who: Issued; recoveryCodes: string[] }> => {
  const who = await register();
  const { recoveryCodes } = await totp.enrolTotp({}, as(who));
  await totp.activateTotp({ code: await code(who, 0) }, as(who));
  return { who, recoveryCodes };
};
const asked = async (who: Issued): Promise<string> => {
  const step = await login(who);
  if (!('mfaToken' in step)) throw new Error('no second factor is asked for');
  return step.mfaToken;
};
const verify = (mfaToken: string, typed: string, at = app): Promise<Issued> =>
  at.get(TotpHandlers).verifyTotp({ mfaToken, code: typed }, anonymous());

describe('an authenticator', () => {
  it('is asked for once its first code was shown, and not before', async () => {
    const who = await register();
    const { secret, otpauthUrl, recoveryCodes } = await totp.enrolTotp({}, as(who));
    expect(secret).toBe(base32(await secretOf(who)));
    expect([otpauthUrl.startsWith('otpauth://totp/Only2U:'), new Set(recoveryCodes).size]).toEqual([true, 10]);
    expect(await codeOf(login(who).then(opened))).toBe('ok');
    expect(await codeOf(totp.activateTotp({ code: '000000' }, as(who)))).toBe('auth.bad_code');
    await totp.activateTotp({ code: await code(who, 0) }, as(who));
    expect(await login(who)).toEqual({ mfaRequired: true, mfaToken: expect.any(String), mfaMethods: ['totp'], expiresIn: 300 });
    expect(await codeOf(totp.enrolTotp({}, as(who)))).toBe('auth.totp_active');
  });

  it('is kept encrypted, and its recovery codes as keyed hashes', async () => {
    const { who, recoveryCodes } = await enrolled();
    const row = await database.row<{ kept: string }>(sql`
      SELECT sealed_secret || (SELECT string_agg(code_hash, ' ') FROM recovery_codes WHERE user_id = ${who.user.id}) AS kept
      FROM authenticators WHERE user_id = ${who.user.id}`);
    const secret = await secretOf(who);
    for (const plain of [base32(secret), secret.toString('base64url'), secret.toString('hex'), ...recoveryCodes])
      expect(row?.kept).not.toContain(plain);
  });

  it('opens a session with a code, each code once, also when it comes twenty times at once', async () => {
    const { who } = await enrolled();
    const fresh = await code(who);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => asked(who)));
    const outcomes = await Promise.all([...tokens, ...tokens].map((token) => codeOf(verify(token, fresh))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'auth.bad_code']));
  });

  it('takes the code that activated it no second time, nor one from before', async () => {
    const { who } = await enrolled();
    for (const ahead of [0, -1]) expect(await codeOf(verify(await asked(who), await code(who, ahead)))).toBe('auth.bad_code');
    expect(await codeOf(verify(await asked(who), await code(who, 1)))).toBe('ok');
  });

  it('is not asked five times for one sign-in, nor for one that is over or whose password has changed', async () => {
    const { who } = await enrolled();
    const token = await asked(who);
    const good = await code(who);
    await Promise.all(Array.from({ length: 5 }, () => codeOf(verify(token, good === '000000' ? '111111' : '000000'))));
    expect(await codeOf(verify(token, good))).toBe('auth.bad_code');
    const over = await asked(who);
    await database.execute(sql`UPDATE factor_challenges SET expires_at = now() WHERE user_id = ${who.user.id}`);
    expect(await codeOf(verify(over, good))).toBe('auth.bad_code');
    const old = await asked(who);
    await app.get(PasswordHandlers).changePassword({ currentPassword: PASSWORD, newPassword: 'nine blue herons' }, as(who));
    expect(await codeOf(verify(old, good))).toBe('auth.bad_code');
  });

  it('is replaced by a recovery code, each once', async () => {
    const { who, recoveryCodes } = await enrolled();
    const [first = '', second = ''] = recoveryCodes;
    const tokens = await Promise.all(Array.from({ length: 5 }, () => asked(who)));
    const outcomes = await Promise.all(tokens.map((token) => codeOf(verify(token, first.toLowerCase().replace('-', ' ')))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(await codeOf(verify(await asked(who), second))).toBe('ok');
  });

  it('slows down who guesses with one sign-in after the other, and not who gives right codes', async () => {
    const { who } = await enrolled();
    const guesses: string[] = [];
    for (let signIn = 0; signIn < 5; signIn += 1) {
      const token = await asked(who);
      for (let tries = 0; tries < 5; tries += 1) guesses.push(await codeOf(verify(token, 'WRONG-CODES')));
    }
    expect([guesses.slice(0, 20), guesses.slice(20)]).toEqual([Array(20).fill('auth.bad_code'), Array(5).fill('rate_limited')]);
    const { who: honest } = await enrolled();
    for (let time = 0; time < 22; time += 1) {
      await forgetSteps(honest);
      expect(await codeOf(verify(await asked(honest), await code(honest)))).toBe('ok');
    }
  });

  it('is disabled by a code, and by nothing else', async () => {
    const { who } = await enrolled();
    expect(await codeOf(totp.disableTotp({ code: '000000' }, as(who)))).toBe('auth.bad_code');
    await totp.disableTotp({ code: await code(who) }, as(who));
    expect(await codeOf(login(who).then(opened))).toBe('ok');
    expect(await codeOf(totp.disableTotp({ code: '000000' }, as(who)))).toBe('auth.bad_code');
  });
});

describe('staff who need a second factor', () => {
  const staff = async (): Promise<Issued> => {
    const who = await register();
    await database.execute(sql`UPDATE users SET roles = '{customer,admin}' WHERE id = ${who.user.id}`);
    return who;
  };

  it('have no rights of staff until they enrol one, and then in sessions that proved it', async () => {
    const who = await staff();
    const before = opened(await login(who, strict));
    expect([claimsIn(before).roles, before.enrolmentRequired]).toEqual([['customer'], true]);
    await totp.enrolTotp({}, as(before));
    await totp.activateTotp({ code: await code(who, 0) }, as(before));
    const after = await strict.get(SessionHandlers).refresh({ refreshToken: before.refreshToken }, anonymous());
    expect([claimsIn(after).roles, after.enrolmentRequired]).toEqual([['customer', 'admin'], undefined]);
    const other = await strict.get(SessionHandlers).refresh({ refreshToken: who.refreshToken }, anonymous());
    expect(claimsIn(other).roles).toEqual(['customer']);
    const again = await verify(await asked(who), await code(who), strict);
    expect(claimsIn(again).roles).toEqual(['customer', 'admin']);
  });

  it('cannot give it up', async () => {
    const who = await staff();
    await totp.enrolTotp({}, as(who));
    await totp.activateTotp({ code: await code(who, 0) }, as(who));
    expect(await codeOf(strict.get(TotpHandlers).disableTotp({ code: await code(who) }, as(who)))).toBe('auth.factor_required');
  });
});
