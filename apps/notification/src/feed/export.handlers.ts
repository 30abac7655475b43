import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { NotificationStore } from '../store/notification-store.ts';

const NOTIFICATIONS_A_PAGE = 100;

/** What this service has of somebody: what they were told. */
@Injectable()
export class ExportHandlers {
  constructor(private readonly store: NotificationStore) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const kept = await this.store.page({ userId, before: cursor, limit: NOTIFICATIONS_A_PAGE });
    const next = kept.length < NOTIFICATIONS_A_PAGE ? null : (kept.at(-1)?.id ?? null);
    return { content: JSON.stringify(kept.map(({ userId: _, ...notification }) => notification)), next };
  }
}
