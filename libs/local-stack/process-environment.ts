import { EnvironmentError, isProduction, type Source } from '#libs/runtime/environment';
import { type RedisOwner, redisUserName, TOGETHER, withRedisLogin } from '#libs/runtime/redis-users';
import {
  cassandraLogin,
  databaseVariable,
  migrationDatabaseVariable,
  passwordVariable,
  type RedisRole,
  redisVariable,
  type Service,
  type ServiceName,
  services,
} from '#libs/runtime/topology';
import { redisPassword, type Secrets } from './secrets.ts';
import { missingStores } from './stores.ts';

/** What a process needs of the machine, whoever starts it. */
const machineVariables = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'CI'],
  ...[
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
  ],
];

/** These two hydrate many rows or hold a hot cache: a small young generation would make that up to 80 % dearer. */
export const needLargeYoungGeneration: readonly ServiceName[] = ['gateway', 'product'];

export interface Facts {
  /** All that was set from outside. */
  readonly given: Source;
  /** What all processes share: ports, addresses, providers' sandboxes. */
  readonly shared: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly redisUrls: Readonly<Record<RedisRole, string>>;
  readonly redisPrefix: string;
  /** Whether generated Razorpay credentials stand for missing ones. */
  readonly razorpaySandbox: boolean;
  readonly smallHeap: boolean;
}

/** The environment of one replica: only its own database and its own secrets are in it. Of services that run together: those of each. */
export function serviceEnvironment(
  facts: Facts,
  members: readonly Service[],
  instance: string,
  ports: { readonly port: number; readonly probePort: number },
  replica: number,
): Record<string, string> {
  const [first] = members;
  const isSmall = facts.smallHeap && !members.some(({ name }) => needLargeYoungGeneration.includes(name));
  const databases = members.map(({ name }) => databaseVariable(name));
  const owner = members.length === 1 && first !== undefined ? first.name : TOGETHER;
  return {
    ...common(facts),
    ...secretsFor(
      facts,
      members.flatMap(({ secrets }) => secrets),
    ),
    ...present(facts.databaseUrls, (name) => databases.includes(name)),
    ...(members.some(({ cassandra }) => cassandra) ? cassandraLoginIn(facts) : {}),
    ...Object.fromEntries(members.flatMap(({ redis }) => redis).map((role) => [redisVariable(role), redisUrlFor(facts, role, owner)])),
    ...nodeOptions(facts.given, isSmall ? ['--max-semi-space-size=2'] : []),
    APP: members.map(({ name }) => name).join(','),
    INSTANCE: instance,
    ...(replica === 1 ? {} : { PORT: String(ports.port) }),
    PROBE_PORT: String(ports.probePort),
  };
}

/** With the service's own login at our servers; a server that was named from outside comes with its own. */
function redisUrlFor({ given, redisUrls, redisPrefix, secrets }: Facts, role: RedisRole, owner: RedisOwner): string {
  if (given.REDIS_URL || given[redisVariable(role)]) return redisUrls[role];
  return withRedisLogin(redisUrls[role], redisUserName(redisPrefix, owner), redisPassword(secrets, owner));
}

/** The environment of the jobs before the start (migrations, demo data): every database. */
export function jobEnvironment(facts: Facts): Record<string, string> {
  const redis = Object.entries(facts.redisUrls).map(([role, url]) => [`REDIS_${role.toUpperCase()}_URL`, url]);
  const secrets = secretsFor(
    facts,
    services.flatMap((service) => service.secrets),
  );
  return {
    ...common(facts),
    ...secrets,
    ...cassandraLoginIn(facts),
    ...facts.databaseUrls,
    ...Object.fromEntries(redis),
    ...nodeOptions(facts.given, []),
  };
}

const cassandraLoginIn = ({ given }: Facts): Record<string, string> => present(given, (name) => cassandraLogin.some((one) => one === name));

function common({ given, shared, secrets }: Facts): Record<string, string> {
  const withheld = new Set<string>([
    ...cassandraLogin,
    ...services.flatMap(({ name, secrets: own }) => {
      const urls = [databaseVariable(name), migrationDatabaseVariable(name)];
      return [...urls, ...urls.map(passwordVariable), ...own];
    }),
  ]);
  withheld.add('DATABASE_URL').add('PORT').add('PROBE_PORT').add('APP').add('INSTANCE').add('NODE_OPTIONS');
  return {
    ...machine(),
    ...present(given, (name) => !withheld.has(name) && !/^(npm_|VITEST|INIT_CWD$)/.test(name)),
    BUS_SECRET: given.BUS_SECRET || secrets.BUS_SECRET,
    ...shared,
  };
}

function secretsFor({ given, secrets, razorpaySandbox }: Facts, names: readonly string[]): Record<string, string> {
  const generated: Source = {
    JWT_PRIVATE_KEY: secrets.JWT_PRIVATE_KEY,
    FACTOR_KEY: secrets.FACTOR_KEY,
    INSTRUMENT_KEY: secrets.INSTRUMENT_KEY,
    DEVICE_KEY: secrets.DEVICE_KEY,
    STORAGE_LINK_KEYS: secrets.STORAGE_LINK_KEYS,
    ...(razorpaySandbox && {
      RAZORPAY_KEY_ID: secrets.RAZORPAY_KEY_ID,
      RAZORPAY_KEY_SECRET: secrets.RAZORPAY_KEY_SECRET,
      RAZORPAY_WEBHOOK_SECRET: secrets.RAZORPAY_WEBHOOK_SECRET,
    }),
  };
  return present({ ...generated, ...present(given, () => true) }, (name) => names.includes(name));
}

function nodeOptions(given: Source, own: readonly string[]): Record<string, string> {
  const all = [given.NODE_OPTIONS ?? '', ...own].filter((option) => option !== '');
  return all.length === 0 ? {} : { NODE_OPTIONS: all.join(' ') };
}

function machine(): Record<string, string> {
  return present(process.env, (name) => machineVariables.includes(name));
}

function present(source: Source, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source).flatMap(([name, value]) => (value !== undefined && value !== '' && wanted(name) ? [[name, value]] : [])),
  );
}

/**
 * In production nothing is made up: no secret, no store, no sandbox.
 * @throws EnvironmentError naming what must be set.
 */
export function refuseMakeshiftsInProduction(given: Source, chosen: readonly Service[]): void {
  if (!isProduction(given)) return;
  const stores = missingStores(given);
  const needed = [
    'BUS_SECRET',
    'PUBLIC_URL',
    ...(stores.postgres ? ['DATABASE_URL'] : []),
    ...(stores.redis || stores.redisCache ? ['REDIS_URL'] : []),
    ...chosen.flatMap(({ secrets }) => secrets.filter((name) => !name.endsWith('_PREVIOUS'))),
  ];
  const missing = [...new Set(needed)].filter((name) => !given[name]);
  if (missing.length > 0) throw new EnvironmentError(missing.map((name) => `${name} must be set in production`));
}
