import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountHandlers } from '../src/account.handlers.ts';
import { EmailHandlers } from '../src/email.handlers.ts';
import { PasskeyHandlers } from '../src/passkey.handlers.ts';
import { PasskeySignInHandlers } from '../src/passkey-sign-in.handlers.ts';
import { PasswordHandlers } from '../src/password.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { TotpHandlers } from '../src/totp.handlers.ts';
import { anonymous, as, bootAuth, claimsIn, eventsOf, newAddress, newKey, PASSWORD, secretIn } from './auth-fixture.ts';
import { SoftwareAuthenticator } from './software-authenticator.ts';

const NEXT = 'nine blue herons by the lake';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let passwords: PasswordHandlers;
let sessions: SessionHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  passwords = app.get(PasswordHandlers);
  sessions = app.get(SessionHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
const emailOf = ({ user }: Issued): string => user.email ?? '';
const signIn = (who: Issued, password: string): Promise<string> =>
  codeOf(app.get(SignInHandlers).login({ email: emailOf(who), password }, anonymous()));
const refresh = (who: Issued): Promise<string> => codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()));
const noticesTo = async (who: Issued): Promise<string[]> =>
  (await eventsOf(database, authApi.events.securityNoticed, { userId: who.user.id })).map(({ template }) => template);
const tokensOf = async (who: Issued): Promise<string[]> =>
  (await eventsOf(database, authApi.events.messageDue, { userId: who.user.id }))
    .filter(({ template }) => template === 'password_reset')
    .map(secretIn);
const forgot = (email: string): Promise<object> => passwords.forgotPassword({ email }, anonymous());
const resetLink = async (who: Issued): Promise<string> => {
  const before = (await tokensOf(who)).length;
  await forgot(emailOf(who));
  return eventually(async () => {
    const tokens = await tokensOf(who);
    return tokens.length > before ? tokens[0] : undefined;
  });
};
const reset = (token: string, newPassword = NEXT): Promise<string> => codeOf(passwords.resetPassword({ token, newPassword }, anonymous()));

describe('changing the own password', () => {
  it('needs the present one, ends all other sessions and tells the owner', async () => {
    const who = await register();
    const other = await app.get(SignInHandlers).login({ email: emailOf(who), password: PASSWORD }, anonymous());
    const change = (currentPassword: string): Promise<string> =>
      codeOf(passwords.changePassword({ currentPassword, newPassword: NEXT }, as(who)));
    expect(await change('not my password')).toBe('auth.bad_credentials');
    expect(await refresh(other as Issued)).toBe('ok');
    expect(await change(PASSWORD)).toBe('ok');
    expect([await refresh(who), await refresh(other as Issued)]).toEqual(['ok', 'auth.bad_refresh_token']);
    expect([await signIn(who, PASSWORD), await signIn(who, NEXT)]).toEqual(['auth.bad_credentials', 'ok']);
    expect(await noticesTo(who)).toEqual(['password_changed']);
  });

  it('refuses a guessable one, also one made from the own address', async () => {
    const who = await register();
    for (const newPassword of ['Password1234', `${emailOf(who).split('@')[0]}-77`])
      expect(await codeOf(passwords.changePassword({ currentPassword: PASSWORD, newPassword }, as(who)))).toBe('auth.password_breached');
  });

  it('makes a link that was sent before worthless', async () => {
    const who = await register();
    const token = await resetLink(who);
    await passwords.changePassword({ currentPassword: PASSWORD, newPassword: NEXT }, as(who));
    expect(await reset(token, 'twelve other parrots')).toBe('auth.bad_link');
  });

  it('at once from two places with the same present password happens once', async () => {
    const who = await register();
    const outcomes = await Promise.all(
      [NEXT, 'twelve other parrots'].map((newPassword) =>
        codeOf(passwords.changePassword({ currentPassword: PASSWORD, newPassword }, as(who))),
      ),
    );
    expect(outcomes.sort()).toEqual(['auth.bad_credentials', 'ok']);
  });
});

