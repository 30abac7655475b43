import { Injectable } from '@nestjs/common';
import type { ReportQuery } from '#libs/contracts/chat/inputs';
import type { ReportReason, ReportResolution } from '#libs/contracts/chat/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface ReportRow {
  readonly id: string;
  readonly message_id: string;
  readonly reporter_id: string | null;
  readonly reason: ReportReason;
  readonly note: string | null;
  /** Of the message, as it was reported. */
  readonly content: string;
  readonly status: 'open' | 'resolved';
  readonly resolution: ReportResolution | null;
  readonly resolved_at: Date | null;
  readonly created_at: Date;
}

const REPORT = sql`id, message_id, reporter_id, reason, note, content, status, resolution, resolved_at, created_at`;

export type NewReport = Pick<ReportRow, 'id' | 'message_id' | 'reason' | 'note' | 'content'> & { readonly reporter_id: string };

@Injectable()
export class ReportRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  find(id: string, queries: Queries = this.database): Promise<ReportRow | undefined> {
    return queries.row<ReportRow>(sql`SELECT ${REPORT} FROM reports WHERE id = ${id}`);
  }

  findOwn(messageId: string, reporterId: string): Promise<ReportRow | undefined> {
    return this.database.row<ReportRow>(sql`SELECT ${REPORT} FROM reports WHERE message_id = ${messageId} AND reporter_id = ${reporterId}`);
  }

  /** Undefined where this user has reported it before. */
  async add(transaction: Transaction, one: NewReport): Promise<ReportRow | undefined> {
    transaction.send(sql`UPDATE messages SET is_reported = true WHERE id = ${one.message_id} AND NOT is_reported`);
    return transaction.row<ReportRow>(sql`
      INSERT INTO reports (id, message_id, reporter_id, reason, note, content)
      VALUES (${one.id}, ${one.message_id}, ${one.reporter_id}, ${one.reason}, ${one.note}, ${one.content})
      ON CONFLICT (message_id, reporter_id) DO NOTHING RETURNING ${REPORT}`);
  }

  async page({ status, limit, cursor }: ReportQuery): Promise<{ items: ReportRow[]; nextCursor: string | null }> {
    const list = `reports ${status}`;
    const [last] = cursor === undefined ? [] : this.cursors.decode(cursor, list);
    const rows = await this.database.rows<ReportRow>(sql`
      SELECT ${REPORT} FROM reports WHERE true
        ${when(status !== undefined, () => sql`AND status = ${status}`)}
        ${when(cursor !== undefined, () => sql`AND id < ${last}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
  }

  /** Undefined for one that is settled. */
  resolve(transaction: Transaction, id: string, resolution: ReportResolution, by: string): Promise<ReportRow | undefined> {
    return transaction.row<ReportRow>(sql`
      UPDATE reports SET status = 'resolved', resolution = ${resolution}, resolved_by = ${by}, resolved_at = now()
      WHERE id = ${id} AND status = 'open' RETURNING ${REPORT}`);
  }
}
