import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { FactorRepository } from '../src/factor.repository.ts';
import { FactorSecrets } from '../src/factor-secrets.ts';
import { PasskeyHandlers } from '../src/passkey.handlers.ts';
import { PasskeySignInHandlers } from '../src/passkey-sign-in.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { TotpHandlers } from '../src/totp.handlers.ts';
import { codeOfStep, stepAt } from '../src/totp.ts';
import { anonymous, as, bootAuth, claimsIn, newAddress, newKey, opened, PASSWORD } from './auth-fixture.ts';
import { SoftwareAuthenticator } from './software-authenticator.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let strict: NestFastifyApplication;
let database: Database;
let passkeys: PasskeyHandlers;
let signIns: PasskeySignInHandlers;
const KEY = newKey();

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: KEY });
  strict = await bootAuth(scratch, { JWT_PRIVATE_KEY: KEY, REQUIRE_STAFF_TOTP: 'true' });
  database = app.get(Database);
  passkeys = app.get(PasskeyHandlers);
  signIns = app.get(PasskeySignInHandlers);
});
afterAll(async () => {
  await app.close();
  await strict.close();
  await scratch.drop();
});

const register = (): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
const login = (who: Issued, at = app) => at.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, anonymous());
const enrol = async (who: Issued, device = new SoftwareAuthenticator(), at = app): Promise<SoftwareAuthenticator> => {
  const { challenge } = await at.get(PasskeyHandlers).passkeyCreation({}, as(who));
  await at.get(PasskeyHandlers).enrolPasskey({ ...device.create(challenge), transports: ['internal'] }, as(who));
  return device;
};
const asked = async (mfaToken?: string): Promise<string> =>
  (await signIns.passkeyRequest(mfaToken === undefined ? {} : { mfaToken })).challenge;
const signIn = (assertion: ReturnType<SoftwareAuthenticator['get']>, mfaToken?: string, at = app): Promise<Issued> =>
  at.get(PasskeySignInHandlers).signInByPasskey({ ...assertion, ...(mfaToken === undefined ? {} : { mfaToken }) }, anonymous());

