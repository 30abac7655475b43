import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Refusal } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import type { Logger } from '#libs/observability/logger';
import { metrics } from '#libs/observability/metrics';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';
import { type Statement, sql } from '#libs/persistence/sql';
import { PublishedTrust } from '#libs/runtime/published-trust';
import { codeOf, eventually } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountHandlers } from '../src/account.handlers.ts';
import { signIns } from '../src/auth.metrics.ts';
import { EmailHandlers } from '../src/email.handlers.ts';
import { Journal } from '../src/journal.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, claimsIn, eventsOf, newAddress, newKey, PASSWORD, secretIn } from './auth-fixture.ts';

/** What is kept about accounts: the audit log, confirmed addresses, counts and log lines. */
let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let signIn: SignInHandlers;
let accounts: AccountHandlers;
let emails: EmailHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  signIn = app.get(SignInHandlers);
  accounts = app.get(AccountHandlers);
  emails = app.get(EmailHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (): Promise<Issued> => signIn.register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());

describe('the migrations of auth', () => {
  it('run as a login that owns its database and has no other rights', async () => {
    const server = new URL(scratch.url);
    const name = `plain_${uuidv7().replaceAll('-', '')}`;
    const admin = new pg.Client({ connectionString: server.href });
    await admin.connect();
    try {
      await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'plain'`);
      await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
      Object.assign(server, { username: name, password: 'plain', pathname: `/${name}` });
      const source = new DataSource(
        databaseOptions({ url: server.href, entities: [], migrations, applicationName: 'plain', poolSize: 2, statementTimeoutMs: 0 }),
      );
      await source.initialize();
      try {
        await migrate(source);
        expect(await source.query('SELECT forget_old_audit(10)')).toEqual([]);
      } finally {
        await source.destroy();
      }
    } finally {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE IF EXISTS ${name}`);
      await admin.end();
    }
  });
});

describe('the audit log', () => {
  const rows = () => database.row<{ count: number }>(sql`SELECT count(*) AS count FROM audit_log WHERE action = 'registered'`);

  it('can be added to, and not be changed: what tries is told', async () => {
    await register();
    const before = await rows();
    for (const change of [sql`DELETE FROM audit_log`, sql`UPDATE audit_log SET action = 'nothing'`, sql`TRUNCATE audit_log`])
      await expect(database.execute(change)).rejects.toThrow('audit_log takes inserts only');
    expect(await rows()).toEqual(before);
    expect(before?.count).toBeGreaterThan(0);
  });

  it('gives way to its owner alone, who has to say so; a login that only has the rows can neither say so nor take the guard away', async () => {
    const { user } = await register();
    const erase = (login: string | undefined, ...statements: Statement[]): Promise<unknown> =>
      database.transaction(async (transaction) => {
        if (login !== undefined) await transaction.execute(sql`SELECT set_config('role', ${login}, true)`);
        await transaction.execute(sql`SET LOCAL only2u.erasing = 'on'`);
        let gone = 0;
        for (const statement of statements) gone = await transaction.execute(statement);
        return gone;
      });
    const ofUser = sql`DELETE FROM audit_log WHERE user_id = ${user.id}`;
    await database.execute(sql`
      DO $$ BEGIN CREATE ROLE audit_suite_rows; EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
    await database.execute(sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO audit_suite_rows`);
    try {
      await expect(erase('audit_suite_rows', ofUser)).rejects.toThrow('audit_log takes inserts only');
      await expect(erase('audit_suite_rows', sql`DROP TRIGGER audit_log_takes_inserts ON audit_log`)).rejects.toThrow('must be owner');
      await expect(erase('audit_suite_rows', sql`TRUNCATE audit_log`)).rejects.toThrow('permission denied');
      await database.execute(sql`UPDATE users SET name = name`);
      const old = uuidv7();
      await database.execute(sql`INSERT INTO audit_log (id, action, at) VALUES (${old}, 'registered', now() - interval '401 days')`);
      expect(await erase('audit_suite_rows', sql`SELECT forget_old_audit(10)`)).toBe(1);
      expect(await erase(undefined, ofUser)).toBe(1);
    } finally {
      await database.execute(sql`DROP OWNED BY audit_suite_rows`);
    }
  });
});

describe('keys and revocations', () => {
  it('are kept where a process finds them that starts while auth is away, a session’s end at once', async () => {
    const trust = new PublishedTrust(app.get(BusClient));
    const who = await register();
    const sessions = app.get(SessionHandlers);
    await sessions.logout({}, as(who));
    const ended = await eventually(async () => (await trust.revocations()).items.find(({ id }) => id === claimsIn(who).sessionId));
    expect(ended.before).toBeGreaterThan(claimsIn(who).issuedAt);
    expect(await trust.keys()).toEqual(await sessions.jwks());
  });
});

