import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { deviceOf } from '../reach/device.handlers.ts';
import { DeviceRepository } from '../reach/device.repository.ts';
import { viewOf } from '../reach/preference.handlers.ts';
import { PreferenceRepository } from '../reach/preference.repository.ts';
import { DEFAULTS } from '../reach/preferences.ts';
import { NotificationStore } from '../store/notification-store.ts';

const NOTIFICATIONS_A_PAGE = 100;

/** What this service has of somebody: what they want to hear of, where pushes go, and then what they were told. */
@Injectable()
export class ExportHandlers {
  constructor(
    private readonly store: NotificationStore,
    private readonly preferences: PreferenceRepository,
    private readonly devices: DeviceRepository,
  ) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const kept = await this.store.page({ userId, before: cursor, limit: NOTIFICATIONS_A_PAGE });
    const next = kept.length < NOTIFICATIONS_A_PAGE ? null : (kept.at(-1)?.id ?? null);
    const told = kept.map(({ userId: _, ...notification }) => notification);
    return { content: JSON.stringify(cursor === undefined ? [await this.reachOf(userId), ...told] : told), next };
  }

  private async reachOf(userId: string): Promise<object> {
    const [preferences, devices] = await Promise.all([this.preferences.of([userId]), this.devices.of([userId])]);
    return { preferences: viewOf(userId, preferences.get(userId) ?? DEFAULTS), devices: devices.map(deviceOf) };
  }
}
