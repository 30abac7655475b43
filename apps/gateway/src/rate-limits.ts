import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { limitedAddress } from '#libs/auth/network-address';
import { cartApi } from '#libs/contracts/cart/api';
import type { AnyOperation } from '#libs/contracts/contract';
import { couponApi } from '#libs/contracts/coupon/api';
import { Refusal, refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { referralApi } from '#libs/contracts/referral/api';
import { storageApi } from '#libs/contracts/storage/api';
import { BusClient } from '#libs/messaging/bus-client';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Rounds } from '#libs/runtime/rounds';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { rateLimited } from './gateway.metrics.ts';

export const LIMITS_REDIS = Symbol('limits redis');

const WINDOW_MS = 60_000;
/** Where somebody could try codes of coupons or friends until one fits. */
const TAKES_CODES: ReadonlySet<string> = new Set(
  [
    ...[couponApi.operations.validate, cartApi.operations.setCoupon],
    ...[referralApi.operations.validate, referralApi.operations.visit, referralApi.operations.redeem],
  ].map(({ key }) => key),
);

/** Each costs work on a picture, or room in the store. */
const TAKES_FILES: ReadonlySet<string> = new Set([storageApi.operations.upload.key, storageApi.operations.presign.key]);

interface Rule {
  readonly name: string;
  /** Requests a window. */
  readonly limit: number;
  /** Without Redis: refuse, rather than let passwords be guessed. */
  readonly failsClosed: boolean;
}

/** What anybody may read, codes aside. */
const isFreeRead = ({ access, method, key }: AnyOperation): boolean => access === 'public' && method === 'GET' && !TAKES_CODES.has(key);

interface Lease {
  window: number;
  left: number;
  /** Whether Redis said that the window is used up. */
  exhausted: boolean;
  renewing: Promise<void> | undefined;
}

/**
 * Fixed windows of a minute in Redis, shared by all gateways. A gateway takes a twentieth of the limit at a time, so that most requests
 * cost no round trip; what it leased and did not use is lost with the window.
 */
@Injectable()
export class RateLimits {
  private readonly leases = new Map<string, Lease>();
  private readonly reads: Rule;
  private readonly calls: Rule;
  private readonly signIn: Rule;
  private readonly codes: Rule;
  private readonly uploads: Rule;

  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    private readonly bus: BusClient,
    rounds: Rounds,
    @InjectEnvironment(gatewayEnv) env: GatewayEnv,
  ) {
    const scaled = (limit: number): number => Math.max(1, Math.round(limit * env.RATE_LIMIT_SCALE));
    this.reads = { name: 'reads', limit: scaled(env.RATE_LIMIT_READS), failsClosed: false };
    this.calls = { name: 'calls', limit: scaled(env.RATE_LIMIT_CALLS), failsClosed: false };
    this.signIn = { name: 'sign-in', limit: scaled(env.RATE_LIMIT_SIGN_IN), failsClosed: true };
    this.codes = { name: 'codes', limit: scaled(env.RATE_LIMIT_CODES), failsClosed: false };
    this.uploads = { name: 'uploads', limit: scaled(env.RATE_LIMIT_UPLOADS), failsClosed: false };
    for (const rule of [this.reads, this.calls, this.signIn, this.codes, this.uploads]) rateLimited.inc({ rule: rule.name }, 0);
    rounds.every('gateway.forget_leases', WINDOW_MS, async () => this.forgetPastLeases());
  }

  /**
   * Throws `rate_limited` with the seconds until the next window. Callbacks of providers are bounded, never limited. `body`: an order may try a
   * code too.
   */
  admit(operation: AnyOperation, address: string, userId: string | undefined, body?: unknown): Promise<void> | undefined {
    if (operation.access === 'signature') return undefined;
    if (isFreeRead(operation)) return this.take(this.reads, limitedAddress(address));
    if (operation.access === 'public' && operation.service === 'auth') return this.take(this.signIn, limitedAddress(address));
    if (TAKES_FILES.has(operation.key)) return this.take(this.uploads, userId ?? limitedAddress(address));
    if (TAKES_CODES.has(operation.key) || (operation.key === orderApi.operations.place.key && hasCode(body)))
      return this.take(this.codes, userId ?? limitedAddress(address));
    return this.take(this.calls, userId ?? limitedAddress(address));
  }

  /** Takes one of a public read's requests where one is leased; false takes none, and leaves the rest to `admit`. */
  takesAtOnce(operation: AnyOperation, address: string): boolean {
    if (!isFreeRead(operation)) return false;
    const lease = this.leases.get(`${this.reads.name}:${limitedAddress(address)}`);
    if (lease === undefined || lease.left === 0 || lease.window !== this.window) return false;
    lease.left -= 1;
    return true;
  }

  /** Of a caller who is not known: a socket that opens, a call whose token is not good. */
  admitUnknown(address: string): Promise<void> | undefined {
    return this.take(this.calls, limitedAddress(address));
  }

  private get window(): number {
    return Math.floor(this.bus.clock.now() / WINDOW_MS);
  }

  private take(rule: Rule, who: string): Promise<void> | undefined {
    const { window } = this;
    const key = `${rule.name}:${who}`;
    let lease = this.leases.get(key);
    if (lease === undefined || lease.window !== window) {
      lease = { window, left: 0, exhausted: false, renewing: undefined };
      this.leases.set(key, lease);
    }
    if (lease.left > 0) {
      lease.left -= 1;
      return undefined;
    }
    return this.renewAndTake(rule, key, lease);
  }

  private async renewAndTake(rule: Rule, key: string, lease: Lease): Promise<void> {
    while (lease.left === 0) {
      if (lease.exhausted) throw this.limited(rule, lease.window);
      lease.renewing ??= this.renew(rule, key, lease).finally(() => {
        lease.renewing = undefined;
      });
      await lease.renewing;
    }
    lease.left -= 1;
  }

  private async renew(rule: Rule, key: string, lease: Lease): Promise<void> {
    const size = Math.max(1, Math.floor(rule.limit / 20));
    const redisKey = `limit:${key}:${lease.window}`;
    try {
      const [[, used]] = (await this.redis
        .multi()
        .incrby(redisKey, size)
        .pexpire(redisKey, WINDOW_MS * 2)
        .exec()) as [[null, number]];
      lease.left = Math.max(0, Math.min(size, rule.limit - (used - size)));
      lease.exhausted = lease.left === 0;
    } catch {
      if (rule.failsClosed) throw refuse('unavailable', 'Sign-in is not possible right now');
      lease.left = size;
    }
  }

  private limited(rule: Rule, window: number): Refusal {
    rateLimited.inc({ rule: rule.name });
    const seconds = Math.max(1, Math.ceil(((window + 1) * WINDOW_MS - this.bus.clock.now()) / 1_000));
    return new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
  }

  private forgetPastLeases(): void {
    const { window } = this;
    for (const [key, lease] of this.leases) if (lease.window < window) this.leases.delete(key);
  }
}

function hasCode(body: unknown): boolean {
  try {
    return (JSON.parse(String(body)) as { couponCode?: unknown } | null)?.couponCode !== undefined;
  } catch {
    return false;
  }
}
