import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Refusal, refuse } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type AuthEnv, authEnv } from './auth.env.ts';

export const LIMITS_REDIS = Symbol('limits redis');

const WINDOW_SECONDS = 900;
const LONGEST_WAIT_SECONDS = 60;

interface Counter {
  readonly key: string;
  /** Failures that cost nothing. */
  readonly free: number;
}

/**
 * Slows guessing down by account and address, by account, and by address; for accounts that do not exist alike. Nobody is locked out for
 * good: the wait grows to a minute, and a right password after it clears the count.
 */
@Injectable()
export class SignInLimits {
  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
  ) {}

  /** Throws `rate_limited` while a wait runs; without Redis nobody can sign in, since everybody could guess. */
  async admit(email: string, ip: string): Promise<void> {
    const waits = await this.redis.mget(this.counters(email, ip).map(({ key }) => `${key}:wait`)).catch(() => {
      throw refuse('unavailable', 'Sign-in is not possible right now');
    });
    const until = Math.max(0, ...waits.map(Number));
    const seconds = Math.ceil((until - Date.now()) / 1_000);
    if (seconds > 0) throw new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
  }

  async failed(email: string, ip: string): Promise<void> {
    for (const { key, free } of this.counters(email, ip)) {
      const failures = await this.redis.incr(key);
      await this.redis.expire(key, WINDOW_SECONDS);
      const beyond = failures - free * this.env.RATE_LIMIT_SCALE;
      if (beyond <= 0) continue;
      const wait = Math.min(LONGEST_WAIT_SECONDS, 2 ** Math.min(beyond, 10));
      await this.redis.set(`${key}:wait`, Date.now() + wait * 1_000, 'EX', wait);
    }
  }

  async succeeded(email: string, ip: string): Promise<void> {
    const [both] = this.counters(email, ip);
    if (both !== undefined) await this.redis.del(both.key).catch(() => undefined);
  }

  private counters(email: string, ip: string): Counter[] {
    const account = hash('sha256', email.toLowerCase(), 'base64url').slice(0, 22);
    return [
      { key: `only2u:sign-in:${account}:${ip}`, free: 5 },
      { key: `only2u:sign-in:${account}`, free: 20 },
      { key: `only2u:sign-in:from:${ip}`, free: 100 },
    ];
  }
}
