import { generateKeyPairSync } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access, GATEWAY } from '#libs/auth/access';
import { AccessTokens } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { Refusal } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { aCall, aUser, codeOf, eventually } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountHandlers } from '../src/account.handlers.ts';
import { AccountRepository } from '../src/account.repository.ts';
import { authEnv } from '../src/auth.env.ts';
import { AuthModule } from '../src/auth.module.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SessionRepository } from '../src/session.repository.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';

import { eventsOf, opened, secretIn } from './auth-fixture.ts';

/** What must hold between two steps of auth, on stores of this suite's own: it takes Redis away. */
const PASSWORD = 'seven green parrots';
const WRONG = 'seven grey parrots';

let scratch: ScratchDatabase;
let redis: RedisServer;
let app: NestFastifyApplication;
let database: Database;
let signIn: SignInHandlers;
let sessions: SessionHandlers;
let accounts: AccountHandlers;
let nextAddress = 1;

beforeAll(async () => {
  [scratch, redis] = await Promise.all([scratchDatabase(migrations), RedisServer.start()]);
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  app = await startTestService({
    service: 'auth',
    module: AuthModule,
    databaseUrl: scratch.url,
    redisUrl: redis.url,
    environment: { declared: authEnv, values: { JWT_PRIVATE_KEY: key, FACTOR_KEY: 'f'.repeat(48) } },
  });
  database = app.get(Database);
  signIn = app.get(SignInHandlers);
  sessions = app.get(SessionHandlers);
  accounts = app.get(AccountHandlers);
});
afterAll(async () => {
  await app.close();
  await Promise.all([redis.kill(), scratch.drop()]);
});

const from = (ip: string): Call => aCall({ client: { ip, agent: 'suite' } });
const anonymous = (): Call => from('10.0.0.1');
const admin = (): Call => ({ ...anonymous(), actor: aUser(uuidv7(), 'admin') });
/** An address of the network that no other test has used. */
const newIp = (): string => {
  nextAddress += 1;
  return `10.9.${nextAddress >> 8}.${nextAddress & 255}`;
};
const newEmail = (): string => `person-${uuidv7()}@example.com`;
const register = (email = newEmail()): Promise<Issued> => signIn.register({ email, password: PASSWORD, name: 'Asha' }, anonymous());
const emailOf = ({ user }: Issued): string => user.email ?? '';
const guess = (email: string, ip: string): Promise<string> => codeOf(signIn.login({ email, password: WRONG }, from(ip)));

/** Judges a token as every service does: keys and revocations come over the bus. */
async function asEveryService(token: string): Promise<string> {
  const tokens = new AccessTokens(() => sessions.jwks());
  const revocations = new Revocations(() => sessions.revocations());
  await revocations.read();
  const receivedAt = app.get(BusClient).clock.now();
  return codeOf(new Access(tokens, revocations).actorFor(authApi.operations.me, { from: GATEWAY, token, receivedAt }));
}

describe('a change of roles', () => {
  it('refuses tokens issued before it, and none issued after it, however soon', async () => {
    for (const roles of [['customer', 'support'], ['customer'], ['customer', 'support']]) {
      const who = await register();
      await database.execute(sql`UPDATE users SET roles = ${roles.length === 1 ? ['support'] : ['customer']} WHERE id = ${who.user.id}`);
      await accounts.editUser({ id: who.user.id, roles }, admin());
      const next = await sessions.refresh({ refreshToken: who.refreshToken }, anonymous());
      expect([await asEveryService(who.accessToken), await asEveryService(next.accessToken)]).toEqual(['unauthenticated', 'ok']);
      expect(next.user.roles).toEqual(roles);
    }
  });

  it('leaves no good token with the old roles to sign-ins and refreshes that run beside it', async () => {
    const who = await register();
    const attempts = Array.from({ length: 6 }, () => signIn.login({ email: emailOf(who), password: PASSWORD }, anonymous()).then(opened));
    const edit = pause(60).then(() => accounts.editUser({ id: who.user.id, roles: ['support'] }, admin()));
    const all = await Promise.all([...attempts, sessions.refresh({ refreshToken: who.refreshToken }, anonymous())]);
    await edit;
    for (const { user, accessToken } of all)
      expect([user.roles, await asEveryService(accessToken)]).toEqual(
        user.roles.includes('support') ? [['support'], 'ok'] : [['customer'], 'unauthenticated'],
      );
  });

  it('that is not committed yet is waited for', async () => {
    const who = await register();
    const held = Promise.withResolvers<void>();
    const change = database.transaction(async (transaction) => {
      await transaction.execute(sql`UPDATE users SET roles = '{support}' WHERE id = ${who.user.id}`);
      await app.get(SessionRepository).cutOffUser(transaction, who.user.id);
      held.resolve();
      await pause(400);
    });
    await held.promise;
    // Longer than a revocation may lie ahead of the clock: a token made now would outlive it.
    await pause(150);
    const next = await sessions.refresh({ refreshToken: who.refreshToken }, anonymous());
    await change;
    expect([next.user.roles, await asEveryService(next.accessToken)]).toEqual([['support'], 'ok']);
  });

  it('that would leave no admin waits for the one before it, and is refused', async () => {
    const [one, two] = [await register(), await register()];
    await database.execute(sql`UPDATE users SET roles = '{customer}'`);
    await database.execute(sql`UPDATE users SET roles = '{admin}' WHERE id = ANY(${[one.user.id, two.user.id]}::uuid[])`);
    const demoted = Promise.withResolvers<void>();
    const first = database.transaction(async (transaction) => {
      await app.get(AccountRepository).edit(transaction, one.user.id, { roles: ['customer'] });
      demoted.resolve();
      await pause(300);
    });
    await demoted.promise;
    expect(await codeOf(accounts.editUser({ id: two.user.id, disabled: true }, admin()))).toBe('auth.last_admin');
    await first;
  });

  it('to the roles a user has already cuts nobody off', async () => {
    const who = await register();
    await accounts.editUser({ id: who.user.id, roles: ['customer'], disabled: false }, admin());
    expect(await asEveryService(who.accessToken)).toBe('ok');
  });
});

