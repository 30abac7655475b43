import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Refusal } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { codeOf, patiently } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountHandlers } from '../src/account.handlers.ts';
import { AddressHandlers } from '../src/address.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, claimsIn, newAddress, newKey, opened, PASSWORD } from './auth-fixture.ts';

const KEY = newKey();

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let signIn: SignInHandlers;
let sessions: SessionHandlers;
let accounts: AccountHandlers;
let addresses: AddressHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: KEY });
  database = app.get(Database);
  signIn = app.get(SignInHandlers);
  sessions = app.get(SessionHandlers);
  accounts = app.get(AccountHandlers);
  addresses = app.get(AddressHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (email = newAddress()): Promise<Issued> => signIn.register({ email, password: PASSWORD, name: 'Asha' }, anonymous());

describe('registering', () => {
  it('takes an e-mail address once, however it is written, also at the same time', async () => {
    const email = newAddress();
    const outcomes = await Promise.all([email, email.toUpperCase(), email.toLowerCase()].map((one) => codeOf(register(one))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'auth.email_taken')).toHaveLength(2);
  });

  it.each(['password1234', 'Password1234', '111111111111', 'abcabcabcabcabc', '123456789012', 'only2u!2026'])(
    'refuses the guessable password %s',
    async (password) => {
      expect(await codeOf(signIn.register({ email: newAddress(), password, name: 'A' }, anonymous()))).toBe('auth.password_breached');
    },
  );

  it('keeps the exact bytes of a password, spaces and all', async () => {
    const email = newAddress();
    await signIn.register({ email, password: ' पासवर्ड with spaces ', name: 'A' }, anonymous());
    expect(await codeOf(signIn.login({ email, password: ' पासवर्ड with spaces ' }, anonymous()))).toBe('ok');
    expect(await codeOf(signIn.login({ email, password: 'पासवर्ड with spaces' }, anonymous()))).toBe('auth.bad_credentials');
  });
});

describe('signing in', () => {
  it('fails alike for a wrong password and an unknown account', async () => {
    const { user } = await register();
    const wrong = await signIn
      .login({ email: user.email ?? '', password: 'not the password' }, anonymous('10.1.0.1'))
      .catch((error: Refusal) => error);
    const unknown = await signIn
      .login({ email: newAddress(), password: 'not the password' }, anonymous('10.1.0.2'))
      .catch((error: Refusal) => error);
    expect(wrong).toMatchObject({ code: 'auth.bad_credentials' });
    expect(unknown).toEqual(wrong);
  });

  it('is slowed down after a few failures, alike for known and unknown accounts, and never for other accounts', async () => {
    const [known, unknown] = [(await register()).user.email ?? '', newAddress()];
    for (const email of [known, unknown]) {
      const guess = (): Promise<string> => codeOf(signIn.login({ email, password: 'guess after guess' }, anonymous('10.2.0.1')));
      for (let tries = 0; tries < 5; tries += 1) expect(await guess()).toBe('auth.bad_credentials');
      // At once, so that the wait which the first of them starts cannot run out on a busy machine.
      expect(await Promise.all([guess(), guess(), guess()])).toEqual(['auth.bad_credentials', 'rate_limited', 'rate_limited']);
    }
    const { user } = await register();
    expect(await codeOf(signIn.login({ email: user.email ?? '', password: PASSWORD }, anonymous('10.2.0.1')))).toBe('ok');
  });

  it('is not possible for a disabled account', async () => {
    const who = await register();
    await database.execute(sql`UPDATE users SET disabled = true WHERE id = ${who.user.id}`);
    expect(await codeOf(signIn.login({ email: who.user.email ?? '', password: PASSWORD }, anonymous('10.3.0.1')))).toBe(
      'auth.bad_credentials',
    );
    expect(await codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
  });
});

describe('refreshing', () => {
  it('gives ten parallel requests one successor, and nobody is signed out', async () => {
    const { refreshToken } = await register();
    const answers = await Promise.all(Array.from({ length: 10 }, () => sessions.refresh({ refreshToken }, anonymous())));
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    expect(await codeOf(sessions.refresh({ refreshToken: answers[0]?.refreshToken ?? '' }, anonymous()))).toBe('ok');
  });

  it('ends the whole family when a token is used again after its successor was', async () => {
    const who = await register();
    const second = await sessions.refresh({ refreshToken: who.refreshToken }, anonymous());
    const third = await sessions.refresh({ refreshToken: second.refreshToken }, anonymous());
    expect(await codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
    expect(await codeOf(sessions.refresh({ refreshToken: third.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
    const { items } = await sessions.revocations();
    expect(items.some(({ id, before }) => id === claimsIn(third).sessionId && before > claimsIn(third).issuedAt)).toBe(true);
  });

  it('ends the family when a token is used again after more than ten seconds', async () => {
    const who = await register();
    const next = await sessions.refresh({ refreshToken: who.refreshToken }, anonymous());
    await database.execute(sql`UPDATE sessions SET rotated_at = now() - interval '11 seconds' WHERE id = ${claimsIn(who).sessionId}`);
    expect(await codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
    expect(await codeOf(sessions.refresh({ refreshToken: next.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
  });

  it('refuses an invented token, and the family it names goes on', async () => {
    const who = await register();
    const forged = who.refreshToken.replace(/[\w-]{43}$/, 'A'.repeat(43));
    expect(await codeOf(sessions.refresh({ refreshToken: forged }, anonymous()))).toBe('auth.bad_refresh_token');
    expect(await codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('ok');
  });

  it('goes on across a change of the signing key, and both keys are published', async () => {
    const who = await register();
    const rotated = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey(), JWT_PRIVATE_KEY_PREVIOUS: KEY });
    try {
      const handlers = rotated.get(SessionHandlers);
      expect(await codeOf(handlers.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('ok');
      expect((await handlers.jwks()).keys).toHaveLength(2);
    } finally {
      await rotated.close();
    }
  });
});

describe('signing out', () => {
  it('ends the own session, another own one by its token, or all; a foreign token is ignored', async () => {
    const one = await register();
    const email = one.user.email ?? '';
    const [two, three] = [
      opened(await signIn.login({ email, password: PASSWORD }, anonymous())),
      opened(await signIn.login({ email, password: PASSWORD }, anonymous())),
    ];
    const other = await register();
    const alive = async (): Promise<number> => (await sessions.sessions({}, as(one))).items.length;
    await sessions.logout({ refreshToken: other.refreshToken }, as(one));
    expect([await alive(), await codeOf(sessions.refresh({ refreshToken: other.refreshToken }, anonymous()))]).toEqual([3, 'ok']);
    await sessions.logout({ refreshToken: two.refreshToken }, as(one));
    expect(await alive()).toBe(2);
    await sessions.logout({}, as(three));
    expect(await alive()).toBe(1);
    await sessions.logout({ all: true }, as(one));
    expect(await alive()).toBe(0);
  });

  it('of a foreign session is not found', async () => {
    const [one, other] = [await register(), await register()];
    expect(await codeOf(sessions.endSession({ id: claimsIn(other).sessionId }, as(one)))).toBe('not_found');
  });
});

describe('addresses', () => {
  const home = {
    name: 'Asha',
    phone: '+919845012345',
    line1: '27, 8th Main',
    city: 'Bengaluru',
    state: 'Karnataka',
    pincode: '560011',
    country: 'IN',
  };

  it('have at most one default, also when several are set at once', async () => {
    const who = await register();
    const added = await Promise.all(Array.from({ length: 6 }, () => addresses.addAddress({ ...home, isDefault: true }, as(who))));
    await Promise.all(added.map(({ id }) => addresses.editAddress({ id, isDefault: true }, as(who))));
    const { items } = await addresses.addresses({}, as(who));
    expect(items.map(({ isDefault }) => isDefault)).toEqual([true, false, false, false, false, false]);
  });

  it('make the first the default, and are limited to twenty', async () => {
    const who = await register();
    const outcomes = await Promise.all(Array.from({ length: 22 }, () => codeOf(patiently(() => addresses.addAddress(home, as(who))))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(20);
    expect((await addresses.addresses({}, as(who))).items.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  it('of somebody else are not found, and the own default stays', async () => {
    const [one, other] = [await register(), await register()];
    const mine = await addresses.addAddress(home, as(one));
    await addresses.addAddress(home, as(other));
    for (const attempt of [
      () => addresses.address({ id: mine.id }, as(other)),
      () => addresses.editAddress({ id: mine.id, isDefault: true }, as(other)),
      () => addresses.removeAddress({ id: mine.id }, as(other)),
      () => addresses.addressOf({ userId: other.user.id, addressId: mine.id }),
    ]) {
      expect(await codeOf(attempt())).toBe('not_found');
    }
    expect((await addresses.addresses({}, as(other))).items[0]?.isDefault).toBe(true);
  });
});

describe('an address whose place changes', () => {
  const bengaluru = { name: 'Asha', phone: '+919845012345', line1: '27, 8th Main', city: 'Bengaluru', country: 'IN' };

  it('is judged as it becomes, and stays as it was when its PIN code cannot lie in its state', async () => {
    const who = await register();
    const { id } = await addresses.addAddress({ ...bengaluru, state: 'Karnataka', pincode: '560011' }, as(who));
    for (const change of [{ state: 'Maharashtra' }, { pincode: '400001' }])
      expect(await addresses.editAddress({ id, ...change }, as(who)).catch((error: Refusal) => error.fields)).toMatchObject({
        errors: [{ path: 'pincode' }],
      });
    expect(await addresses.address({ id }, as(who))).toMatchObject({ state: 'Karnataka', pincode: '560011' });
    expect(await addresses.editAddress({ id, state: 'Maharashtra', pincode: '400001' }, as(who))).toMatchObject({ state: 'Maharashtra' });
  });

  it('is answered by the official name where it was kept under another, and asked for its state where that means none', async () => {
    const who = await register();
    const { id } = await addresses.addAddress({ ...bengaluru, state: 'Karnataka', pincode: '560011' }, as(who));
    const keep = (state: string) => database.execute(sql`UPDATE addresses SET state = ${state} WHERE id = ${id}`);
    await keep('KA');
    expect((await addresses.address({ id }, as(who))).state).toBe('Karnataka');
    await keep('Karnatka');
    expect((await addresses.addressOf({ userId: who.user.id, addressId: id })).state).toBe('Karnatka');
    expect(await addresses.editAddress({ id, pincode: '560001' }, as(who)).catch((error: Refusal) => error.fields)).toMatchObject({
      errors: [{ path: 'state', allowed: expect.arrayContaining(['Karnataka']) }],
    });
    expect(await addresses.editAddress({ id, name: 'Asha K' }, as(who))).toMatchObject({ name: 'Asha K' });
  });
});

describe('a PIN code', () => {
  it('names the states it can lie in; an impossible one is not found', async () => {
    expect(await addresses.pincodeStates({ pincode: '560001' })).toEqual({ pincode: '560001', states: ['Karnataka'] });
    expect((await addresses.pincodeStates({ pincode: '160017' })).states).toEqual(['Chandigarh', 'Punjab']);
    for (const pincode of ['999999', '012345', 'abc']) expect(await codeOf(addresses.pincodeStates({ pincode }))).toBe('not_found');
  });
});

describe('a user whose mail address is known', () => {
  it('is found by it, however it is written; nobody else is', async () => {
    const email = newAddress();
    const { user } = await register(email);
    expect(await accounts.findByEmail({ email: email.toUpperCase() })).toEqual({ userId: user.id });
    expect(await codeOf(accounts.findByEmail({ email: newAddress() }))).toBe('not_found');
    expect(await codeOf(accounts.findByEmail({ email: 'nul\0@example.com' }))).toBe('not_found');
  });
});

describe('an admin', () => {
  it('cannot be the last to go, also when two demote each other at once', async () => {
    const [one, two] = [await register(), await register()];
    await database.execute(sql`UPDATE users SET roles = '{customer,admin}' WHERE id = ANY(${[one.user.id, two.user.id]}::uuid[])`);
    const outcomes = await Promise.all([
      codeOf(accounts.editUser({ id: two.user.id, roles: ['customer'] }, as(one, ['admin']))),
      codeOf(accounts.editUser({ id: one.user.id, roles: ['customer'] }, as(two, ['admin']))),
    ]);
    expect(outcomes.sort()).toEqual(['auth.last_admin', 'ok']);
  });

  it('changes roles at once: tokens of the old ones are revoked', async () => {
    const [admin, who] = [await register(), await register()];
    await accounts.editUser({ id: who.user.id, roles: ['customer', 'support'] }, as(admin, ['admin']));
    const { items } = await sessions.revocations();
    expect(items.some(({ kind, id, before }) => kind === 'user' && id === who.user.id && before > claimsIn(who).issuedAt)).toBe(true);
    const next = await sessions.refresh({ refreshToken: who.refreshToken }, anonymous());
    expect(claimsIn(next).roles).toEqual(['customer', 'support']);
  });

  it('gives only roles that exist', async () => {
    const [admin, who] = [await register(), await register()];
    for (const roles of [[], ['owner'], ['admin', 'admin']])
      expect(await codeOf(accounts.editUser({ id: who.user.id, roles }, as(admin, ['admin'])))).toBe('validation_failed');
  });

  it('finds a user by the phone number in every usual spelling, or by a part of it', async () => {
    const digits = `9${String(Date.now()).slice(-9)}`;
    const { user } = await signIn.register({ email: newAddress(), password: PASSWORD, name: 'A', phone: `+91${digits}` }, anonymous());
    const spaced = `${digits.slice(0, 5)} ${digits.slice(5)}`;
    for (const q of [digits, `+91 ${spaced}`, `0091-${digits}`, `91${digits}`, `0${spaced}`, `(+91) ${spaced}`, spaced.slice(0, 9)])
      expect((await accounts.users({ q, limit: 20 })).items.map(({ id }) => id)).toContain(user.id);
    expect((await accounts.users({ q: `+91 ${digits}9`, limit: 20 })).items).toEqual([]);
  });

  it('finds users page by page, each once', async () => {
    const name = `Findable ${uuidv7()}`;
    for (let index = 0; index < 5; index += 1) await signIn.register({ email: newAddress(), password: PASSWORD, name }, anonymous());
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await accounts.users({ q: name, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
  });
});
