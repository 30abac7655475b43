import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { Database } from '#libs/persistence/database';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { EmailHandlers } from '../src/email.handlers.ts';
import { OtpHandlers } from '../src/otp.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, eventsOf, newAddress, newKey, PASSWORD, secretIn } from './auth-fixture.ts';

/** What other services hear of accounts, as it stands in the outbox: nobody takes it in this suite. */
let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const { registered, contactVerified, deviceSeen, messageDue } = authApi.events;
const on = (device: string | undefined, call = anonymous()): Call => ({
  ...call,
  client: { ip: '', agent: 'suite', ...call.client, ...(device === undefined ? {} : { device }) },
});
const register = (referralCode?: string, device?: string): Promise<Issued> =>
  app
    .get(SignInHandlers)
    .register(
      { email: newAddress(), password: PASSWORD, name: 'Asha', ...(referralCode === undefined ? {} : { referralCode }) },
      on(device),
    );
const signIn = ({ user }: Issued, device?: string) =>
  app.get(SignInHandlers).login({ email: user.email ?? '', password: PASSWORD }, on(device));
const devicesOf = async ({ user }: Issued) => (await eventsOf(database, deviceSeen, { userId: user.id })).map(({ deviceId }) => deviceId);

describe('others hear', () => {
  it('of a registration once, with the code and the device that came with it', async () => {
    const device = uuidv7();
    const { user } = await register(' ABC-DEF-GHJ ', device);
    expect(await eventsOf(database, registered, { userId: user.id })).toEqual([
      { userId: user.id, referralCode: 'ABC-DEF-GHJ', deviceId: device, at: expect.any(String) },
    ]);
    expect(await eventsOf(database, registered, { userId: (await register()).user.id })).toMatchObject([{ at: expect.any(String) }]);
  });

  it.each(['', '   ', 'X'.repeat(41), '\u200b'.repeat(3)])(
    'of no code that cannot be one, which spoils no registration: %j',
    async (code) => {
      const { user } = await register(code);
      expect((await eventsOf(database, registered, { userId: user.id }))[0]).not.toHaveProperty('referralCode');
    },
  );

  it('of each device of an account the first time, at the registration and at a sign-in', async () => {
    const [first, second] = [uuidv7(), uuidv7()];
    const who = await register(undefined, first);
    await Promise.all([signIn(who, first), signIn(who, second), signIn(who, second), signIn(who)]);
    expect((await devicesOf(who)).toSorted()).toEqual([first, second].toSorted());
    const other = await register(undefined, first);
    expect(await devicesOf(other)).toEqual([first]);
  });

  it('of a customer by phone, whose number is proved, and of the device that the code was entered on', async () => {
    const [phone, device] = ['+919300100200', uuidv7()];
    const { requestId } = await app.get(OtpHandlers).sendOtp({ phone }, on(device));
    const [due] = await eventsOf(database, messageDue, { to: phone });
    const code = due === undefined ? '' : secretIn(due);
    const who = (await app.get(OtpHandlers).verifyOtp({ requestId, phone, code, name: 'Kavya' }, on(device))) as Issued;
    expect(await eventsOf(database, registered, { userId: who.user.id })).toMatchObject([{ deviceId: device }]);
    expect(await eventsOf(database, contactVerified, { userId: who.user.id })).toMatchObject([{ kind: 'phone' }]);
    expect(await devicesOf(who)).toEqual([device]);
  });

  it('that an address was proved, once however often its link is opened', async () => {
    const who = await register();
    expect(await eventsOf(database, contactVerified, { userId: who.user.id })).toEqual([]);
    const [due] = await eventsOf(database, messageDue, { userId: who.user.id });
    const token = due === undefined ? '' : secretIn(due);
    await Promise.all([1, 2, 3].map(() => app.get(EmailHandlers).verifyEmail({ token })));
    expect(await eventsOf(database, contactVerified, { userId: who.user.id })).toEqual([
      { userId: who.user.id, kind: 'email', at: expect.any(String) },
    ]);
  });

  it('of a number that its owner adds later', async () => {
    const who = await register();
    const phone = '+919300100201';
    const { requestId } = await app.get(OtpHandlers).sendOtp({ phone, purpose: 'verify' }, as(who));
    const [due] = await eventsOf(database, messageDue, { to: phone });
    await app.get(OtpHandlers).verifyOtp({ requestId, phone, code: due === undefined ? '' : secretIn(due) }, as(who));
    expect(await eventsOf(database, contactVerified, { userId: who.user.id })).toMatchObject([{ kind: 'phone' }]);
  });
});
