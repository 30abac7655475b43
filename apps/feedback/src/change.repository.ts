import { Injectable } from '@nestjs/common';
import type { FeedbackNote, FeedbackPriority, FeedbackReply, FeedbackStatus } from '#libs/contracts/feedback/views';
import { joined, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { beginningsOf, movesTo, wordsOf } from './feedback.ts';

export interface Changes {
  readonly assigneeId?: string | null;
  readonly priority?: { readonly name: FeedbackPriority; readonly termSeconds: number };
  readonly tags?: readonly string[];
  readonly isLetThrough?: boolean;
  readonly publicTitle?: string | null;
}

export interface Moved {
  readonly moves: number;
}

/** What changes a piece of feedback. */
@Injectable()
export class ChangeRepository {
  /**
   * Moves it, where the table of moves allows it from the status that it has; undefined where not. `byStaff` stops the clock. Its time is
   * that of the statement, for a move that has waited for another comes after it, whichever transaction began first.
   */
  async move(transaction: Transaction, id: string, status: FeedbackStatus, byStaff: boolean): Promise<Moved | undefined> {
    return transaction.row<Moved>(sql`
      WITH moved AS (
        UPDATE feedback SET status = ${status}, moves = moves + 1, updated_at = clock_timestamp(),
          first_response_at = CASE WHEN ${byStaff} THEN coalesce(first_response_at, now()) ELSE first_response_at END
        WHERE id = ${id} AND status = ANY(${movesTo(status)}::text[]) AND merged_into IS NULL
        RETURNING moves, updated_at
      ), noted AS (
        INSERT INTO feedback_moves (feedback_id, number, status, at) SELECT ${id}, moves, ${status}, updated_at FROM moved)
      SELECT moves FROM moved`);
  }

  /** The first reply of the staff stops the clock. */
  async reply(
    transaction: Transaction,
    { id, feedbackId, userId, byAuthor, body }: { id: string; feedbackId: string; userId: string; byAuthor: boolean; body: string },
  ): Promise<FeedbackReply> {
    const row = await transaction.row<{ at: Date }>(sql`
      WITH kept AS (
        INSERT INTO feedback_replies (id, feedback_id, by_author, user_id, body, at)
        VALUES (${id}, ${feedbackId}, ${byAuthor}, ${userId}, ${body}, clock_timestamp())
        RETURNING at)
      UPDATE feedback SET updated_at = kept.at,
        words = ARRAY(SELECT DISTINCT word FROM unnest(words || ${wordsOf(body)}::text[]) AS word),
        first_response_at = CASE WHEN ${byAuthor} THEN first_response_at ELSE coalesce(first_response_at, now()) END
      FROM kept WHERE feedback.id = ${feedbackId} RETURNING kept.at`);
    return { id, from: byAuthor ? 'author' : 'staff', body, at: (row?.at ?? new Date()).toISOString() };
  }

  async findReply(transaction: Transaction, id: string): Promise<FeedbackReply | undefined> {
    const row = await transaction.row<{ by_author: boolean; body: string; at: Date }>(
      sql`SELECT by_author, body, at FROM feedback_replies WHERE id = ${id}`,
    );
    return row === undefined ? undefined : { id, from: row.by_author ? 'author' : 'staff', body: row.body, at: row.at.toISOString() };
  }

  /** Undefined where there is no such feedback. */
  async addNote(
    transaction: Transaction,
    { id, feedbackId, userId, body }: { id: string; feedbackId: string; userId: string; body: string },
  ): Promise<FeedbackNote | undefined> {
    const row = await transaction.row<{ at: Date }>(sql`
      WITH touched AS (UPDATE feedback SET staff_updated_at = now() WHERE id = ${feedbackId} RETURNING id)
      INSERT INTO feedback_notes (id, feedback_id, user_id, body) SELECT ${id}, id, ${userId}, ${body} FROM touched RETURNING at`);
    return row === undefined ? undefined : { id, body, by: userId, at: row.at.toISOString() };
  }

  async findNote(transaction: Transaction, id: string): Promise<FeedbackNote | undefined> {
    const row = await transaction.row<{ user_id: string; body: string; at: Date }>(
      sql`SELECT user_id, body, at FROM feedback_notes WHERE id = ${id}`,
    );
    return row === undefined ? undefined : { id, body: row.body, by: row.user_id, at: row.at.toISOString() };
  }

  /** False where there is no such feedback. */
  async change(transaction: Transaction, id: string, { assigneeId, priority, tags, isLetThrough, publicTitle }: Changes): Promise<boolean> {
    const assignments = [
      sql`staff_updated_at = now()`,
      ...(assigneeId === undefined ? [] : [sql`assignee_id = ${assigneeId}`]),
      ...(priority === undefined
        ? []
        : [sql`priority = ${priority.name}`, sql`due_at = created_at + make_interval(secs => ${priority.termSeconds}::int)`]),
      ...(tags === undefined ? [] : [sql`tags = ${tags}::text[]`]),
      ...(isLetThrough === true ? [sql`held = false`] : []),
      ...(publicTitle === undefined
        ? []
        : [sql`public_title = ${publicTitle}`, sql`title_words = ${publicTitle === null ? null : beginningsOf(publicTitle)}::text[]`]),
    ];
    return (await transaction.execute(sql`UPDATE feedback SET ${joined(assignments, ', ')} WHERE id = ${id}`)) === 1;
  }

  async tagsOf(transaction: Transaction, id: string): Promise<string[] | undefined> {
    return (await transaction.row<{ tags: string[] }>(sql`SELECT tags FROM feedback WHERE id = ${id} FOR NO KEY UPDATE`))?.tags;
  }

  async standing(transaction: Transaction, id: string): Promise<{ status: FeedbackStatus; merged_into: string | null } | undefined> {
    return transaction.row(sql`SELECT status, merged_into FROM feedback WHERE id = ${id}`);
  }
}
