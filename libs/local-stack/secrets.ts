import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisOwner } from '#libs/runtime/redis-users';
import type { ServiceName } from '#libs/runtime/topology';

const random = (bytes: number) => randomBytes(bytes).toString('base64url');

/** What the local stack makes up, once for each data folder, so that no secret stands in the code. */
const generators = {
  BUS_SECRET: () => random(48),
  JWT_PRIVATE_KEY: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  FACTOR_KEY: () => random(48),
  INSTRUMENT_KEY: () => random(48),
  DEVICE_KEY: () => random(48),
  STORAGE_LINK_KEYS: () => `local:${random(32)}`,
  RAZORPAY_KEY_ID: () => `rzp_test_${randomBytes(7).toString('hex')}`,
  RAZORPAY_KEY_SECRET: () => random(24),
  RAZORPAY_WEBHOOK_SECRET: () => random(24),
  POSTGRES_PASSWORD: () => random(24),
  DATABASE_LOGINS: () => random(48),
};

export type GeneratedSecret = keyof typeof generators;
export type Secrets = Readonly<Record<GeneratedSecret, string>>;

/** Reads `<dataDir>/secrets.json`, adding what it lacks. Mode 0600. */
export function secretsOf(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json');
  const kept: Partial<Record<string, string>> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const secrets = Object.fromEntries(Object.entries(generators).map(([name, generate]) => [name, kept[name] ?? generate()]));
  if (Object.keys(generators).some((name) => kept[name] === undefined)) {
    // Written beside and moved into place, so that a crash leaves the old file or the new one.
    writeFileSync(`${path}.new`, `${JSON.stringify({ ...kept, ...secrets }, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  // One entry for each generator, by construction.
  return secrets as Secrets;
}

/** The password of a service's database login, or of its owner's. It follows from one secret, so it is the same at every start. */
export function loginPassword(secrets: Secrets, service: ServiceName, as: 'service' | 'owner' = 'service'): string {
  return createHmac('sha256', secrets.DATABASE_LOGINS)
    .update(as === 'service' ? service : `${service} ${as}`)
    .digest('base64url');
}

/** The same for its login at Redis, or for that of all services together. */
export function redisPassword(secrets: Secrets, service: RedisOwner): string {
  return createHmac('sha256', secrets.DATABASE_LOGINS).update(`redis ${service}`).digest('base64url');
}
