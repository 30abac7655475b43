import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { limitedAddress } from '#libs/auth/network-address';
import { Refusal, refuse } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type AuthEnv, authEnv } from './auth.env.ts';

export const LIMITS_REDIS = Symbol('limits redis');

const WINDOW_SECONDS = 900;
const KNOWN_SECONDS = 30 * 86_400;
/** After which an attempt is not waited for any more: its process has died. */
const OPEN_SECONDS = 60;

interface Counter {
  readonly key: string;
  /** Failures that cost nothing. */
  readonly free: number;
  /** Attempts that may be judged at the same time beyond what is left of the free failures. */
  readonly spare: number;
  /** Milliseconds that the wait grows to. */
  readonly longest: number;
}

/**
 * KEYS: failures, wait and attempts under way by account and address, by account, by address; whether this address has signed in to this account
 * before. ARGV: free failures, longest wait and most attempts under way of each. Answers the milliseconds to wait, or 0. Attempts under way count
 * before they have failed, for a password takes long to check; beyond the free failures the attempt itself starts the next wait, so that a
 * hundred attempts at once are one attempt.
 */
const ADMIT = `
local counted = redis.call('EXISTS', KEYS[10]) == 1 and 1 or 3
local wait = 0
for i = 1, counted do
  wait = math.max(wait, redis.call('PTTL', KEYS[3 * i - 1]))
  local failed = tonumber(redis.call('GET', KEYS[3 * i - 2]) or '0')
  local open = tonumber(redis.call('GET', KEYS[3 * i]) or '0')
  if open >= math.max(1, tonumber(ARGV[3 * i]) - failed) then wait = math.max(wait, 1000) end
end
if wait > 0 then return wait end
for i = 1, counted do
  local beyond = tonumber(redis.call('GET', KEYS[3 * i - 2]) or '0') - tonumber(ARGV[3 * i - 2])
  if beyond >= 0 then
    local ahead = math.min(tonumber(ARGV[3 * i - 1]), 2 ^ math.min(beyond + 1, 10) * 1000)
    redis.call('SET', KEYS[3 * i - 1], '1', 'PX', string.format('%d', ahead))
  end
end
for i = 1, 3 do
  redis.call('INCR', KEYS[3 * i])
  redis.call('EXPIRE', KEYS[3 * i], ${OPEN_SECONDS})
end
return 0`;

const END = `
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or '0') > 0 then redis.call('DECR', KEYS[i]) end
end`;

/**
 * Slows guessing down by account and address, by account, and by address; for accounts that do not exist alike. Nobody is locked out: the wait
 * grows to a minute, a right password after it clears the count, and from an address that has signed in to the account before only its own
 * failures count, so that strangers cannot keep the owner waiting.
 */
@Injectable()
export class SignInLimits {
  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
  ) {}

  /** Throws `rate_limited` while a wait runs; without Redis nobody can sign in, since everybody could guess. */
  async admit(email: string, ip: string): Promise<void> {
    const counters = this.counters(email, ip);
    const keys = [...counters.flatMap(({ key }) => [key, `${key}:wait`, `${key}:open`]), knownKey(email, ip)];
    const scale = this.env.RATE_LIMIT_SCALE;
    const bounds = counters.flatMap(({ free, spare, longest }) => [free * scale, longest, (free + spare) * scale]);
    const wait = Number(await this.redis.eval(ADMIT, keys.length, ...keys, ...bounds).catch(closed));
    if (wait <= 0) return;
    const seconds = Math.ceil(wait / 1_000);
    throw new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
  }

  /** To follow each attempt that was admitted, however it ended. Never fails: what the attempt brought stands. */
  async ended(email: string, ip: string): Promise<void> {
    const open = this.counters(email, ip).map(({ key }) => `${key}:open`);
    await this.redis.eval(END, open.length, ...open).catch(() => undefined);
  }

  async failed(email: string, ip: string): Promise<void> {
    const steps = this.redis.multi();
    for (const { key } of this.counters(email, ip)) steps.incr(key).expire(key, WINDOW_SECONDS);
    await steps.exec().catch(closed);
  }

  /** Never fails: the right password was given, so the sign-in stands. */
  async succeeded(email: string, ip: string): Promise<void> {
    const own = this.counters(email, ip).slice(0, 1);
    await this.redis
      .multi()
      .del(...own.flatMap(({ key }) => [key, `${key}:wait`]))
      .set(knownKey(email, ip), '1', 'EX', KNOWN_SECONDS)
      .exec()
      .catch(() => undefined);
  }

  private counters(email: string, address: string): Counter[] {
    const [account, ip] = [accountOf(email), limitedAddress(address)];
    return [
      { key: `${PREFIX}:${account}:${ip}`, free: 5, spare: 10, longest: 60_000 },
      { key: `${PREFIX}:${account}`, free: 20, spare: 10, longest: 60_000 },
      // Thousands of phones share an address of a mobile network: this one only takes the speed out.
      { key: `${PREFIX}:from:${ip}`, free: 100, spare: 100, longest: 2_000 },
    ];
  }
}

/** One hash slot, since one script reads all of an attempt's keys. */
const PREFIX = '{sign-in}';
const accountOf = (email: string): string => hash('sha256', email.toLowerCase(), 'base64url').slice(0, 22);
const knownKey = (email: string, ip: string): string => `${PREFIX}:known:${accountOf(email)}:${limitedAddress(ip)}`;

function closed(): never {
  throw refuse('unavailable', 'Sign-in is not possible right now');
}