describe('a passkey', () => {
  it('is enrolled for the shop’s own host, and opens a session of its owner without a name or password', async () => {
    const who = await register();
    const options = await passkeys.passkeyCreation({}, as(who));
    expect(options).toMatchObject({ rp: { id: 'localhost', name: 'Only2U' }, excludeCredentials: [] });
    const device = await enrol(who);
    expect((await passkeys.passkeyCreation({}, as(who))).excludeCredentials).toMatchObject([{ id: device.credentialId }]);
    const request = await signIns.passkeyRequest({});
    expect(request).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [] });
    const session = await signIn(device.get(request.challenge));
    expect([session.user.id, claimsIn(session).sessionId === claimsIn(who).sessionId]).toEqual([who.user.id, false]);
    const { items } = await passkeys.passkeys({}, as(who));
    expect(items).toMatchObject([{ name: 'suite', lastUsedAt: expect.any(String) }]);
  });

  it('answers a challenge once, also when it comes ten times at once, and only while that is good', async () => {
    const device = await enrol(await register());
    const assertion = device.get(await asked());
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => codeOf(signIn(assertion))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    const late = device.get(await asked());
    await database.execute(sql`UPDATE passkey_challenges SET expires_at = now()`);
    expect(await codeOf(signIn(late))).toBe('auth.bad_passkey');
    expect(await codeOf(signIn(device.get(Buffer.from('a challenge of nobody').toString('base64url'))))).toBe('auth.bad_passkey');
  });

  it.each([
    ['of another host', () => new SoftwareAuthenticator('evil.example', 'http://localhost:3000')],
    ['of a page of another site', () => new SoftwareAuthenticator('localhost', 'https://evil.example')],
    ['of a device that did not verify its owner', () => new SoftwareAuthenticator('localhost', 'http://localhost:3000', false)],
  ])('%s is not enrolled', async (_name, device) => {
    expect(await codeOf(enrol(await register(), device()))).toBe('auth.bad_passkey');
  });

  it('with another key, an altered signature, or of a disabled account opens nothing', async () => {
    const who = await register();
    const device = await enrol(who);
    const thief = new SoftwareAuthenticator();
    expect(await codeOf(signIn({ ...thief.get(await asked()), credentialId: device.credentialId }))).toBe('auth.bad_passkey');
    expect(await codeOf(signIn(thief.get(await asked())))).toBe('auth.bad_passkey');
    const good = device.get(await asked());
    expect(await codeOf(signIn({ ...good, signature: `${good.signature.slice(0, -4)}AAAA` }))).toBe('auth.bad_passkey');
    await database.execute(sql`UPDATE users SET disabled = true WHERE id = ${who.user.id}`);
    expect(await codeOf(signIn(device.get(await asked())))).toBe('auth.bad_passkey');
  });

  it('whose counter goes back was copied, and opens nothing', async () => {
    const device = await enrol(await register());
    await signIn(device.get(await asked()));
    device.counter = 0;
    expect(await codeOf(signIn(device.get(await asked())))).toBe('auth.bad_passkey');
    expect(await codeOf(signIn(device.get(await asked())))).toBe('ok');
  });

  it('is enrolled by the caller who asked, for one account, and by no junk', async () => {
    const [one, other] = [await register(), await register()];
    const { challenge } = await passkeys.passkeyCreation({}, as(one));
    const device = new SoftwareAuthenticator();
    expect(await codeOf(passkeys.enrolPasskey(device.create(challenge), as(other)))).toBe('auth.bad_passkey');
    await enrol(one, device);
    expect(await codeOf(enrol(other, device))).toBe('auth.bad_passkey');
    const junk = { credentialId: 'AA', clientDataJSON: 'AA', attestationObject: 'AA' };
    expect(await codeOf(passkeys.enrolPasskey(junk, as(one)))).toBe('auth.bad_passkey');
    const fresh = await passkeys.passkeyCreation({}, as(one));
    expect(
      await codeOf(passkeys.enrolPasskey({ ...new SoftwareAuthenticator().create(fresh.challenge), attestationObject: 'AA' }, as(one))),
    ).toBe('auth.bad_passkey');
  });

  it('is the twentieth at most, also when all are enrolled at once', async () => {
    const who = await register();
    await enrol(who);
    await database.execute(sql`
      INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name)
      SELECT gen_random_uuid(), user_id, credential_id || number, public_key, 0, '{}', name FROM passkeys, generate_series(1, 17) AS number WHERE user_id = ${who.user.id}`);
    const ready: (() => Promise<unknown>)[] = [];
    for (let time = 0; time < 4; time += 1) {
      const { challenge } = await passkeys.passkeyCreation({}, as(who));
      ready.push(() => passkeys.enrolPasskey(new SoftwareAuthenticator().create(challenge), as(who)));
    }
    expect((await Promise.all(ready.map((enrolled) => codeOf(enrolled())))).sort()).toEqual([
      ...['auth.too_many_passkeys', 'auth.too_many_passkeys', 'ok', 'ok'],
    ]);
  });

  it('is named and removed by its owner alone', async () => {
    const [who, other] = [await register(), await register()];
    const device = await enrol(who);
    const [key] = (await passkeys.passkeys({}, as(who))).items;
    const id = key?.id ?? '';
    for (const attempt of [() => passkeys.renamePasskey({ id, name: 'Mine' }, as(other)), () => passkeys.removePasskey({ id }, as(other))])
      expect(await codeOf(attempt)).toBe('not_found');
    expect(await passkeys.renamePasskey({ id, name: 'My phone' }, as(who))).toMatchObject({ name: 'My phone' });
    await passkeys.removePasskey({ id }, as(who));
    expect([await codeOf(signIn(device.get(await asked()))), (await passkeys.passkeys({}, as(who))).items]).toEqual([
      'auth.bad_passkey',
      [],
    ]);
  });
});