describe('a forgotten password', () => {
  it('is answered alike for a known and an unknown address, by the same work', async () => {
    const who = await register();
    expect(await forgot(emailOf(who))).toEqual(await forgot(newAddress()));
    const stored = await database.rows<{ token: string }>(
      sql`SELECT token_hash AS token FROM email_tokens WHERE user_id = ${who.user.id} AND purpose = 'reset'`,
    );
    const token = await eventually(async () => (await tokensOf(who))[0]);
    expect(stored.map((row) => row.token)).not.toContain(token);
    await eventually(async () => (await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM reset_requests`))?.count === 0);
  });

  it('is set anew by the link of the mail, which proves the address and ends every session', async () => {
    const who = await register();
    const token = await resetLink(who.user.email === null ? who : { ...who, user: { ...who.user, email: emailOf(who) } });
    expect(await codeOf(app.get(EmailHandlers).verifyEmail({ token }))).toBe('auth.bad_link');
    expect(await reset(token, 'Password1234')).toBe('auth.password_breached');
    expect(await reset(token)).toBe('ok');
    expect([await refresh(who), await signIn(who, PASSWORD), await signIn(who, NEXT)]).toEqual([
      ...['auth.bad_refresh_token', 'auth.bad_credentials', 'ok'],
    ]);
    expect((await app.get(AccountHandlers).me({}, as(who))).emailVerified).toBe(true);
    const { items } = await sessions.revocations();
    expect(items.some(({ id }) => id === claimsIn(who).sessionId)).toBe(true);
    expect(await noticesTo(who)).toEqual(['password_changed']);
  });

  it('set by the first to prove the address leaves no way in to whoever registered it before', async () => {
    const squatter = await register();
    const call = as(squatter);
    const device = new SoftwareAuthenticator();
    const { challenge } = await app.get(PasskeyHandlers).passkeyCreation({}, call);
    await app.get(PasskeyHandlers).enrolPasskey(device.create(challenge), call);
    await app.get(TotpHandlers).enrolTotp({}, call);
    await database.execute(sql`UPDATE authenticators SET active_at = now() WHERE user_id = ${squatter.user.id}`);
    await database.execute(sql`
      UPDATE users SET phone = '+919812345678', phone_verified = true, phone_proved_at = now() WHERE id = ${squatter.user.id}`);
    expect(await reset(await resetLink(squatter))).toBe('ok');
    const owner = await app.get(SignInHandlers).login({ email: emailOf(squatter), password: NEXT }, anonymous());
    expect(owner).toMatchObject({ user: { id: squatter.user.id, phone: null, phoneVerified: false, emailVerified: true } });
    const asked = await app.get(PasskeySignInHandlers).passkeyRequest({});
    const entered = app.get(PasskeySignInHandlers).signInByPasskey(device.get(asked.challenge), anonymous());
    expect(await codeOf(entered)).toBe('auth.bad_passkey');
  });

  it('set by somebody whose address was proved long before takes none of their other ways in away', async () => {
    const who = await register();
    await database.execute(sql`UPDATE users SET email_verified = true WHERE id = ${who.user.id}`);
    const { challenge } = await app.get(PasskeyHandlers).passkeyCreation({}, as(who));
    await app.get(PasskeyHandlers).enrolPasskey(new SoftwareAuthenticator().create(challenge), as(who));
    expect(await reset(await resetLink(who))).toBe('ok');
    expect((await app.get(PasskeyHandlers).passkeys({}, as(who))).items).toHaveLength(1);
  });

  it('is set once, though ten use the link at once, and by no other link of that account afterwards', async () => {
    const who = await register();
    const [first, second] = [await resetLink(who), await resetLink(who)];
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => reset(second, `ten different herons ${index}`)));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'auth.bad_link')).toHaveLength(9);
    expect([await reset(second), await reset(first)]).toEqual(['auth.bad_link', 'auth.bad_link']);
  });

  it('is not set by an invented link, one that is over, or one of a disabled account', async () => {
    const who = await register();
    expect(await reset('x'.repeat(32))).toBe('auth.bad_link');
    const over = await resetLink(who);
    await database.execute(sql`UPDATE email_tokens SET expires_at = now() WHERE user_id = ${who.user.id}`);
    expect(await reset(over)).toBe('auth.bad_link');
    const good = await resetLink(who);
    await database.execute(sql`UPDATE users SET disabled = true WHERE id = ${who.user.id}`);
    expect(await reset(good)).toBe('auth.bad_link');
  });

  it('is asked for five times an hour from one place, alike for known and unknown; nobody’s mailbox gets more, whoever asks', async () => {
    const who = await register();
    for (const email of [emailOf(who), newAddress()]) {
      const ask = (ip: string): Promise<string> => codeOf(passwords.forgotPassword({ email }, anonymous(ip)));
      for (let time = 0; time < 5; time += 1) expect(await ask('10.20.0.1')).toBe('ok');
      expect(await ask('10.20.0.1')).toBe('rate_limited');
      for (let time = 0; time < 3; time += 1) expect(await ask(`10.20.1.${time}`)).toBe('ok');
    }
    await eventually(async () => (await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM reset_requests`))?.count === 0);
    expect(await tokensOf(who)).toHaveLength(5);
  });
});
