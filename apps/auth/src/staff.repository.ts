import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { UserRow } from './account.repository.ts';

export type StaffRow = UserRow & { readonly last_seen_at: Date | null; readonly has_authenticator: boolean; readonly has_passkey: boolean };

/** Support and admins, disabled ones too. */
@Injectable()
export class StaffRepository {
  constructor(private readonly database: Database) {}

  list(): Promise<StaffRow[]> {
    return this.database.rows<StaffRow>(sql`
      SELECT users.*,
        (SELECT max(last_seen_at) FROM sessions WHERE user_id = users.id) AS last_seen_at,
        EXISTS (SELECT 1 FROM authenticators WHERE user_id = users.id AND active_at IS NOT NULL) AS has_authenticator,
        EXISTS (SELECT 1 FROM passkeys WHERE user_id = users.id) AS has_passkey
      FROM users WHERE roles && ARRAY['support', 'admin'] ORDER BY id DESC LIMIT 500`);
  }
}
