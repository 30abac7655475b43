import { Injectable } from '@nestjs/common';
import type { SupportQuery } from '#libs/contracts/chat/inputs';
import type { SupportCounts } from '#libs/contracts/chat/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql } from '#libs/persistence/sql';
import { THREAD } from '../threads/thread.repository.ts';
import type { ThreadRow } from '../threads/thread-row.ts';

const WAITED = sql`coalesce(waiting_since, 'infinity'::timestamptz)`;

/** The staff's list of support threads. */
@Injectable()
export class QueueRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** `me`: who asks. */
  async page({ sort, limit, cursor, ...filters }: SupportQuery, me: string): Promise<{ items: ThreadRow[]; nextCursor: string | null }> {
    const list = `support threads ${JSON.stringify([sort, me, Object.entries(filters).sort(([one], [other]) => (one < other ? -1 : 1))])}`;
    const conditions = conditionsOf(filters, me);
    const byWaiting = sort === 'waiting';
    if (cursor !== undefined) {
      const [at, id] = this.cursors.decode(cursor, list);
      conditions.push(
        byWaiting
          ? sql`(${WAITED}, threads.id) > (${at}::timestamptz, ${id}::uuid)`
          : sql`(updated_at < ${at}::timestamptz OR updated_at = ${at}::timestamptz AND threads.id > ${id}::uuid)`,
      );
    }
    const rows = await this.database.rows<ThreadRow & { place: string }>(
      plannedByValues(sql`
        SELECT ${THREAD}, ${byWaiting ? sql`${WAITED}::text` : sql`updated_at::text`} AS place FROM threads
        WHERE ${joined(conditions, ' AND ')}
        ORDER BY ${byWaiting ? sql`${WAITED}, threads.id` : sql`updated_at DESC, threads.id`} LIMIT ${limit + 1}`),
    );
    return pageOf(rows, limit, ({ place, id }) => this.cursors.encode([place, id], list));
  }

  async counts(me: string): Promise<SupportCounts> {
    const row = await this.database.row<SupportCounts>(sql`
      SELECT count(*) FILTER (WHERE status = 'open') AS open, count(*) FILTER (WHERE status = 'assigned') AS assigned,
        (SELECT count(*) FROM threads WHERE kind = 'support' AND status = 'closed') AS closed,
        count(*) FILTER (WHERE status = 'assigned' AND assignee_id = ${me}) AS mine
      FROM threads WHERE kind = 'support' AND status <> 'closed'`);
    return row ?? { open: 0, assigned: 0, closed: 0, mine: 0 };
  }
}

function conditionsOf({ status, assigneeId, userId, orderId, q }: Omit<SupportQuery, 'sort' | 'limit' | 'cursor'>, me: string): Sql[] {
  const assignee = assigneeId === 'me' ? me : assigneeId;
  return [
    sql`kind = 'support'`,
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(assignee === undefined ? [] : [assignee === 'none' ? sql`assignee_id IS NULL` : sql`assignee_id = ${assignee}::uuid`]),
    ...(userId === undefined ? [] : [sql`customer_id = ${userId}`]),
    ...(orderId === undefined ? [] : [sql`order_id = ${orderId}`]),
    ...(q === undefined ? [] : [sql`subject ILIKE ${`%${q.replace(/[\\%_]/g, '\\$&')}%`}`]),
  ];
}
