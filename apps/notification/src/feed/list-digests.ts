import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type KeptNotification, NotificationStore } from '../store/notification-store.ts';
import { ListDigestRepository, type OpenEntry } from './list-digest.repository.ts';

/**
 * Puts what belongs together into one entry of a list while nobody has read that. A message's place is written down before the entry is
 * changed, and of two versions of an entry the one with the higher count stays, so a message that is carried twice counts once.
 */
@Injectable()
export class ListDigests {
  constructor(
    private readonly database: Database,
    private readonly repository: ListDigestRepository,
    private readonly store: NotificationStore,
  ) {}

  /** The entry as it stands then; undefined where the message has been told in one that is gone. */
  async put(messageId: string, own: KeptNotification): Promise<KeptNotification | undefined> {
    const entry = await this.added(await this.entryFor(messageId, own));
    if (entry === undefined) return undefined;
    const kept = await this.store.find(entry.userId, entry.id);
    // The reader was faster: they have read the entry without this message, which begins another.
    return kept !== undefined && kept.count < entry.count ? this.added(await this.entryFor(messageId, own)) : entry;
  }

  private async added(entry: KeptNotification | undefined): Promise<KeptNotification | undefined> {
    if (entry === undefined) return undefined;
    await this.store.add([entry]);
    await this.repository.shown(entry.userId, entry.category, entry.id);
    return entry;
  }

  private entryFor(messageId: string, own: KeptNotification): Promise<KeptNotification | undefined> {
    const { userId, category, createdAt } = own;
    return this.database.transaction(async (transaction) => {
      const newest = await this.repository.lock(transaction, userId, category);
      const known = await this.repository.placeOf(transaction, messageId);
      const id = known?.entry_id ?? newest?.notification_id;
      const found = id === undefined ? undefined : await this.store.find(userId, id);
      const isAhead = newest?.notification_id === id && newest?.is_shown === false;
      if (known !== undefined) {
        // In it already, or the reader has removed it.
        if (found !== undefined && found.count >= known.place) return found;
        if (found === undefined && known.place === 1 && !isAhead) return undefined;
      }
      const isOpen = found === undefined ? isAhead : found.readAt === null;
      if (!isOpen || id === undefined) {
        this.repository.take(transaction, messageId, { userId, category, at: createdAt }, { entry_id: own.id, place: 1 });
        return own;
      }
      const place = known?.place ?? countOf(newest, found) + 1;
      if (known === undefined) this.repository.take(transaction, messageId, { userId, category, at: createdAt }, { entry_id: id, place });
      return joined(own, id, place, found?.createdAt ?? newest?.began_at ?? createdAt);
    });
  }
}

const countOf = (newest: OpenEntry | undefined, found: KeptNotification | undefined): number =>
  Math.max(newest?.count ?? 0, found?.count ?? 0);

/** The entry that was there first, with the words of the last. */
function joined(own: KeptNotification, id: string, count: number, createdAt: Date): KeptNotification {
  const expiresAt = new Date(createdAt.getTime() + own.expiresAt.getTime() - own.createdAt.getTime());
  return { ...own, id, count, createdAt, expiresAt };
}