describe('disabling an account', () => {
  it('leaves no session to a sign-in whose password is being checked meanwhile', async () => {
    const who = await register();
    const attempts = Array.from({ length: 6 }, () => codeOf(signIn.login({ email: emailOf(who), password: PASSWORD }, anonymous())));
    await accounts.editUser({ id: who.user.id, disabled: true }, admin());
    await Promise.all(attempts);
    const alive = await database.row<{ count: number }>(
      sql`SELECT count(*) AS count FROM sessions WHERE user_id = ${who.user.id} AND ended_at IS NULL`,
    );
    expect([alive?.count, await asEveryService(who.accessToken)]).toEqual([0, 'unauthenticated']);
  });
});

describe('an ended session', () => {
  it('has no good token, not even one that is still being signed', async () => {
    const who = await register();
    const me: Call = { ...anonymous(), actor: { kind: 'user', userId: who.user.id, sessionId: '', roles: ['customer'] } };
    const [next] = await Promise.allSettled([
      sessions.refresh({ refreshToken: who.refreshToken }, anonymous()),
      sessions.logout({ all: true }, me),
    ]);
    const made = next.status === 'fulfilled' ? [who, next.value] : [who];
    for (const { accessToken } of made) expect(await asEveryService(accessToken)).toBe('unauthenticated');
  });

  it('that ran out is no theft: nobody is alarmed', async () => {
    const who = await register();
    await database.execute(sql`UPDATE sessions SET last_seen_at = now() - interval '31 days' WHERE user_id = ${who.user.id}`);
    expect(await codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
    expect(await eventsOf(database, authApi.events.securityNoticed, { userId: who.user.id })).toEqual([]);
  });

  it('tells its user once when an old token of it was used, though it is used ten times', async () => {
    const who = await register();
    const next = await sessions.refresh({ refreshToken: who.refreshToken }, anonymous());
    await sessions.refresh({ refreshToken: next.refreshToken }, anonymous());
    await Promise.all(Array.from({ length: 10 }, () => codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))));
    expect(await eventsOf(database, authApi.events.securityNoticed, { userId: who.user.id })).toEqual([
      { userId: who.user.id, template: 'session_replay', at: expect.any(String) },
    ]);
  });
});

