import { createHash } from 'node:crypto';
import { trustKey } from '#libs/messaging/keys';
import type { ServiceName } from './topology.ts';
import { withPassword } from './url-password.ts';

/** What stands for a service's name where several run in one process. */
export const TOGETHER = 'all';
export type RedisOwner = ServiceName | typeof TOGETHER;

/** A login at a Redis server, of one service or of all together, as the arguments of `ACL SETUSER` or of a line `user …` in its configuration. */
export interface RedisUser<Owner extends RedisOwner = ServiceName> {
  readonly service: Owner;
  /** `only2u_order` */
  readonly name: string;
  /** What it may do and touch; the password comes beside it. */
  readonly rules: readonly string[];
}

/** Keys that a service has beside its lanes, answers and replicas, without the prefix. */
const ownKeys: Partial<Record<ServiceName, readonly string[]>> = {
  gateway: ['limit:*', 'idempotency:*', '{presence}:*'],
  auth: ['{sign-in}*', '{windows}*'],
  cart: ['cart:*', 'carts:*'],
  notification: ['dev:inbox', 'dev:inbox:*'],
};
/** Keys of another service that it reads. */
const readKeys: Partial<Record<ServiceName, readonly string[]>> = { chat: ['{presence}:*'], gateway: ['dev:inbox', 'dev:inbox:*'] };

/**
 * One login a service: it takes from its own lanes and answers alone, and may only write into those of others. A stolen login of one service
 * reads no password on its way to auth. `CLIENT UNBLOCK` wakes a taker at the shutdown; ioredis asks `INFO` whether the server is ready.
 */
export const redisUsers = (prefix: string, services: readonly ServiceName[]): RedisUser[] =>
  services.map((service) => userFor(prefix, service, [service]));

/** The login of a process that runs these services together: it may do what each of them may. */
export const redisUserOfAll = (prefix: string, services: readonly ServiceName[]): RedisUser<typeof TOGETHER> =>
  userFor(prefix, TOGETHER, services);

function userFor<Owner extends RedisOwner>(prefix: string, owner: Owner, services: readonly ServiceName[]): RedisUser<Owner> {
  const key = (permission: '' | '%R' | '%W', pattern: string): string => `${permission}~${prefix}:${pattern}`;
  const own = services.flatMap((service) => [`{${service}}:*`, `replies:${service}-*`, ...(ownKeys[service] ?? [])]);
  const read = services.flatMap((service) => readKeys[service] ?? []);
  return {
    service: owner,
    name: redisUserName(prefix, owner),
    rules: [
      ...['resetchannels', `&${prefix}:signals`, 'resetkeys'],
      ...own.map((pattern) => key('', pattern)),
      ...['{*}:checkout', '{*}:browse', 'replies:*'].map((pattern) => key('%W', pattern)),
      ...['{*}:replicas', trustKey, ...read].map((pattern) => key('%R', pattern)),
      ...['nocommands', '+@all', '-@admin', '-@dangerous', '+info', '+client|unblock'],
    ],
  };
}

/** Users, passwords and databases are called alike. */
export const redisUserName = (prefix: string, service: RedisOwner): string => `${prefix}_${service}`;

/** Lines for an ACL file. */
export function redisUserLines<Owner extends RedisOwner>(
  users: readonly RedisUser<Owner>[],
  passwordOf: (service: Owner) => string,
): string[] {
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
