import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ReviewFilter } from '#libs/contracts/review/api';
import type { Moderation, ReviewCounts } from '#libs/contracts/review/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { InnerSide, ReviewRow } from './review.ts';

interface ModerationRow {
  readonly status: Moderation['status'];
  readonly note: string | null;
  readonly by: string;
  readonly at: string;
}

export interface Decision {
  readonly status: Moderation['status'];
  readonly note: string | undefined;
  readonly by: string;
}

/** What staff do with reviews. */
@Injectable()
export class ModerationRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Oldest first. */
  async list({ limit, cursor, ...filter }: ReviewFilter): Promise<{ items: ReviewRow[]; nextCursor: string | null }> {
    const { status, productId, userId, reported } = filter;
    const list = `all reviews ${JSON.stringify([status, productId, userId, reported])}`;
    const conditions = [
      sql`true`,
      ...(status === undefined ? [] : [sql`status = ${status}`]),
      ...(productId === undefined ? [] : [sql`product_id = ${productId}`]),
      ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
      ...(reported === undefined ? [] : [reported ? sql`open_reports > 0` : sql`open_reports = 0`]),
      ...(cursor === undefined ? [] : [sql`id > ${this.cursors.decode(cursor, list)[0]}::uuid`]),
    ];
    const rows = await this.database.rows<ReviewRow>(
      plannedByValues(sql`SELECT * FROM reviews WHERE ${joined(conditions, ' AND ')} ORDER BY id LIMIT ${limit + 1}`),
    );
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
  }

  async counts(): Promise<ReviewCounts> {
    const rows = await this.database.rows<{ status: keyof ReviewCounts; count: number }>(
      sql`SELECT status, sum(count) AS count FROM status_counts GROUP BY status`,
    );
    const counts: ReviewCounts = { pending: 0, approved: 0, hidden: 0, reported: 0 };
    for (const { status, count } of rows) counts[status] = Number(count);
    return counts;
  }

  /** Reports that are open, and all decisions, of each of these reviews. */
  async innerSides(ids: readonly string[]): Promise<ReadonlyMap<string, InnerSide>> {
    const rows = await this.database.rows<{ id: string; reasons: Record<string, number> | null; moderation: ModerationRow[] | null }>(sql`
      SELECT asked.id,
        (SELECT jsonb_object_agg(reason, count) FROM (
          SELECT reason, count(*) AS count FROM reports WHERE review_id = asked.id AND is_open GROUP BY reason) AS counted) AS reasons,
        (SELECT jsonb_agg(jsonb_build_object('status', status, 'note', note, 'by', moderated_by, 'at', moderated_at) ORDER BY moderations.id)
          FROM moderations WHERE review_id = asked.id) AS moderation
      FROM unnest(${ids}::uuid[]) AS asked (id)`);
    return new Map(
      rows.map(({ id, reasons, moderation }) => [id, { reasons: reasons ?? {}, moderation: (moderation ?? []).map(moderationOf) }]),
    );
  }

  async lastNote(transaction: Transaction, reviewId: string): Promise<string | null | undefined> {
    const last = await transaction.row<{ note: string | null }>(
      sql`SELECT note FROM moderations WHERE review_id = ${reviewId} ORDER BY id DESC LIMIT 1`,
    );
    return last?.note;
  }

  /** Notes the decision and closes the reports. To be called with the review locked. */
  async decide(transaction: Transaction, { id, user_id }: ReviewRow, { status, note, by }: Decision): Promise<ReviewRow> {
    transaction.send(sql`
      INSERT INTO moderations (id, review_id, status, note, moderated_by) VALUES (${uuidv7()}, ${id}, ${status}, ${note ?? null}, ${by})`);
    transaction.send(sql`UPDATE reports SET is_open = false WHERE review_id = ${id} AND is_open`);
    if (status === 'approved') transaction.send(sql`DELETE FROM hidden_marks WHERE review_id = ${id}`);
    else if (user_id !== null)
      transaction.send(sql`
        INSERT INTO hidden_marks (review_id, user_id) VALUES (${id}, ${user_id}) ON CONFLICT (review_id) DO UPDATE SET hidden_at = now()`);
    const decided = await transaction.row<ReviewRow>(sql`
      UPDATE reviews SET status = ${status}, files_version = files_version + 1, holds = CASE WHEN ${status} = 'approved' THEN '{}' ELSE holds END WHERE id = ${id} RETURNING *`);
    if (decided === undefined) throw new Error('a review that is locked is gone');
    return decided;
  }

  async reply(transaction: Transaction, id: string, body: string | null): Promise<ReviewRow> {
    const replied = await transaction.row<ReviewRow>(sql`
      UPDATE reviews SET reply = ${body}, replied_at = CASE WHEN ${body}::text IS NULL THEN NULL ELSE now() END WHERE id = ${id} RETURNING *`);
    if (replied === undefined) throw new Error('a review that is locked is gone');
    return replied;
  }
}

const moderationOf = ({ status, note, by, at }: ModerationRow): Moderation => ({
  status,
  ...(note === null ? {} : { note }),
  by,
  at: new Date(at).toISOString(),
});
