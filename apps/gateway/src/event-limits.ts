import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Rounds } from '#libs/runtime/rounds';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { rateLimited } from './gateway.metrics.ts';

const RULE = 'socket-events';
/** Of one user at one gateway, before RATE_LIMIT_SCALE. */
const PER_SECOND = 20;
const AT_ONCE = 60;
const TIDY_MS = 60_000;

interface Bucket {
  left: number;
  /** Milliseconds of this process. */
  at: number;
}

/** How many events a user may send over all their sockets at this gateway. */
@Injectable()
export class EventLimits {
  private readonly buckets = new Map<string, Bucket>();
  private readonly perMs: number;
  private readonly most: number;

  constructor(rounds: Rounds, @InjectEnvironment(gatewayEnv) env: GatewayEnv) {
    this.perMs = (PER_SECOND * env.RATE_LIMIT_SCALE) / 1_000;
    this.most = Math.max(1, AT_ONCE * env.RATE_LIMIT_SCALE);
    rateLimited.inc({ rule: RULE }, 0);
    rounds.every('gateway.forget_senders', TIDY_MS, async () => this.forgetQuiet());
  }

  /** Throws `rate_limited` with the seconds until the next event may come. */
  take(userId: string): void {
    const now = performance.now();
    const bucket = this.buckets.get(userId) ?? { left: this.most, at: now };
    this.buckets.set(userId, bucket);
    bucket.left = Math.min(this.most, bucket.left + (now - bucket.at) * this.perMs);
    bucket.at = now;
    if (bucket.left < 1) {
      rateLimited.inc({ rule: RULE });
      const seconds = Math.max(1, Math.ceil((1 - bucket.left) / this.perMs / 1_000));
      throw new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
    }
    bucket.left -= 1;
  }

  private forgetQuiet(): void {
    const now = performance.now();
    for (const [userId, { left, at }] of this.buckets) if (left + (now - at) * this.perMs >= this.most) this.buckets.delete(userId);
  }
}
