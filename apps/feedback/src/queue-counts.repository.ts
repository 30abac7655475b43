import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { Rounds } from '#libs/runtime/rounds';

export interface Counted {
  readonly status: string;
  readonly category: string;
  readonly count: number;
}

const EVERY_MS = 10_000;

/** How much of each status and category is in the queue, whatever its size. A trigger notes changes; a round adds them up. */
@Injectable()
export class QueueCountsRepository {
  constructor(
    private readonly database: Database,
    rounds: Rounds,
  ) {
    rounds.every('feedback.counts', EVERY_MS, () => this.addUp());
  }

  counts(): Promise<Counted[]> {
    return this.database.rows<Counted>(
      sql`SELECT status, category, sum(change)::bigint AS count FROM feedback_counts GROUP BY status, category`,
    );
  }

  /** What another replica is adding up at the same time stays with that one. */
  private async addUp(): Promise<void> {
    await this.database.execute(sql`
      WITH several AS MATERIALIZED (SELECT status, category FROM feedback_counts GROUP BY status, category HAVING count(*) > 1), taken AS (
        DELETE FROM feedback_counts USING several WHERE feedback_counts.status = several.status AND feedback_counts.category = several.category
        RETURNING feedback_counts.status, feedback_counts.category, change)
      INSERT INTO feedback_counts SELECT status, category, sum(change) FROM taken GROUP BY status, category`);
  }
}
