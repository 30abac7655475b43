import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessTokens } from '#libs/auth/access-token';
import { BusClient } from '#libs/messaging/bus-client';
import { codeOf } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { SessionHandlers } from '../src/session.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import { anonymous, bootAuth, newAddress, newKey, PASSWORD } from './auth-fixture.ts';

/** The key that signs tokens is changed at one replica after the other. */
let scratch: ScratchDatabase;
beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
});
afterAll(() => scratch.drop());

describe('a refresh', () => {
  it('works at every replica while the signing key is changed at one after the other, under load', async () => {
    const [older, newer] = [newKey(), newKey()];
    const before = await bootAuth(scratch, { JWT_PRIVATE_KEY: older });
    const after = await bootAuth(scratch, { JWT_PRIVATE_KEY: newer, JWT_PRIVATE_KEY_PREVIOUS: older });
    try {
      const replicas = [before, after];
      const outcomes = await Promise.all(
        Array.from({ length: 5 }, async (_, index) => {
          const pick = (step: number): NestFastifyApplication => replicas[(index + step) % 2] as NestFastifyApplication;
          let who = await pick(0).get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
          for (let step = 1; step <= 6; step += 1) {
            const tokens = new AccessTokens(() => pick(step).get(SessionHandlers).jwks());
            await tokens.verify(who.accessToken, pick(step).get(BusClient).clock.now());
            who = await pick(step).get(SessionHandlers).refresh({ refreshToken: who.refreshToken }, anonymous());
          }
          return who.user.id;
        }).map(codeOf),
      );
      expect(new Set(outcomes)).toEqual(new Set(['ok']));
      // A replica with neither key cannot open what was wrapped for those that have one.
      const stranger = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
      const who = await after.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
      expect(await codeOf(stranger.get(SessionHandlers).refresh({ refreshToken: who.refreshToken }, anonymous()))).toBe(
        'auth.bad_refresh_token',
      );
      await stranger.close();
    } finally {
      await Promise.all([before.close(), after.close()]);
    }
  });
});
