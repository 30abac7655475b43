/** What one service says is unread; the higher version is the newer. */
export interface UnreadOf {
  readonly unread: number;
  readonly version: number;
}
export type UnreadPart = 'notification' | 'chat';

export interface Badge {
  readonly notifications: number;
  readonly chat: number;
  readonly version: number;
}

const NOTHING: UnreadOf = { unread: 0, version: 0 };

/** The counts of two services as one, for users with a socket here. Each service's version rises, and so their sum does. */
export class UnreadBadges {
  private readonly users = new Map<string, Partial<Record<UnreadPart, UnreadOf>>>();

  /** The version that was last told to all sockets of a user. */
  private readonly told = new Map<string, number>();

  /** Which services' counts nobody has told yet. */
  missing(userId: string): UnreadPart[] {
    const known = this.users.get(userId);
    return (['notification', 'chat'] as const).filter((part) => known?.[part] === undefined);
  }

  /** Takes a count over, unless a newer one is known. */
  note(userId: string, part: UnreadPart, counted: UnreadOf): void {
    const known = this.users.get(userId) ?? {};
    this.users.set(userId, known);
    if ((known[part]?.version ?? -1) < counted.version) known[part] = counted;
  }

  /** Undefined where nothing is known. A service that has not answered counts for nothing. */
  of(userId: string): Badge | undefined {
    const known = this.users.get(userId);
    if (known === undefined) return undefined;
    const { notification = NOTHING, chat = NOTHING } = known;
    return { notifications: notification.unread, chat: chat.unread, version: notification.version + chat.version };
  }

  /** What is to be told to all sockets of a user: undefined where they were told it, or something newer. */
  toTell(userId: string): Badge | undefined {
    const badge = this.of(userId);
    if (badge === undefined || badge.version <= (this.told.get(userId) ?? -1)) return undefined;
    this.told.set(userId, badge.version);
    return badge;
  }

  forget(userId: string): void {
    this.told.delete(userId);
    this.users.delete(userId);
  }
}
