import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { BusClient } from '#libs/messaging/bus-client';
import { UserPresence, type UserSeen } from '#libs/messaging/user-presence';
import type { Logger } from '#libs/observability/logger';
import { LOGGER } from '#libs/runtime/core.module';

export const REALTIME_REDIS = Symbol('realtime redis');

/** Who has a chat open, as the gateways say it. */
@Injectable()
export class WhoIsHere implements OnApplicationShutdown {
  private readonly presence: UserPresence;

  constructor(
    @Inject(REALTIME_REDIS) private readonly redis: Redis,
    bus: BusClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.presence = new UserPresence(redis, () => bus.clock.now());
  }

  /** In the order of the ids. */
  of(userIds: readonly string[]): Promise<UserSeen[]> {
    return this.presence.of(userIds);
  }

  /** While nobody can be asked, nobody counts as here: a push too many is better than none. */
  async online(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const asked = [...new Set(userIds)];
    try {
      const seen = await this.of(asked);
      return new Set(asked.filter((_, index) => seen[index]?.online === true));
    } catch (error) {
      this.logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'chat.presence_unknown');
      return new Set();
    }
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
