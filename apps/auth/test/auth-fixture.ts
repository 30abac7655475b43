import { generateKeyPairSync } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { claimsOf } from '#libs/auth/access-token';
import type { Call, Role } from '#libs/contracts/call';
import { aCall } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { startTestService } from '#libs/testing/test-service';
import { authEnv } from '../src/auth.env.ts';
import { AuthModule } from '../src/auth.module.ts';
import type { Issued } from '../src/token-issuer.ts';

export const PASSWORD = 'seven green parrots';

export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const bootAuth = (scratch: ScratchDatabase, values: Record<string, string>): Promise<NestFastifyApplication> =>
  startTestService({
    service: 'auth',
    module: AuthModule,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
    environment: { declared: authEnv, values: { FACTOR_KEY: 'f'.repeat(48), ...values } },
  });

export const anonymous = (ip = '10.0.0.1'): Call => aCall({ client: { ip, agent: 'suite' } });

export const claimsIn = ({ accessToken }: Issued) =>
  claimsOf(JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()));

export const as = (who: Issued, roles: readonly Role[] = ['customer']): Call => ({
  ...anonymous(),
  actor: { kind: 'user', userId: who.user.id, sessionId: claimsIn(who).sessionId, roles },
});

export const newAddress = (): string => `Person.${uuidv7()}@Example.com`;
