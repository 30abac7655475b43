import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

@Injectable()
export class PastQueryRepository {
  constructor(private readonly database: Database) {}

  /** Each was asked once more. In the order of their texts, so that replicas wait for each other in one direction only. */
  async count(queries: readonly string[]): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO search_queries AS known (query, times, last_asked_on)
      SELECT query, 1, (now() AT TIME ZONE 'Asia/Kolkata')::date FROM unnest(${queries.toSorted()}::text[]) AS query
      ON CONFLICT (query) DO UPDATE SET times = known.times + 1, last_asked_on = excluded.last_asked_on`);
  }
}
