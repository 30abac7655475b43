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

  forget(userId: string): void {
    this.users.delete(userId);
  }
}
