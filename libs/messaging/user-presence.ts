import type { Redis } from 'ioredis';

/** Milliseconds without a beat after which a gateway counts as dead, and what it said of its users as past. */
export const GATEWAY_ALIVE_MS = 20_000;
/** How long it is kept when somebody was seen last. */
export const SEEN_KEPT_SECONDS = 30 * 86_400;

/** The hash tag keeps all of it on one slot of a Redis Cluster. */
export const presenceKeys = {
  /** Sorted set: gateways by their last beat, milliseconds on the bus clock. */
  gateways: '{presence}:gateways',
  /** Set: users with a socket there. */
  usersAt: (gateway: string): string => `{presence}:at:${gateway}`,
  /** Hash: a field for each gateway where the user has a socket, and `seen`, when the last one was left. */
  user: (userId: string): string => `{presence}:user:${userId}`,
} as const;
export const SEEN_FIELD = 'seen';

export interface UserSeen {
  readonly online: boolean;
  /** Milliseconds on the bus clock; undefined while they are online, and where nobody remembers. */
  readonly lastSeen: number | undefined;
}

/** Where somebody is, as the gateways say it in Redis. A gateway that died is not believed. */
export class UserPresence {
  constructor(
    private readonly redis: Redis,
    private readonly now: () => number,
  ) {}

  /** In the order of the ids. Throws when Redis cannot be asked. */
  async of(userIds: readonly string[]): Promise<UserSeen[]> {
    const [beats, hashes] = await Promise.all([
      this.redis.zrange(presenceKeys.gateways, 0, -1, 'WITHSCORES'),
      Promise.all(userIds.map((userId) => this.redis.hgetall(presenceKeys.user(userId)))),
    ]);
    const beatOf = new Map<string, number>();
    for (let at = 0; at < beats.length; at += 2) beatOf.set(beats[at] ?? '', Number(beats[at + 1]));
    return hashes.map((hash) => seenIn(hash, beatOf, this.now()));
  }
}

function seenIn(hash: Readonly<Record<string, string>>, beatOf: ReadonlyMap<string, number>, now: number): UserSeen {
  let lastSeen: number | undefined;
  for (const [field, value] of Object.entries(hash)) {
    const beat = beatOf.get(field);
    if (field !== SEEN_FIELD && beat !== undefined && now - beat < GATEWAY_ALIVE_MS) return { online: true, lastSeen: undefined };
    // At a dead gateway they were seen when it beat last.
    const seen = field === SEEN_FIELD ? Number(value) : (beat ?? Number(value));
    if (seen > (lastSeen ?? 0)) lastSeen = seen;
  }
  return { online: false, lastSeen };
}
