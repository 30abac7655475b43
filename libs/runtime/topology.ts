/**
 * Which processes Only2U consists of, and where they listen. One line below is all that a new service needs here: its port, database,
 * login, environment variables, compose and Kubernetes registrations are derived from it.
 *
 * - `port`: on the first replica, before `PORT_OFFSET`.
 * - `database`: whether it owns a Postgres database (`only2u_<name>`) and a login of the same name.
 * - `redis`: the roles it uses.
 * - `secrets`: the variables that the local stack hands to this service and keeps from all others. A variable named by several lines goes to
 *   each of them.
 * - `cassandra`: whether it can keep rows there; then its login there is handed to it alone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const redisRoles = ['bus', 'cart', 'realtime', 'limits', 'cache'] as const;
export type RedisRole = (typeof redisRoles)[number];

interface Line {
  readonly port: number;
  readonly database: boolean;
  readonly redis: readonly RedisRole[];
  readonly secrets: readonly string[];
  readonly cassandra?: true;
}

const razorpay = ['RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET', 'RAZORPAY_WEBHOOK_SECRET', 'RAZORPAY_WEBHOOK_SECRET_PREVIOUS'];

const messaging = [
  ...['SMTP_URL', 'SMTP_FALLBACK_URL', 'DKIM_PRIVATE_KEY', 'FIREBASE_SERVICE_ACCOUNT', 'MSG91_AUTH_KEY', 'GUPSHUP_PASSWORD'],
  ...['MAIL_WEBHOOK_SECRET', 'SMS_WEBHOOK_SECRET'],
];

const fileStore = ['STORAGE_LINK_KEYS', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'];

const table = {
  gateway: { port: 3000, database: false, redis: ['bus', 'limits', 'cache', 'realtime'], secrets: [] },
  auth: {
    port: 3001,
    database: true,
    redis: ['bus', 'limits'],
    secrets: ['JWT_PRIVATE_KEY', 'JWT_PRIVATE_KEY_PREVIOUS', 'FACTOR_KEY', 'FACTOR_KEY_PREVIOUS'],
  },
  product: { port: 3002, database: true, redis: ['bus', 'cache'], secrets: [] },
  order: { port: 3003, database: true, redis: ['bus'], secrets: [] },
  payment: { port: 3004, database: true, redis: ['bus'], secrets: [...razorpay, 'INSTRUMENT_KEY', 'INSTRUMENT_KEY_PREVIOUS'] },
  cart: { port: 3005, database: true, redis: ['bus', 'cart'], secrets: [] },
  coupon: { port: 3016, database: true, redis: ['bus'], secrets: [] },
  notification: { port: 3014, database: true, redis: ['bus', 'limits'], secrets: messaging, cassandra: true },
  feedback: { port: 3015, database: true, redis: ['bus'], secrets: [] },
  wishlist: { port: 3006, database: true, redis: ['bus'], secrets: [] },
  review: { port: 3007, database: true, redis: ['bus'], secrets: [] },
  referral: { port: 3012, database: true, redis: ['bus'], secrets: ['DEVICE_KEY', 'DEVICE_KEY_PREVIOUS'] },
  chat: { port: 3008, database: true, redis: ['bus', 'realtime'], secrets: [], cassandra: true },
  storage: { port: 3017, database: true, redis: ['bus'], secrets: fileStore },
} as const satisfies Record<string, Line>;

/** Secrets that a shop in production may lack: it has one provider and not the other, and keys of before only while they change. */
const DISPENSABLE = [
  ...['SMTP_FALLBACK_URL', 'DKIM_PRIVATE_KEY', 'MSG91_AUTH_KEY', 'GUPSHUP_PASSWORD'],
  ...['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
];
export const isDispensable = (secret: string): boolean => secret.endsWith('_PREVIOUS') || DISPENSABLE.includes(secret);

export type ServiceName = keyof typeof table;

export interface Service extends Line {
  readonly name: ServiceName;
}

// Object.keys is typed as string[]; the table is a literal, so its keys are exactly these.
export const serviceNames = Object.keys(table) as readonly ServiceName[];
export const services: readonly Service[] = serviceNames.map((name) => ({ name, ...table[name] }));

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(table, name);
}

export function serviceOf(name: ServiceName): Service {
  return { name, ...table[name] };
}

/** Services whose code exists, in the order of the table. `root` is the repository's folder. */
export function builtServices(root: string): readonly Service[] {
  return services.filter(({ name }) => existsSync(join(root, 'apps', name, 'src', 'main.ts')));
}

/** `ORDER_DATABASE_URL` for `order`. */
export function databaseVariable(name: ServiceName): string {
  return `${name.toUpperCase()}_DATABASE_URL`;
}

/** `ORDER_MIGRATION_DATABASE_URL` for `order`: the same database, as the login that owns its tables. */
export function migrationDatabaseVariable(name: ServiceName): string {
  return `${name.toUpperCase()}_MIGRATION_DATABASE_URL`;
}

/** `ORDER_DATABASE_PASSWORD` for `ORDER_DATABASE_URL`. */
export const passwordVariable = (urlVariable: string): string => urlVariable.replace(/_URL$/, '_PASSWORD');

/** `REDIS_CART_URL` for `cart`. */
export function redisVariable(role: RedisRole): string {
  return `REDIS_${role.toUpperCase()}_URL`;
}

/** The local stack's own stores and doubles, before `PORT_OFFSET`. `redis` may not evict and holds every role but `cache`. */
export const storePorts = { postgres: 5532, redis: 6479, redisCache: 6480 } as const;
/** `npm run cassandra`: for clients, and between nodes. */
export const cassandraPorts = { client: 9142, storage: 7100 } as const;
/** The login at a Cassandra that asks for one. */
export const cassandraLogin = ['CASSANDRA_USERNAME', 'CASSANDRA_PASSWORD'] as const;
/** As Cassandra's simplest snitch names it. */
export const cassandraDataCenter = 'datacenter1';
export const razorpaySimulatorPorts = { checkout: 3090, control: 3091 } as const;

export function redisPort(role: RedisRole): number {
  return role === 'cache' ? storePorts.redisCache : storePorts.redis;
}

/** 32768 and above belong to outgoing connections: a listener there now and then finds its port taken. */
export const highestPort = 32_767;

/** How far above its own port a process serves probes and metrics. */
export const probePortDistance = 1_000;

const ports = [
  ...services.map(({ port }) => port + probePortDistance),
  ...Object.values(storePorts),
  ...Object.values(cassandraPorts),
  ...Object.values(razorpaySimulatorPorts),
];
export const highestPortOffset = highestPort - Math.max(...ports);
