import { createHash } from 'node:crypto';
import { trustKey } from '#libs/messaging/keys';
import type { ServiceName } from './topology.ts';
import { withPassword } from './url-password.ts';

/** A login of one service at a Redis server, as the arguments of `ACL SETUSER` or of a line `user …` in its configuration. */
export interface RedisUser {
  readonly service: ServiceName;
  /** `only2u_order` */
  readonly name: string;
  /** What it may do and touch; the password comes beside it. */
  readonly rules: readonly string[];
}

/** Keys that a service has beside its lanes, answers and replicas, without the prefix. */
const ownKeys: Partial<Record<ServiceName, readonly string[]>> = {
  gateway: ['limit:*', 'idempotency:*'],
  auth: ['{sign-in}*'],
  cart: ['cart:*', 'carts:*'],
  notification: ['dev:inbox', 'dev:inbox:*'],
};
/** Keys of another service that it reads. */
const readKeys: Partial<Record<ServiceName, readonly string[]>> = { gateway: ['dev:inbox', 'dev:inbox:*'] };

/**
 * One login a service: it takes from its own lanes and answers alone, and may only write into those of others. A stolen login of one service
 * reads no password on its way to auth. `CLIENT UNBLOCK` wakes a taker at the shutdown; ioredis asks `INFO` whether the server is ready.
 */
export function redisUsers(prefix: string, services: readonly ServiceName[]): RedisUser[] {
  const key = (permission: '' | '%R' | '%W', pattern: string): string => `${permission}~${prefix}:${pattern}`;
  return services.map((service) => ({
    service,
    name: redisUserName(prefix, service),
    rules: [
      ...['resetchannels', `&${prefix}:signals`, 'resetkeys'],
      ...[`{${service}}:*`, `replies:${service}-*`, ...(ownKeys[service] ?? [])].map((pattern) => key('', pattern)),
      ...['{*}:checkout', '{*}:browse', 'replies:*'].map((pattern) => key('%W', pattern)),
      ...['{*}:replicas', trustKey, ...(readKeys[service] ?? [])].map((pattern) => key('%R', pattern)),
      ...['nocommands', '+@all', '-@admin', '-@dangerous', '+info', '+client|unblock'],
    ],
  }));
}

/** Users, passwords and databases are called alike. */
export const redisUserName = (prefix: string, service: ServiceName): string => `${prefix}_${service}`;

/** Lines for an ACL file. */
export function redisUserLines(users: readonly RedisUser[], passwordOf: (service: ServiceName) => string): string[] {
  return users.map(({ service, name, rules }) => `user ${name} on #${sha256(passwordOf(service))} ${rules.join(' ')}`);
}

/** The URL with the service's login, unless it has one. */
export function withRedisLogin(url: string, name: string, password: string): string {
  const own = new URL(url);
  if (own.username !== '' || own.password !== '') return url;
  own.username = name;
  return withPassword(own.href, password);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