describe('guessing', () => {
  it('is one guess at a time beyond the free ones, though a hundred come at once', async () => {
    const [email, ip] = [emailOf(await register()), newIp()];
    for (let tries = 0; tries < 5; tries += 1) expect(await guess(email, ip)).toBe('auth.bad_credentials');
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => guess(email, ip)));
    expect(outcomes.filter((outcome) => outcome === 'auth.bad_credentials')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(99);
  });

  it('is bounded in its first burst too, while the passwords are still being checked', async () => {
    const [email, ip] = [emailOf(await register()), newIp()];
    const outcomes = await Promise.all(Array.from({ length: 60 }, () => guess(email, ip)));
    expect(outcomes.filter((outcome) => outcome === 'auth.bad_credentials')).toHaveLength(15);
    expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(45);
    const other = emailOf(await register());
    const spread = await Promise.all(Array.from({ length: 60 }, () => guess(other, newIp())));
    expect(spread.filter((outcome) => outcome === 'auth.bad_credentials')).toHaveLength(30);
  });

  it('from one network of IPv6 is of one address, however many it uses', async () => {
    const email = emailOf(await register());
    for (let tries = 0; tries < 5; tries += 1) expect(await guess(email, `2001:db8:77:1::${tries}`)).toBe('auth.bad_credentials');
    // As many as twelve addresses of their own would all be let in. A guess may come after the wait of the one before, on a busy machine.
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, host) => guess(email, `2001:db8:77:1::${host + 6}`)));
    expect(outcomes).toContain('rate_limited');
  });

  it('from many addresses slows strangers down, and not the owner at an address of his own', async () => {
    const [email, home] = [emailOf(await register()), newIp()];
    expect(await codeOf(signIn.login({ email, password: PASSWORD }, from(home)))).toBe('ok');
    for (let tries = 0; tries < 20; tries += 1) expect(await guess(email, newIp())).toBe('auth.bad_credentials');
    // At once, so that the wait which the guess starts cannot run out on a busy machine.
    expect(await Promise.all([guess(email, newIp()), codeOf(signIn.login({ email, password: PASSWORD }, from(newIp())))])).toEqual([
      'auth.bad_credentials',
      'rate_limited',
    ]);
    expect(await codeOf(signIn.login({ email, password: PASSWORD }, from(home)))).toBe('ok');
  });

  it('is told how long to wait, and the right password after it clears the count', async () => {
    const [email, ip] = [emailOf(await register()), newIp()];
    for (let tries = 0; tries < 5; tries += 1) await guess(email, ip);
    const [, refusal] = await Promise.all([
      guess(email, ip),
      signIn.login({ email, password: PASSWORD }, from(ip)).catch((error: unknown) => error),
    ]);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) });
    const wait = (refusal as Refusal).retryAfter ?? 0;
    expect(wait).toBeLessThanOrEqual(2);
    await pause(wait * 1_000);
    expect(await codeOf(signIn.login({ email, password: PASSWORD }, from(ip)))).toBe('ok');
    for (let tries = 0; tries < 6; tries += 1) expect(await guess(email, ip)).toBe('auth.bad_credentials');
  });

  it('costs a hundred honest sign-ins from one address nothing', async () => {
    const [email, ip] = [emailOf(await register()), newIp()];
    const outcomes: string[] = [];
    for (let batch = 0; batch < 10; batch += 1)
      outcomes.push(
        ...(await Promise.all(Array.from({ length: 10 }, () => codeOf(signIn.login({ email, password: PASSWORD }, from(ip)))))),
      );
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
    // A hundred real checks of a password: on a busy machine that takes minutes.
  }, 240_000);
});

describe('a registration', () => {
  it('is one of sixty an hour from an address, whatever it answers', async () => {
    const ip = newIp();
    const ask = (password: string, at = ip): Promise<string> =>
      codeOf(signIn.register({ email: newEmail(), password, name: 'Asha' }, from(at)));
    for (let time = 0; time < 60; time += 1) expect(await ask('Password1234')).toBe('auth.password_breached');
    expect([await ask(PASSWORD), await ask(PASSWORD, newIp())]).toEqual(['rate_limited', 'ok']);
  });

  it('has a message sent whose token is stored only as its hash, and travels closed', async () => {
    const who = await register();
    const [due] = await eventsOf(database, authApi.events.messageDue, { userId: who.user.id });
    expect(due).toMatchObject({ template: 'email_verification', channel: 'email', to: emailOf(who) });
    const token = due === undefined ? '' : secretIn(due);
    expect(due?.sealed).not.toContain(token);
    const stored = await database.rows<{ token_hash: string }>(sql`SELECT token_hash FROM email_tokens WHERE user_id = ${who.user.id}`);
    expect([token.length, stored.length, stored[0]?.token_hash === token]).toEqual([32, 1, false]);
  });
});

describe('the list of users', () => {
  it('refuses what Postgres cannot read, as a fault of the request', async () => {
    expect(await codeOf(accounts.users({ q: 'a\0b', limit: 20 }))).toBe('validation_failed');
  });
});

describe('the sweep', () => {
  it('forgets what nothing depends on, and keeps what is good', async () => {
    const [old, good] = [await register(), await register()];
    await database.execute(sql`UPDATE sessions SET last_seen_at = now() - interval '61 days' WHERE user_id = ${old.user.id}`);
    await database.execute(sql`
      INSERT INTO revocations (kind, id, before_ms, expires_at) VALUES ('user', ${old.user.id}, 1, now() - interval '1 hour'), ('user', ${good.user.id}, 1, now() + interval '1 hour')
      ON CONFLICT (kind, id) DO UPDATE SET expires_at = excluded.expires_at`);
    await app.get(Sweeper).sweep();
    const left = await database.rows<{ user_id: string }>(
      sql`SELECT user_id FROM sessions WHERE user_id = ANY(${[old.user.id, good.user.id]}::uuid[]) UNION ALL
          SELECT id FROM revocations WHERE id = ANY(${[old.user.id, good.user.id]}::uuid[])`,
    );
    expect(left.map(({ user_id }) => user_id)).toEqual([good.user.id, good.user.id]);
  });
});

/** Last: it takes Redis away. */
describe('without Redis', () => {
  it('nobody signs in, known or unknown, and a registration still succeeds', async () => {
    const email = emailOf(await register());
    await redis.kill();
    expect(await codeOf(signIn.login({ email, password: PASSWORD }, anonymous()))).toBe('unavailable');
    expect(await guess(newEmail(), '10.0.0.2')).toBe('unavailable');
    expect(await codeOf(register())).toBe('ok');
    await redis.start();
    await eventually(async () => ((await codeOf(signIn.login({ email, password: PASSWORD }, anonymous()))) === 'ok' ? true : undefined));
  });
});

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
