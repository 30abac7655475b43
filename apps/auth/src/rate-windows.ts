import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Refusal, refuse } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { LIMITS_REDIS } from './sign-in-limits.ts';

export interface Window {
  /** What is counted and for whom, such as `otp:number:+919876543210`. */
  readonly key: string;
  /** How many are let through in it, before RATE_LIMIT_SCALE. */
  readonly limit: number;
  readonly seconds: number;
}

/** KEYS: counters. ARGV: limit and milliseconds of each. Answers how long to wait, or counts one in every window and answers 0. */
const ADMIT = `
local wait = 0
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[2 * i - 1]) then wait = math.max(wait, redis.call('PTTL', KEYS[i])) end
end
if wait > 0 then return wait end
for i = 1, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('PEXPIRE', KEYS[i], ARGV[2 * i]) end
end
return 0`;

const GIVE_BACK = `
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or '0') > 0 then redis.call('DECR', KEYS[i]) end
end`;

/** Counts what may be done so often in a time, over all replicas. What is refused counts nowhere. */
@Injectable()
export class RateWindows {
  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
  ) {}

  /** Throws `rate_limited` with the seconds until all windows have room; `unavailable` without Redis. */
  async admit(windows: readonly Window[]): Promise<void> {
    const keys = windows.map(({ key }) => counterOf(key));
    const bounds = windows.flatMap(({ limit, seconds }) => [Math.max(1, Math.floor(limit * this.env.RATE_LIMIT_SCALE)), seconds * 1_000]);
    const wait = Number(
      await this.redis.eval(ADMIT, keys.length, ...keys, ...bounds).catch(() => {
        throw refuse('unavailable');
      }),
    );
    if (wait > 0) throw tooMany(Math.ceil(wait / 1_000));
  }

  /** Takes one back in each of these windows that is still open. Never fails: what was done stands. */
  async giveBack(keys: readonly string[]): Promise<void> {
    const counters = keys.map(counterOf);
    if (counters.length > 0) await this.redis.eval(GIVE_BACK, counters.length, ...counters).catch(() => undefined);
  }
}

/** One hash slot, since one script counts in all. Numbers and addresses of people do not stand in Redis. */
const counterOf = (key: string): string => `{windows}:${hash('sha256', key, 'base64url').slice(0, 22)}`;

export const tooMany = (seconds: number): Refusal => new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
