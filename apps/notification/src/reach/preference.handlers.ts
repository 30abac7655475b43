import { Injectable } from '@nestjs/common';
import { invalid } from '#libs/contracts/errors';
import { type CategoryChanges, notificationApi, type SetPreferences } from '#libs/contracts/notification/api';
import { CATEGORIES, CHANNELS, type Preferences as PreferencesView } from '#libs/contracts/notification/views';
import type { ByUser } from '#libs/contracts/page';
import { PreferenceRepository } from './preference.repository.ts';
import { PreferenceChanges } from './preference-changes.ts';
import { type Choices, cellOf, cellsOf, DEFAULTS, isTimeZone, LOCKED, type Preferences } from './preferences.ts';

@Injectable()
export class PreferenceHandlers {
  constructor(
    private readonly repository: PreferenceRepository,
    private readonly changes: PreferenceChanges,
  ) {}

  async preferences({ userId }: ByUser): Promise<PreferencesView> {
    return viewOf(userId, (await this.repository.of([userId])).get(userId) ?? DEFAULTS);
  }

  async setPreferences({ userId, channels, quietHours, timeZone, locale }: SetPreferences): Promise<PreferencesView> {
    const choices = choicesIn(channels);
    const locked = LOCKED.filter((cell) => choices[cell] === false);
    if (locked.length > 0) throw notificationApi.refuse('notification.locked_preference', `${locked.join(', ')} cannot be switched off`);
    if (timeZone !== undefined && !isTimeZone(timeZone))
      throw invalid([{ path: 'timeZone', message: 'must be a time zone such as Asia/Kolkata' }]);
    return viewOf(userId, await this.changes.make(userId, { choices, quietHours, timeZone, locale }));
  }
}

function choicesIn(channels: CategoryChanges = {}): Choices {
  const choices: Record<string, boolean> = {};
  for (const category of CATEGORIES)
    for (const channel of CHANNELS) {
      const choice = channels[category]?.[channel];
      if (choice !== undefined) choices[cellOf(category, channel)] = choice;
    }
  return choices;
}

export const viewOf = (userId: string, preferences: Preferences): PreferencesView => ({
  userId,
  channels: cellsOf(preferences),
  locked: [...LOCKED],
  quietHours: preferences.quietHours,
  timeZone: preferences.timeZone,
  locale: preferences.locale,
  updatedAt: preferences.updatedAt.toISOString(),
});
