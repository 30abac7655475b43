import { Injectable } from '@nestjs/common';
import type { ListThreads } from '#libs/contracts/chat/inputs';
import type { ThreadStatus } from '#libs/contracts/chat/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { ThreadRow } from './thread-row.ts';

export const THREAD = sql`threads.id, kind, status, subject, order_id, customer_id, assignee_id, waiting_since, closed_at, last_sequence, revision,
  created_at, updated_at`;

export interface NewThread {
  readonly id: string;
  readonly createdBy: string;
  /** Both users of a direct thread, the lower first. */
  readonly pair?: string;
  readonly subject?: string;
  readonly orderId?: string;
  readonly customerId?: string;
  readonly assigneeId?: string;
}

/** Threads, and the lock that puts whatever happens in one of them in order. */
@Injectable()
export class ThreadRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  find(id: string, queries: Queries = this.database): Promise<ThreadRow | undefined> {
    return queries.row<ThreadRow>(sql`SELECT ${THREAD} FROM threads WHERE id = ${id}`);
  }

  /** Everything that changes a thread, its members or its messages waits here for its turn. */
  lock(transaction: Transaction, id: string): Promise<ThreadRow | undefined> {
    return transaction.row<ThreadRow>(sql`SELECT ${THREAD} FROM threads WHERE id = ${id} FOR UPDATE`);
  }

  findPair(pair: string, queries: Queries = this.database): Promise<ThreadRow | undefined> {
    return queries.row<ThreadRow>(sql`SELECT ${THREAD} FROM threads WHERE pair = ${pair}`);
  }

  findOpenOfOrder(queries: Queries, orderId: string, customerId: string): Promise<ThreadRow | undefined> {
    return queries.row<ThreadRow>(sql`
      SELECT ${THREAD} FROM threads WHERE order_id = ${orderId} AND customer_id = ${customerId} AND status <> 'closed' ORDER BY id DESC LIMIT 1`);
  }

  async countOpen(transaction: Transaction, customerId: string): Promise<number> {
    const row = await transaction.row<{ count: number }>(
      sql`SELECT count(*) AS count FROM threads WHERE kind = 'support' AND customer_id = ${customerId} AND status <> 'closed'`,
    );
    return row?.count ?? 0;
  }

  /** Direct threads that the user has opened in the last day, and seconds until the first of them is a day old. */
  async openedToday(transaction: Transaction, userId: string): Promise<{ count: number; secondsToRoom: number }> {
    const row = await transaction.row<{ count: number; seconds: number | null }>(sql`
      SELECT count(*) AS count, ceil(extract(epoch FROM min(created_at) + interval '1 day' - now()))::int AS seconds
      FROM threads WHERE kind = 'direct' AND created_by = ${userId} AND created_at > now() - interval '1 day'`);
    return { count: row?.count ?? 0, secondsToRoom: Math.max(1, row?.seconds ?? 1) };
  }

  /** Undefined where the pair has one already. */
  insert(
    transaction: Transaction,
    { id, createdBy, pair, subject, orderId, customerId, assigneeId }: NewThread,
  ): Promise<ThreadRow | undefined> {
    const isDirect = pair !== undefined;
    return transaction.row<ThreadRow>(sql`
      INSERT INTO threads (id, kind, pair, status, subject, order_id, customer_id, assignee_id, created_by)
      VALUES (${id}, ${isDirect ? 'direct' : 'support'}, ${pair ?? null}, ${isDirect ? null : assigneeId === undefined ? 'open' : 'assigned'},
        ${subject ?? null}, ${orderId ?? null}, ${customerId ?? null}, ${assigneeId ?? null}, ${createdBy})
      ON CONFLICT (pair) DO NOTHING RETURNING ${THREAD}`);
  }

  /** Takes the numbers of so many new messages and changes; the thread is locked. `waiting`: the customer waits since now, or no more. */
  async advance(
    transaction: Transaction,
    id: string,
    { messages, changes, waiting }: { readonly messages: number; readonly changes: number; readonly waiting?: boolean },
  ): Promise<void> {
    await transaction.execute(sql`
      UPDATE threads SET last_sequence = last_sequence + ${messages}::int, revision = revision + ${messages + changes}::int
        ${when(messages > 0, () => sql`, updated_at = clock_timestamp()`)}
        , waiting_since = CASE ${waiting ?? null}::boolean WHEN true THEN coalesce(waiting_since, clock_timestamp())
          WHEN false THEN NULL ELSE waiting_since END
      WHERE id = ${id}`);
  }

  async move(transaction: Transaction, id: string, status: ThreadStatus, assigneeId: string | null): Promise<void> {
    await transaction.execute(sql`
      UPDATE threads SET status = ${status}, assignee_id = ${assigneeId}, closed_at = CASE WHEN ${status} = 'closed' THEN now() END,
        waiting_since = CASE WHEN ${status} = 'closed' THEN NULL ELSE waiting_since END
      WHERE id = ${id}`);
  }

  /** The latest activity first, with the moment that puts each thread in its place. */
  async page({ userId, kind, status, unread, limit, cursor }: ListThreads): Promise<{ items: ThreadRow[]; nextCursor: string | null }> {
    const list = `threads of ${JSON.stringify([userId, kind, status, unread])}`;
    const [at, last] = cursor === undefined ? [] : this.cursors.decode(cursor, list);
    const rows = await this.database.rows<ThreadRow & { place: string }>(sql`
      SELECT ${THREAD}, active_at::text AS place FROM members JOIN threads ON threads.id = thread_id
      WHERE user_id = ${userId} AND left_at IS NULL
        ${when(kind !== undefined, () => sql`AND kind = ${kind}`)}
        ${when(status !== undefined, () => sql`AND status = ${status}`)}
        ${when(unread !== undefined, () => (unread ? sql`AND unread > 0` : sql`AND unread = 0`))}
        ${when(cursor !== undefined, () => sql`AND (active_at < ${at}::timestamptz OR active_at = ${at}::timestamptz AND thread_id > ${last}::uuid)`)}
      ORDER BY active_at DESC, thread_id LIMIT ${limit + 1}`);
    return pageOf(rows, limit, ({ place, id }) => this.cursors.encode([place, id], list));
  }
}
