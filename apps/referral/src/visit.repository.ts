import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { INVITES } from './member.repository.ts';

/** Who came by whose link. */
@Injectable()
export class VisitRepository {
  constructor(private readonly database: Database) {}

  /** Nothing where the code is good for nothing. */
  async note(code: string, visitorId: string): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO visits (referrer_id, visitor_id)
      SELECT user_id, ${visitorId}::text FROM members WHERE code = ${code} AND ${INVITES} FOR SHARE
      ON CONFLICT (referrer_id, visitor_id) DO UPDATE SET last_at = now()`);
  }

  /** Whose link a visitor came by first, or last. */
  async referrerOf(visitorId: string, touch: 'first' | 'last'): Promise<string | undefined> {
    const order = touch === 'first' ? sql`first_at, referrer_id` : sql`last_at DESC, referrer_id`;
    const row = await this.database.row<{ referrer_id: string }>(
      sql`SELECT referrer_id FROM visits WHERE visitor_id = ${visitorId} ORDER BY ${order} LIMIT 1`,
    );
    return row?.referrer_id;
  }
}
