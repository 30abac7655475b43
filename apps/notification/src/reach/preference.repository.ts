import { Injectable } from '@nestjs/common';
import type { Locale } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { type Choices, DEFAULTS, type Preferences, type QuietHours } from './preferences.ts';
import { lockOfUser } from './user-lock.repository.ts';

interface PreferenceRow {
  readonly user_id: string;
  readonly choices: Choices;
  readonly quiet_hours: QuietHours | null;
  readonly time_zone: string;
  readonly locale: Locale;
  readonly updated_at: Date;
}

/** What a change names; the rest stays. */
export interface PreferenceChange {
  readonly choices: Choices;
  readonly quietHours?: QuietHours | null | undefined;
  readonly timeZone?: string | undefined;
  readonly locale?: Locale | undefined;
}

const COLUMNS = sql`user_id, choices, quiet_hours, time_zone, locale, updated_at`;

@Injectable()
export class PreferenceRepository {
  constructor(private readonly database: Database) {}

  async of(userIds: readonly string[]): Promise<ReadonlyMap<string, Preferences>> {
    const rows = await this.database.rows<PreferenceRow>(sql`SELECT ${COLUMNS} FROM preferences WHERE user_id = ANY(${userIds}::uuid[])`);
    const known = new Map(rows.map((row) => [row.user_id, preferencesOf(row)]));
    return new Map(userIds.map((userId) => [userId, known.get(userId) ?? DEFAULTS]));
  }

  /** One statement, so that two devices which change different cells lose nothing. Of a user who is gone nothing is kept: a link in an old mail works on. */
  async change(
    transaction: Transaction,
    userId: string,
    { choices, quietHours, timeZone, locale }: PreferenceChange,
  ): Promise<Preferences> {
    transaction.send(lockOfUser(userId));
    const quiet = quietHours === undefined ? null : JSON.stringify(quietHours);
    const row = await transaction.row<PreferenceRow>(sql`
      INSERT INTO preferences (user_id, choices, quiet_hours, time_zone, locale)
      SELECT ${userId}::uuid, ${JSON.stringify(choices)}::jsonb, coalesce(${quiet}::jsonb, ${JSON.stringify(DEFAULTS.quietHours)}::jsonb),
        coalesce(${timeZone ?? null}::text, ${DEFAULTS.timeZone}::text), coalesce(${locale ?? null}::text, ${DEFAULTS.locale}::text)
      WHERE NOT EXISTS (SELECT 1 FROM erased_users WHERE user_id = ${userId})
      ON CONFLICT (user_id) DO UPDATE SET choices = preferences.choices || excluded.choices,
        quiet_hours = coalesce(${quiet}::jsonb, preferences.quiet_hours), time_zone = coalesce(${timeZone ?? null}::text, preferences.time_zone),
        locale = coalesce(${locale ?? null}::text, preferences.locale), updated_at = now()
      RETURNING ${COLUMNS}`);
    return row === undefined ? DEFAULTS : preferencesOf(row);
  }
}

const preferencesOf = (row: PreferenceRow): Preferences => ({
  ...{ choices: row.choices, quietHours: row.quiet_hours, timeZone: row.time_zone, locale: row.locale, updatedAt: row.updated_at },
});