describe('a passkey as second factor', () => {
  const enrolTotp = async (who: Issued): Promise<void> => {
    await app.get(TotpHandlers).enrolTotp({}, as(who));
    const row = await app.get(FactorRepository).of(database, who.user.id);
    const secret = app.get(FactorSecrets).open(row?.sealed_secret ?? '');
    await app.get(TotpHandlers).activateTotp({ code: codeOfStep(secret, stepAt(Date.now())) }, as(who));
  };
  const askedFor = async (who: Issued, at = app) => {
    const step = await login(who, at);
    if (!('mfaToken' in step)) throw new Error('no second factor is asked for');
    return step;
  };

  it('stands in for an authenticator; a passkey alone asks for nothing after a password', async () => {
    const who = await register();
    const device = await enrol(who);
    expect(await codeOf(login(who).then(opened))).toBe('ok');
    await enrolTotp(who);
    const { mfaToken, mfaMethods } = await askedFor(who);
    expect(mfaMethods).toEqual(['totp', 'passkey']);
    expect((await signIns.passkeyRequest({ mfaToken })).allowCredentials).toMatchObject([{ id: device.credentialId }]);
    const foreign = await enrol(await register());
    expect(await codeOf(signIn(foreign.get(await asked(mfaToken)), mfaToken))).toBe('auth.bad_passkey');
    expect((await signIn(device.get(await asked(mfaToken)), mfaToken)).user.id).toBe(who.user.id);
    expect(await codeOf(asked(mfaToken))).toBe('auth.bad_passkey');
  });

  it('gives staff their rights, is asked of them after a password, and is not given up when it is the last', async () => {
    const who = await register();
    await database.execute(sql`UPDATE users SET roles = '{customer,support}' WHERE id = ${who.user.id}`);
    const weak = opened(await login(who, strict));
    expect(claimsIn(weak).roles).toEqual(['customer']);
    const device = await enrol(weak, new SoftwareAuthenticator(), strict);
    const strong = await strict.get(SessionHandlers).refresh({ refreshToken: weak.refreshToken }, anonymous());
    expect(claimsIn(strong).roles).toEqual(['customer', 'support']);
    const { mfaToken } = await askedFor(who, strict);
    expect(claimsIn(await signIn(device.get(await asked(mfaToken)), mfaToken, strict)).roles).toEqual(['customer', 'support']);
    expect(claimsIn(await signIn(device.get(await asked()), undefined, strict)).roles).toEqual(['customer', 'support']);
    const [key] = (await passkeys.passkeys({}, as(who))).items;
    expect(await codeOf(strict.get(PasskeyHandlers).removePasskey({ id: key?.id ?? '' }, as(who)))).toBe('auth.factor_required');
  });

  it('is not added in a session which proved none where there is a factor already, so that it opens none and strengthens none', async () => {
    const who = await register();
    await database.execute(sql`UPDATE users SET roles = '{customer,support}' WHERE id = ${who.user.id}`);
    const [first, stolen] = [opened(await login(who, strict)), opened(await login(who, strict))];
    await enrol(first, new SoftwareAuthenticator(), strict);
    const thief = new SoftwareAuthenticator();
    expect(await codeOf(enrol(stolen, thief, strict))).toBe('auth.factor_required');
    expect(await codeOf(signIn(thief.get(await asked()), undefined, strict))).toBe('auth.bad_passkey');
    const next = await strict.get(SessionHandlers).refresh({ refreshToken: stolen.refreshToken }, anonymous());
    expect(claimsIn(next).roles).toEqual(['customer']);
    expect(await codeOf(enrol(first, new SoftwareAuthenticator(), strict))).toBe('ok');
  });

  it('is not evaded by an authenticator that was begun with and never activated: neither its codes nor its recovery codes count', async () => {
    const who = await register();
    await database.execute(sql`UPDATE users SET roles = '{customer,support}' WHERE id = ${who.user.id}`);
    const thief = opened(await login(who));
    await enrol(who);
    const totp = strict.get(TotpHandlers);
    const { recoveryCodes } = await totp.enrolTotp({}, as(thief));
    const row = await app.get(FactorRepository).of(database, who.user.id);
    const secret = app.get(FactorSecrets).open(row?.sealed_secret ?? '');
    const step = await login(who, strict);
    if (!('mfaToken' in step)) throw new Error('no second factor is asked for');
    expect(step.mfaMethods).toEqual(['passkey']);
    for (const code of [codeOfStep(secret, stepAt(Date.now())), recoveryCodes[0] ?? ''])
      expect(await codeOf(totp.verifyTotp({ mfaToken: step.mfaToken, code }, anonymous()))).toBe('auth.bad_code');
  });

  it('is not evaded: a session that began before the authenticator, or gave a password alone, adds neither kind', async () => {
    const [guarded, keyed] = [await register(), await register()];
    const earlier = opened(await login(guarded));
    await enrolTotp(guarded);
    expect(await codeOf(enrol(earlier))).toBe('auth.factor_required');
    await enrol(keyed);
    const weak = opened(await login(keyed));
    expect(await codeOf(enrolTotp(weak))).toBe('auth.factor_required');
    expect(await codeOf(enrolTotp(keyed))).toBe('ok');
  });
});
