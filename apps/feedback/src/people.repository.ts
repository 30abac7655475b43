import { Injectable } from '@nestjs/common';
import type { FeedbackStatus } from '#libs/contracts/feedback/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface Locked {
  readonly id: string;
  readonly user_id: string | null;
  readonly status: FeedbackStatus;
  readonly public_title: string | null;
  readonly held: boolean;
  readonly merged_into: string | null;
}

/** Who is told, under the id that they know. */
export interface Audience {
  readonly feedbackId: string;
  readonly userIds: string[];
}

/** Ids in one event. */
const TOLD_AT_ONCE = 500;

/**
 * People of feedback: authors and voters. What is merged into another keeps its people, who count for the other as well; so its people and
 * the other's count change only while the other's row is locked.
 */
@Injectable()
export class PeopleRepository {
  constructor(private readonly database: Database) {}

  /** Locks these until the transaction ends, in one order everywhere. What depends on them is to be read by a later statement. */
  lock(transaction: Transaction, ids: readonly string[]): Promise<Locked[]> {
    return transaction.rows<Locked>(sql`
      SELECT id, user_id, status, public_title, held, merged_into FROM feedback WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`);
  }

  /** How many people it has now. */
  async vote(transaction: Transaction, id: string, userId: string): Promise<number> {
    const row = await transaction.row<{ votes: number }>(sql`
      WITH known AS MATERIALIZED (
        SELECT EXISTS (SELECT FROM feedback_people JOIN feedback ON feedback.id = feedback_id
          WHERE feedback_people.user_id = ${userId} AND (feedback.id = ${id} OR merged_into = ${id})) AS counts
      ), added AS (
        INSERT INTO feedback_people (feedback_id, user_id, is_author) VALUES (${id}, ${userId}, false) ON CONFLICT DO NOTHING)
      UPDATE feedback SET votes = votes + (SELECT NOT counts FROM known)::int WHERE id = ${id} RETURNING votes`);
    return row?.votes ?? 0;
  }

  /** Takes the user's votes back here and wherever it is merged from. */
  async unvote(transaction: Transaction, id: string, userId: string): Promise<number> {
    await transaction.execute(sql`
      WITH taken AS (
        DELETE FROM feedback_people USING feedback WHERE feedback.id = feedback_id AND (feedback.id = ${id} OR merged_into = ${id})
          AND feedback_people.user_id = ${userId} AND NOT is_author
        RETURNING feedback_id)
      UPDATE feedback SET votes = votes - 1 FROM taken WHERE feedback.id = taken.feedback_id AND feedback.id <> ${id}`);
    return this.recount(transaction, id);
  }

  /** Counts the people of this one and of those that are merged into it. */
  async recount(transaction: Transaction, id: string): Promise<number> {
    const row = await transaction.row<{ votes: number }>(sql`
      UPDATE feedback SET votes = (SELECT count(DISTINCT people.user_id) FROM feedback_people people JOIN feedback one ON one.id = people.feedback_id
        WHERE one.id = ${id} OR one.merged_into = ${id})
      WHERE id = ${id} RETURNING votes`);
    return row?.votes ?? 0;
  }

  /** False for somebody who neither sent nor voted for it. */
  async subscribe(id: string, userId: string, subscribed: boolean): Promise<boolean> {
    const changed = await this.database.execute(
      sql`UPDATE feedback_people SET subscribed = ${subscribed} WHERE feedback_id = ${id} AND user_id = ${userId}`,
    );
    return changed === 1;
  }

  unsubscribe(transaction: Transaction, id: string, userId: string): void {
    transaction.send(sql`UPDATE feedback_people SET subscribed = false WHERE feedback_id = ${id} AND user_id = ${userId}`);
  }

  async wantsNews(id: string, userId: string, queries: Queries = this.database): Promise<boolean> {
    const row = await queries.row<{ subscribed: boolean }>(
      sql`SELECT subscribed FROM feedback_people WHERE feedback_id = ${id} AND user_id = ${userId}`,
    );
    return row?.subscribed === true;
  }

  /** Who hears of a move: everybody once, those who come with a merged one under its id, for they may not know where it went. */
  async audience(transaction: Transaction, id: string): Promise<Audience[]> {
    const rows = await transaction.rows<{ user_id: string; feedback_id: string }>(sql`
      SELECT DISTINCT ON (people.user_id) people.user_id, people.feedback_id
      FROM feedback_people people JOIN feedback one ON one.id = people.feedback_id
      WHERE (one.id = ${id} OR one.merged_into = ${id}) AND people.subscribed
      ORDER BY people.user_id, people.is_author DESC, one.id = ${id} DESC, people.feedback_id`);
    return [...Map.groupBy(rows, ({ feedback_id }) => feedback_id)].flatMap(([feedbackId, people]) => {
      const userIds = people.map(({ user_id }) => user_id);
      return Array.from({ length: Math.ceil(userIds.length / TOLD_AT_ONCE) }, (_, index) => ({
        feedbackId,
        userIds: userIds.slice(index * TOLD_AT_ONCE, (index + 1) * TOLD_AT_ONCE),
      }));
    });
  }
}
