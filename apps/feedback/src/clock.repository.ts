import { Injectable } from '@nestjs/common';
import type { FeedbackPriority } from '#libs/contracts/feedback/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

interface Step {
  readonly from: string;
  readonly to: string;
  /** In which the staff are to answer, of the priority that it rises to. */
  readonly seconds: number;
}

const DUE = sql`first_response_at IS NULL AND escalated_at IS NULL AND due_at <= now() AND NOT held AND merged_into IS NULL`;

@Injectable()
export class ClockRepository {
  constructor(private readonly database: Database) {}

  async isAnyDue(): Promise<boolean> {
    return (await this.database.row<{ any: boolean }>(sql`SELECT EXISTS (SELECT FROM feedback WHERE ${DUE}) AS any`))?.any === true;
  }

  /** Each once, whichever replica comes first. */
  async escalate(
    transaction: Transaction,
    steps: readonly Step[],
    limit: number,
  ): Promise<{ id: string; assignee_id: string | null; priority: FeedbackPriority }[]> {
    return transaction.rows(sql`
      WITH due AS MATERIALIZED (SELECT id FROM feedback WHERE ${DUE} ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      UPDATE feedback SET escalated_at = now(), staff_updated_at = now(), priority = step.higher,
        due_at = least(due_at, created_at + make_interval(secs => step.seconds))
      FROM due, unnest(${steps.map(({ from }) => from)}::text[], ${steps.map(({ to }) => to)}::text[], ${steps.map(({ seconds }) => seconds)}::int[])
        AS step (lower, higher, seconds)
      WHERE feedback.id = due.id AND priority = step.lower
      RETURNING feedback.id, assignee_id, priority`);
  }
}
