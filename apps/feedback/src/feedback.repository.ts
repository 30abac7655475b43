import { Injectable } from '@nestjs/common';
import type { ListFeedback, SendFeedback } from '#libs/contracts/feedback/api';
import type { FeedbackCategory, FeedbackContext, FeedbackHold, FeedbackPriority } from '#libs/contracts/feedback/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { textHash, UNDER_WAY, wordsOf } from './feedback.ts';
import { type FeedbackRow, type Viewer, withParts } from './feedback-row.repository.ts';

export interface NewFeedback extends Omit<SendFeedback, 'images'> {
  readonly id: string;
  readonly userId: string;
  readonly images: readonly string[];
  readonly context: FeedbackContext;
  readonly holds: readonly FeedbackHold[];
  readonly priority: FeedbackPriority;
  readonly termSeconds: number;
}

export interface Titled {
  readonly id: string;
  readonly subject: string;
  readonly message: string;
  readonly public_title: string | null;
  readonly category: FeedbackCategory;
  readonly status: FeedbackRow['status'];
  readonly votes: number;
}

/** Own feedback looked through for similar ones, and others' with the most words in common. */
const SIMILAR_OWN = 200;
const SIMILAR_OTHERS = 50;

/** Feedback as it is sent and looked at by those who send it. */
@Injectable()
export class FeedbackRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Locks the author until the transaction ends, so that what they send at once is counted one after the other. False for one who is erased. */
  async lockAuthor(transaction: Transaction, userId: string): Promise<boolean> {
    const row = await transaction.row<{ erased_at: Date | null }>(sql`
      INSERT INTO feedback_authors (user_id) VALUES (${userId}) ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id RETURNING erased_at`);
    return row?.erased_at === null;
  }

  /** What they sent in the last hour, up to `limit`; and whether they said the same in the last day. */
  async recent(
    { userId, subject, message, limit }: Pick<NewFeedback, 'userId' | 'subject' | 'message'> & { limit: number },
    queries: Queries = this.database,
  ): Promise<{ sent: number; secondsToRoom: number; saidBefore: boolean }> {
    const row = await queries.row<{ sent: number; seconds: number | null; said_before: boolean }>(sql`
      SELECT count(*) AS sent, ceil(extract(epoch FROM min(created_at) + interval '1 hour' - now()))::int AS seconds,
        EXISTS (SELECT FROM feedback WHERE user_id = ${userId} AND created_at > now() - interval '24 hours'
          AND text_hash = ${textHash(subject, message)}) AS said_before
      FROM (SELECT created_at FROM feedback WHERE user_id = ${userId} AND created_at > now() - interval '1 hour'
        ORDER BY created_at DESC LIMIT ${limit}) latest`);
    return { sent: row?.sent ?? 0, secondsToRoom: Math.max(1, row?.seconds ?? 1), saidBefore: row?.said_before ?? false };
  }

  insert(transaction: Transaction, feedback: NewFeedback): void {
    const { id, userId, category, subject, message } = feedback;
    transaction.send(sql`
      INSERT INTO feedback (id, user_id, category, subject, message, text_hash, rating, image_ids, order_id, product_id, app_version, context,
        words, priority, held, holds, due_at)
      VALUES (${id}, ${userId}, ${category}, ${subject}, ${message}, ${textHash(subject, message)}, ${feedback.rating ?? null},
        ${feedback.images}::uuid[], ${feedback.orderId ?? null}, ${feedback.productId ?? null}, ${feedback.appVersion ?? null},
        ${JSON.stringify(feedback.context)}::jsonb, ${wordsOf(`${subject} ${message}`)}::text[], ${feedback.priority},
        ${feedback.holds.length > 0}, ${feedback.holds}::text[], now() + make_interval(secs => ${feedback.termSeconds}::int))`);
    transaction.send(sql`INSERT INTO feedback_moves (feedback_id, number, status) VALUES (${id}, 1, 'open')`);
    transaction.send(sql`INSERT INTO feedback_people (feedback_id, user_id, is_author) VALUES (${id}, ${userId}, true)`);
  }

  /** `ownedBy`: only where this user sent it. */
  async find(id: string, viewer: Viewer, ownedBy?: string, queries: Queries = this.database): Promise<FeedbackRow | undefined> {
    const own = when(ownedBy !== undefined, () => sql` AND user_id = ${ownedBy}`);
    return queries.row<FeedbackRow>(withParts(sql`SELECT * FROM feedback WHERE id = ${id}${own}`, viewer, sql`found.id`));
  }

  async ofUser({ userId, status, limit, cursor }: ListFeedback): Promise<{ items: FeedbackRow[]; nextCursor: string | null }> {
    const list = `feedback of ${JSON.stringify([userId, status])}`;
    const after = when(cursor !== undefined, () => sql` AND own.id < ${this.cursors.decode(cursor ?? '', list)[0]}::uuid`);
    const withStatus = when(
      status !== undefined,
      () => sql` AND coalesce((SELECT status FROM feedback target WHERE target.id = own.merged_into), own.status) = ${status}`,
    );
    const rows = await this.database.rows<FeedbackRow>(
      withParts(
        sql`SELECT * FROM feedback own WHERE user_id = ${userId}${withStatus}${after} ORDER BY id DESC LIMIT ${limit + 1}`,
        'author',
        sql`found.id DESC`,
      ),
    );
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
  }

  /** What may be like it: own ones, and of others only those that have a public title, by the beginnings of its words. */
  async candidates(
    userId: string,
    beginnings: readonly string[],
    category: FeedbackCategory | undefined,
  ): Promise<{ own: Titled[]; others: Titled[] }> {
    const shown = sql`status = ANY(${UNDER_WAY}::text[]) AND NOT held AND merged_into IS NULL${when(category !== undefined, () => sql` AND category = ${category}`)}`;
    const columns = sql`id, subject, message, public_title, category, status, votes`;
    const [own, others] = await Promise.all([
      this.database.rows<Titled>(
        sql`SELECT ${columns} FROM feedback WHERE user_id = ${userId} AND ${shown} ORDER BY id DESC LIMIT ${SIMILAR_OWN}`,
      ),
      this.database.rows<Titled>(sql`
        SELECT ${columns} FROM feedback WHERE title_words && ${beginnings}::text[] AND user_id IS DISTINCT FROM ${userId} AND ${shown}
        ORDER BY (SELECT count(*) FROM unnest(title_words) AS beginning WHERE beginning = ANY(${beginnings}::text[])) DESC, votes DESC, id
        LIMIT ${SIMILAR_OTHERS}`),
    ]);
    return { own, others };
  }
}
