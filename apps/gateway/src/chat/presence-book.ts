import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { BusClient } from '#libs/messaging/bus-client';
import { GATEWAY_ALIVE_MS, presenceKeys, SEEN_FIELD, SEEN_KEPT_SECONDS, UserPresence } from '#libs/messaging/user-presence';
import { Rounds } from '#libs/runtime/rounds';

export const REALTIME_REDIS = Symbol('realtime redis');

const BEAT_MS = 5_000;
/** A page that is loaded anew, or a phone that changes its network, is no absence. */
const GRACE_MS = 6_000;

export type OnPresence = (userId: string, online: boolean, lastSeen: number | undefined) => void;

/**
 * Says in Redis which users have a socket at this gateway. The entries count while the gateway beats, so they die with it; another gateway
 * then says that its users are gone. What Redis has lost is written anew at the next beat.
 */
@Injectable()
export class PresenceBook {
  private readonly here = new Map<string, { sockets: number; leaving: NodeJS.Timeout | undefined }>();
  private readonly seen: UserPresence;
  /** Hears of users that come and go, wherever that is noticed here. */
  onChanged: OnPresence = () => undefined;

  constructor(
    @Inject(REALTIME_REDIS) private readonly redis: Redis,
    private readonly bus: BusClient,
    rounds: Rounds,
  ) {
    this.seen = new UserPresence(redis, () => bus.clock.now());
    rounds.every('gateway.presence', { everyMs: BEAT_MS, atOnce: true }, () => this.beat());
  }

  entered(userId: string): void {
    const known = this.here.get(userId);
    if (known !== undefined) {
      known.sockets += 1;
      clearTimeout(known.leaving);
      known.leaving = undefined;
      return;
    }
    this.here.set(userId, { sockets: 1, leaving: undefined });
    this.write(userId).catch(() => undefined);
  }

  left(userId: string): void {
    const known = this.here.get(userId);
    if (known === undefined) return;
    known.sockets -= 1;
    if (known.sockets > 0) return;
    known.leaving = setTimeout(() => {
      this.here.delete(userId);
      this.erase(userId, this.bus.instance, this.bus.clock.now() - GRACE_MS).catch(() => undefined);
    }, GRACE_MS);
    known.leaving.unref();
  }

  private async write(userId: string): Promise<void> {
    const { instance, clock } = this.bus;
    const [before] = await this.seen.of([userId]);
    await this.redis
      .multi()
      .zadd(presenceKeys.gateways, clock.now(), instance)
      .sadd(presenceKeys.usersAt(instance), userId)
      .hset(presenceKeys.user(userId), instance, clock.now())
      .expire(presenceKeys.user(userId), SEEN_KEPT_SECONDS)
      .exec();
    if (before?.online === false) this.onChanged(userId, true, undefined);
  }

  /** Tells of the absence where it was this call that took the entry away, and there is no other. */
  private async erase(userId: string, gateway: string, lastSeen: number): Promise<void> {
    const key = presenceKeys.user(userId);
    // A gateway that died, or was found late, saw them earlier than another one has.
    const seenBefore = Number((await this.redis.hget(key, SEEN_FIELD)) ?? 0);
    const replies = await this.redis
      .multi()
      .hdel(key, gateway)
      .hset(key, SEEN_FIELD, Math.max(seenBefore, Math.round(lastSeen)))
      .expire(key, SEEN_KEPT_SECONDS)
      .srem(presenceKeys.usersAt(gateway), userId)
      .exec();
    if (replies?.[0]?.[1] !== 1) return;
    const [now] = await this.seen.of([userId]);
    if (now?.online === false) this.onChanged(userId, false, lastSeen);
  }

  private async beat(): Promise<void> {
    const { instance, clock } = this.bus;
    await this.redis.zadd(presenceKeys.gateways, clock.now(), instance);
    const written = new Set(await this.redis.smembers(presenceKeys.usersAt(instance)));
    // As many may be others, where one came and another went while Redis was away.
    if (written.size !== this.here.size || [...this.here.keys()].some((userId) => !written.has(userId))) await this.writeAll();
    await this.buryDead();
  }

  private async writeAll(): Promise<void> {
    const { instance } = this.bus;
    const gone = (await this.redis.smembers(presenceKeys.usersAt(instance))).filter((userId) => !this.here.has(userId));
    for (const userId of gone) await this.erase(userId, instance, this.bus.clock.now());
    for (const userId of [...this.here.keys()]) if (this.here.has(userId)) await this.write(userId);
  }

  private async buryDead(): Promise<void> {
    const dead = await this.redis.zrange(presenceKeys.gateways, '-inf', this.bus.clock.now() - GATEWAY_ALIVE_MS, 'BYSCORE', 'WITHSCORES');
    for (let at = 0; at < dead.length; at += 2) {
      const [gateway = '', beat] = [dead[at], Number(dead[at + 1])];
      for (const userId of await this.redis.smembers(presenceKeys.usersAt(gateway))) await this.erase(userId, gateway, beat);
      await this.redis.multi().del(presenceKeys.usersAt(gateway)).zrem(presenceKeys.gateways, gateway).exec();
    }
  }
}
