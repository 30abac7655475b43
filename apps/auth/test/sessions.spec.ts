import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { aCall, codeOf } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SessionExpiry } from '../src/session-expiry.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, claimsIn, eventsOf, newAddress, newKey, opened, PASSWORD } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let sessions: SessionHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  sessions = app.get(SessionHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1';
const by = (agent: string): Call => aCall({ client: { ip: '10.50.0.1', agent } });
const register = (call = anonymous()): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, call);
const signIn = async (who: Issued, agent: string): Promise<Issued> =>
  opened(await app.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, by(agent)));
const noticesTo = async (who: Issued): Promise<string[]> =>
  (await eventsOf(database, authApi.events.securityNoticed, { userId: who.user.id })).map(({ template }) => template);

describe('a session', () => {
  it('is listed by a name that people know, with the one that asks marked', async () => {
    const who = await register(by(PHONE));
    const other = await signIn(who, 'curl/8.14.1');
    const { items } = await sessions.sessions({}, as(other));
    expect(items.map(({ device, ip, current }) => [device, ip, current])).toEqual([
      ['curl', '10.50.0.1', true],
      ['Safari on iPhone', '10.50.0.1', false],
    ]);
  });

  it('shows when and from where it was last used', async () => {
    const who = await register();
    await database.execute(sql`UPDATE sessions SET last_seen_at = now() - interval '2 days' WHERE user_id = ${who.user.id}`);
    await sessions.refresh({ refreshToken: who.refreshToken }, anonymous('10.50.7.7'));
    const [session] = (await sessions.sessions({}, as(who))).items;
    expect(session?.ip).toBe('10.50.7.7');
    expect(Date.parse(session?.lastSeenAt ?? '')).toBeGreaterThan(Date.now() - 3_600_000);
  });

  it('of a client that the account was never used by is told to its owner, once, and not the first of all', async () => {
    const who = await register(by('First/1'));
    await signIn(who, 'First/1');
    expect(await noticesTo(who)).toEqual([]);
    await signIn(who, 'Second/1');
    await signIn(who, 'Second/1');
    expect(await noticesTo(who)).toEqual(['new_sign_in']);
  });

  it('is one of fifty at most: the stalest ends, its token is refused, and other services hear of it', async () => {
    const who = await register();
    await database.execute(sql`UPDATE sessions SET last_seen_at = now() - interval '1 day' WHERE user_id = ${who.user.id}`);
    await database.execute(sql`
      INSERT INTO sessions (id, user_id, salt, device, ip)
      SELECT gen_random_uuid(), ${who.user.id}, 'salt', 'suite', '10.0.0.1' FROM generate_series(1, 49)`);
    const next = await signIn(who, 'suite');
    expect((await sessions.sessions({}, as(next))).items).toHaveLength(50);
    expect(await codeOf(sessions.refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe('auth.bad_refresh_token');
    const { sessionId } = claimsIn(who);
    expect((await sessions.revocations()).items.some(({ id }) => id === sessionId)).toBe(true);
    expect(await eventsOf(database, authApi.events.sessionEnded, { userId: who.user.id })).toEqual([
      expect.objectContaining({ sessionIds: [sessionId] }),
    ]);
    expect(
      (await database.row(sql`SELECT 1 FROM audit_log WHERE action = 'session_displaced' AND user_id = ${who.user.id}`)) !== undefined,
    ).toBe(true);
    expect(await codeOf(sessions.refresh({ refreshToken: next.refreshToken }, anonymous()))).toBe('ok');
  });

  it('that nobody used for 30 days, or that is 180 days old, is ended', async () => {
    const [idle, old, good] = [await register(), await register(), await register()];
    await database.execute(sql`UPDATE sessions SET last_seen_at = now() - interval '31 days' WHERE user_id = ${idle.user.id}`);
    await database.execute(sql`UPDATE sessions SET created_at = now() - interval '181 days' WHERE user_id = ${old.user.id}`);
    await app.get(SessionExpiry).endOver();
    const open = await database.rows<{ id: string }>(sql`
      SELECT id FROM sessions WHERE user_id = ANY(${[idle, old, good].map(({ user }) => user.id)}::uuid[]) AND ended_at IS NULL`);
    expect(open).toEqual([{ id: claimsIn(good).sessionId }]);
    expect(await codeOf(sessions.endSession({ id: uuidv7() }, as(good)))).toBe('not_found');
  });
});
