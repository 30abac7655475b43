import { generateKeyPairSync, randomInt } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { claimsOf } from '#libs/auth/access-token';
import type { MessageDue } from '#libs/contracts/auth/messages';
import type { Call, Role } from '#libs/contracts/call';
import type { AnyEvent } from '#libs/contracts/contract';
import { SecretTexts } from '#libs/messaging/secret-texts';
import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { aCall } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { type FakePeer, startTestService, TEST_BUS_SECRET } from '#libs/testing/test-service';
import { authEnv } from '../src/auth.env.ts';
import { AuthModule } from '../src/auth.module.ts';
import type { FactorAsked, Issued } from '../src/token-issuer.ts';

export const PASSWORD = 'seven green parrots';

export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const anyIp = (): string => `10.${100 + randomInt(100)}.${randomInt(256)}.${randomInt(256)}`;
/** In a network of the suite's own, for registrations from one are limited, and suites share Redis. */
let ownIp = anyIp();

export const bootAuth = (
  scratch: ScratchDatabase,
  values: Record<string, string>,
  peers: readonly FakePeer[] = [],
): Promise<NestFastifyApplication> => {
  ownIp = anyIp();
  return startTestService({
    peers,
    service: 'auth',
    module: AuthModule,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
    environment: { declared: authEnv, values: { FACTOR_KEY: 'f'.repeat(48), ...values } },
  });
};

/** What auth has told notification about somebody, the newest first; nobody takes it here, so it stays in the outbox. */
export const eventsOf = async <Data extends object>(
  database: Database,
  event: AnyEvent & { readonly data: new () => Data },
  about: { readonly userId: string } | { readonly to: string },
): Promise<Data[]> => {
  const rows = await database.rows<{ payload: string }>(sql`
    SELECT payload FROM outbox WHERE event = ${event.key} AND payload::jsonb @> ${JSON.stringify(about)}::jsonb ORDER BY id DESC`);
  return rows.map(({ payload }) => JSON.parse(payload));
};

/** The secret of a message as its reader would get it. */
export const secretIn = ({ messageId, sealed }: MessageDue): string =>
  new SecretTexts({ present: TEST_BUS_SECRET }).open(messageId, sealed) ?? '';

export const anonymous = (ip = ownIp): Call => aCall({ client: { ip, agent: 'suite' } });

export const claimsIn = ({ accessToken }: Issued) =>
  claimsOf(JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()));

export const as = (who: Issued, roles: readonly Role[] = ['customer']): Call => ({
  ...anonymous(),
  actor: { kind: 'user', userId: who.user.id, sessionId: claimsIn(who).sessionId, roles },
});

export const newAddress = (): string => `Person.${uuidv7()}@Example.com`;

/** The session that was opened, where no second factor was asked for. */
export function opened(step: Issued | FactorAsked): Issued {
  if ('mfaToken' in step) throw new Error('a second factor is asked for');
  return step;
}