describe('an e-mail address', () => {
  const tokenFor = async (who: Issued): Promise<string | undefined> => {
    const [newest] = await eventsOf(database, authApi.events.messageDue, { userId: who.user.id });
    return newest === undefined ? undefined : secretIn(newest);
  };
  const isVerified = async (who: Issued): Promise<boolean> => (await accounts.me({}, as(who))).emailVerified;

  it('is confirmed by the link of its mail, which may be opened twice; by no other and no old one', async () => {
    const [who, other] = [await register(), await register()];
    const token = await eventually(() => tokenFor(who));
    expect(await codeOf(emails.verifyEmail({ token: 'x'.repeat(32) }))).toBe('auth.bad_link');
    expect(await isVerified(who)).toBe(false);
    for (let time = 0; time < 2; time += 1) expect(await codeOf(emails.verifyEmail({ token }))).toBe('ok');
    expect([await isVerified(who), await isVerified(other)]).toEqual([true, false]);
    const late = await eventually(() => tokenFor(other));
    await database.execute(sql`UPDATE email_tokens SET expires_at = now() WHERE user_id = ${other.user.id}`);
    expect(await codeOf(emails.verifyEmail({ token: late }))).toBe('auth.bad_link');
  });

  it('gets a fresh mail a minute apart and five times a day, and none once it is confirmed', async () => {
    const who = await register();
    const first = await eventually(() => tokenFor(who));
    const resend = (): Promise<string> => codeOf(emails.resendEmail({}, as(who)));
    const passes = (seconds: number) =>
      database.execute(
        sql`UPDATE email_tokens SET created_at = created_at - make_interval(secs => ${seconds}::float8) WHERE user_id = ${who.user.id}`,
      );
    expect(await resend()).toBe('ok');
    expect((await Promise.all([resend(), resend()])).concat(await resend())).toEqual(Array(3).fill('rate_limited'));
    for (let more = 0; more < 4; more += 1) {
      await passes(61);
      expect(await resend()).toBe('ok');
    }
    await passes(61);
    expect(await emails.resendEmail({}, as(who)).catch((error: Refusal) => error)).toMatchObject({ retryAfter: expect.any(Number) });
    await passes(86_400);
    expect(await resend()).toBe('ok');
    const fresh = await eventually(async () => ((await tokenFor(who)) === first ? undefined : tokenFor(who)));
    expect(await codeOf(emails.verifyEmail({ token: fresh }))).toBe('ok');
    await passes(86_400);
    const sent = async (): Promise<number> => (await eventsOf(database, authApi.events.messageDue, { userId: who.user.id })).length;
    const before = await sent();
    expect([await resend(), await sent()]).toEqual(['ok', before]);
  });
});

describe('what happens to accounts and sessions', () => {
  it('is counted from 0, sign-ins by their outcome', async () => {
    const shown = await metrics.metrics();
    for (const outcome of ['ok', 'wrong_password', 'unknown_account', 'account_disabled', 'rate_limited', 'unavailable'])
      expect(shown).toMatch(new RegExp(`only2u_sign_ins_total\\{outcome="${outcome}"\\} \\d`));
    const { user } = await register();
    const counted = async (outcome: string): Promise<number> =>
      (await signIns.get()).values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
    const before = [await counted('wrong_password'), await counted('unknown_account')];
    await codeOf(signIn.login({ email: user.email ?? '', password: 'not the password' }, anonymous('10.7.0.1')));
    await codeOf(signIn.login({ email: newAddress(), password: 'not the password' }, anonymous('10.7.0.2')));
    expect([await counted('wrong_password'), await counted('unknown_account')]).toEqual(before.map((count) => count + 1));
  });

  it('is a line in the log with ids and reasons, and nothing that names a person', async () => {
    const lines: { fields: Record<string, unknown>; event: string }[] = [];
    const write = (fields: Record<string, unknown>, event: string): void => void lines.push({ fields, event });
    const journal = new Journal({ info: write, warn: write } as unknown as Logger);
    journal.signInFailed('wrong_password', 'user-1');
    journal.signedIn('user-1', 'session-1');
    journal.sessionEnded('user-1', 'session-1', 'signed_out');
    journal.refreshReplayed('user-1', 'session-1');
    journal.accountEdited('user-1', 'admin-1', { roles: ['support'] });
    expect(lines.map(({ event }) => event)).toEqual([
      'auth.sign_in_failed',
      'auth.signed_in',
      'auth.session_ended',
      'auth.refresh_replayed',
      'auth.account_edited',
    ]);
    expect(lines[0]?.fields).toEqual({ reason: 'wrong_password', userId: 'user-1' });
  });
});
