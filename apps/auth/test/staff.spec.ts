import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { AuditEntry } from '#libs/contracts/auth/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AccountHandlers } from '../src/account.handlers.ts';
import { PasswordHandlers } from '../src/password.handlers.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import { StaffHandlers } from '../src/staff.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, claimsIn, eventsOf, newAddress, newKey, opened, PASSWORD, secretIn } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let staff: StaffHandlers;
let accounts: AccountHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  staff = app.get(StaffHandlers);
  accounts = app.get(AccountHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
const anAdmin = async (): Promise<Issued> => {
  const who = await register();
  await database.execute(sql`UPDATE users SET roles = '{customer,admin}' WHERE id = ${who.user.id}`);
  return who;
};
const auditOf = async (userId: string): Promise<AuditEntry[]> => (await staff.audit({ userId, limit: 50 })).items;

describe('somebody who is invited to work here', () => {
  it('has the role, and can do nothing before they choose a password by the link of their mail', async () => {
    const [admin, email] = [await anAdmin(), newAddress()];
    const invited = await staff.inviteStaff({ email, name: 'Joseph', role: 'support' }, as(admin, ['admin']));
    expect(invited).toMatchObject({ email, roles: ['customer', 'support'], emailVerified: false, disabled: false });
    expect((await staff.staffList()).items.find(({ id }) => id === invited.id)).toMatchObject({
      invited: true,
      lastSeenAt: null,
      secondFactor: null,
    });
    const signIn = app.get(SignInHandlers);
    expect(await codeOf(signIn.login({ email, password: PASSWORD }, anonymous()))).toBe('auth.bad_credentials');
    const [due] = await eventsOf(database, authApi.events.messageDue, { userId: invited.id });
    expect(due).toMatchObject({ template: 'staff_invitation', channel: 'email', to: email });
    const token = due === undefined ? '' : secretIn(due);
    await app.get(PasswordHandlers).resetPassword({ token, newPassword: PASSWORD }, anonymous());
    const session = opened(await signIn.login({ email, password: PASSWORD }, anonymous()));
    expect([claimsIn(session).roles, session.user.emailVerified]).toEqual([['customer', 'support'], true]);
    expect((await staff.staffList()).items.find(({ id }) => id === invited.id)).toMatchObject({
      ...{ invited: false, lastSeenAt: expect.any(String) },
    });
    expect((await auditOf(invited.id)).at(-1)).toMatchObject({
      ...{ action: 'staff_invited', actorId: admin.user.id, detail: { roles: ['customer', 'support'] } },
    });
  });

  it('who has an account is not invited', async () => {
    const [admin, who] = [await anAdmin(), await register()];
    const invite = staff.inviteStaff({ email: who.user.email ?? '', name: 'A', role: 'admin' }, as(admin, ['admin']));
    expect(await codeOf(invite)).toBe('auth.email_taken');
  });
});

describe('the list of staff', () => {
  it('has support and admins, disabled ones too, and no customers', async () => {
    const [admin, gone, customer] = [await anAdmin(), await anAdmin(), await register()];
    await accounts.editUser({ id: gone.user.id, disabled: true }, as(admin, ['admin']));
    const { items } = await staff.staffList();
    const found = [admin, gone, customer].map(({ user }) => items.find(({ id }) => id === user.id)?.disabled);
    expect(found).toEqual([false, true, undefined]);
  });
});

describe('the audit log', () => {
  it('says who did what to whom and from where, page by page, and by action, actor and time', async () => {
    const [admin, who] = [await anAdmin(), await register()];
    const before = new Date().toISOString();
    await app.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, anonymous('10.30.0.7'));
    await accounts.editUser({ id: who.user.id, roles: ['customer', 'support'] }, as(admin, ['admin']));
    await accounts.editUser({ id: who.user.id, disabled: true }, as(admin, ['admin']));
    const entries = await auditOf(who.user.id);
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['account_disabled', 'user_edited', 'user_edited', 'signed_in', 'registered']),
    );
    expect(entries.find(({ action }) => action === 'signed_in')).toMatchObject({ ip: '10.30.0.7', detail: { by: 'password' } });
    const byAdmin = await staff.audit({ actorId: admin.user.id, action: 'user_edited', from: before, limit: 1 });
    expect(byAdmin.items).toMatchObject([{ userId: who.user.id, detail: { disabled: true } }]);
    const next = await staff.audit({
      actorId: admin.user.id,
      action: 'user_edited',
      from: before,
      limit: 1,
      cursor: byAdmin.nextCursor ?? '',
    });
    expect([next.items, next.nextCursor]).toMatchObject([[{ detail: { roles: ['customer', 'support'] } }], null]);
    expect((await staff.audit({ userId: who.user.id, to: before, limit: 50 })).items.map(({ action }) => action)).toEqual(['registered']);
  });
});

describe('other services', () => {
  it('hear of a changed account with a version that rises, and of every session that ended, but not for a change of roles', async () => {
    const [admin, who] = [await anAdmin(), await register()];
    const published: { event: string; payload: { sessionIds?: string[]; version?: number } }[] = [];
    const transaction = database.transaction.bind(database);
    database.transaction = ((work, options) =>
      transaction((one) => {
        const publish = one.publish.bind(one);
        one.publish = (event, data) => {
          published.push({ event: event.key, payload: data });
          return publish(event, data);
        };
        return work(one);
      }, options)) as typeof database.transaction;
    try {
      await accounts.editUser({ id: who.user.id, roles: ['customer', 'support'] }, as(admin, ['admin']));
      expect(published.map(({ event }) => event)).toEqual(['auth.accountChanged']);
      await accounts.editUser({ id: who.user.id, disabled: true }, as(admin, ['admin']));
      await database.execute(sql`UPDATE users SET disabled = false WHERE id = ${who.user.id}`);
      const again = opened(await app.get(SignInHandlers).login({ email: who.user.email ?? '', password: PASSWORD }, anonymous()));
      await app.get(SessionHandlers).logout({}, as(again));
      const ended = published.filter(({ event }) => event === 'auth.sessionEnded').map(({ payload }) => payload.sessionIds);
      expect(ended).toEqual([[claimsIn(who).sessionId], [claimsIn(again).sessionId]]);
      const versions = published.filter(({ event }) => event === 'auth.accountChanged').map(({ payload }) => payload.version ?? 0);
      expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
    } finally {
      database.transaction = transaction;
    }
  });
});
