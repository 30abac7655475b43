import type { Revocation } from '#libs/contracts/auth/messages';

import type { Claims } from './access-token.ts';

/**
 * Sessions and users whose older access tokens are refused. Auth's table is the truth; a signal brings each entry at once, and auth repeats it
 * for a while, should it have been lost. The table is read now and then, and when the subscription to signals was renewed. While auth cannot
 * be reached the last list stands.
 */
export class Revocations {
  private entries = new Map<string, number>();
  private hasRead = false;
  private readonly listeners = new Set<(revocation: Revocation) => void>();

  /** `fetchKept` finds what auth published last, for a process that starts while auth is away. */
  constructor(
    private readonly fetchAll: () => Promise<{ items: Revocation[] }>,
    private readonly fetchKept: () => Promise<{ items: Revocation[] }> = fetchAll,
  ) {}

  /** False until the list was read once: before that a cut-off session would be let in. */
  get isReady(): boolean {
    return this.hasRead;
  }

  add(revocation: Revocation): void {
    const key = `${revocation.kind}:${revocation.id}`;
    if ((this.entries.get(key) ?? -1) >= revocation.before) return;
    this.entries.set(key, revocation.before);
    for (const listener of this.listeners) listener(revocation);
  }

  /** Hears of each new entry, so that sockets can be closed. */
  onAdded(listener: (revocation: Revocation) => void): void {
    this.listeners.add(listener);
  }

  covers(claims: Pick<Claims, 'sessionId' | 'userId' | 'issuedAt'>): boolean {
    if (this.entries.size === 0) return false;
    return (
      (this.entries.get(`session:${claims.sessionId}`) ?? 0) > claims.issuedAt ||
      (this.entries.get(`user:${claims.userId}`) ?? 0) > claims.issuedAt
    );
  }

  /** To be repeated. */
  async read(): Promise<void> {
    try {
      const { items } = await this.fetchAll();
      const listed = new Set(items.map((entry) => `${entry.kind}:${entry.id}`));
      for (const entry of items) this.add(entry);
      // Auth drops an entry once no token it could refuse is alive; one signalled since the read began stays.
      for (const [key, before] of this.entries) if (!listed.has(key) && before < Date.now() - 60_000) this.entries.delete(key);
      this.hasRead = true;
    } catch {
      // The last list stands; where there was none yet, the one that auth left behind.
      if (!this.hasRead) await this.readKept();
    }
  }

  private async readKept(): Promise<void> {
    try {
      for (const entry of (await this.fetchKept()).items) this.add(entry);
      this.hasRead = true;
    } catch {
      // Not ready yet.
    }
  }
}
