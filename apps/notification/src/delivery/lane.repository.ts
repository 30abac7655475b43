import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Lane } from '../causes.ts';

/** How long the lanes are, read from their index. */
@Injectable()
export class LaneRepository {
  constructor(private readonly database: Database) {}

  waiting(): Promise<{ lane: Lane; messages: number }[]> {
    return this.database.rows<{ lane: Lane; messages: number }>(
      sql`SELECT lane, count(*)::int AS messages FROM outgoing WHERE state IN ('queued', 'waiting') GROUP BY lane`,
    );
  }

  /** Seconds since the oldest message was asked for that is to leave at once. Of campaigns it says nothing: those take their time. */
  oldest(): Promise<{ lane: Lane; seconds: number }[]> {
    return this.database.rows<{ lane: Lane; seconds: number }>(sql`
      SELECT lane, extract(epoch FROM now() - min(created_at))::float8 AS seconds
      FROM outgoing WHERE state = 'queued' AND lane IN ('otp', 'transactional') GROUP BY lane`);
  }
}
