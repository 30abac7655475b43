import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { MemberRow } from './thread-row.ts';

const MEMBER = sql`thread_id, user_id, role, is_added, left_at, delivered, read, unread, pushed_sequence`;

/** What counts as unread for a member: others' messages above what they have read. `messages` and `members` are in scope. */
const COUNTS = sql`messages.thread_id = members.thread_id AND messages.sequence > members.read AND messages.type <> 'system'
  AND messages.deleted_at IS NULL AND messages.sender_id IS DISTINCT FROM members.user_id`;

/** After messages ceased to count: where none is left, nobody waits any more, and the next one is given all its time. */
const STILL_UNREAD = sql`
  unread_since = (SELECT messages.created_at FROM messages WHERE ${COUNTS} ORDER BY messages.sequence LIMIT 1),
  push_at = CASE WHEN EXISTS (SELECT 1 FROM messages WHERE ${COUNTS}) THEN push_at END`;

export interface Unread {
  readonly user_id: string;
  readonly unread: number;
  readonly version: number;
}

/** Who is in a thread and how far they have come. What changes here is changed under the thread's lock. */
@Injectable()
export class MemberRepository {
  constructor(private readonly database: Database) {}

  /** Present and former ones. */
  of(threadIds: readonly string[], queries: Queries = this.database): Promise<MemberRow[]> {
    return queries.rows<MemberRow>(
      sql`SELECT ${MEMBER} FROM members WHERE thread_id = ANY(${threadIds}::uuid[]) ORDER BY joined_at, user_id`,
    );
  }

  async present(threadId: string, queries: Queries = this.database): Promise<MemberRow[]> {
    return (await this.of([threadId], queries)).filter(({ left_at }) => left_at === null);
  }

  /** Who comes back goes on where they were; what came meanwhile is unread. */
  async add(transaction: Transaction, threadId: string, userId: string, role: 'customer' | 'staff', isAdded = false): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO members (thread_id, user_id, role, is_added) VALUES (${threadId}, ${userId}, ${role}, ${isAdded})
      ON CONFLICT (thread_id, user_id) DO UPDATE SET left_at = NULL, is_added = members.is_added OR excluded.is_added`);
    await this.recount(transaction, threadId, userId);
  }

  async leave(transaction: Transaction, threadId: string, userId: string): Promise<void> {
    await transaction.execute(sql`
      UPDATE members SET left_at = now(), is_added = false, unread = 0, unread_version = unread_version + 1, push_at = NULL, unread_since = NULL
      WHERE thread_id = ${threadId} AND user_id = ${userId} AND left_at IS NULL`);
  }

  async recount(transaction: Transaction, threadId: string, userId?: string): Promise<void> {
    await transaction.execute(sql`
      UPDATE members SET unread = (SELECT count(*) FROM messages WHERE ${COUNTS}), unread_version = unread_version + 1, ${STILL_UNREAD}
      WHERE thread_id = ${threadId} AND left_at IS NULL AND (${userId ?? null}::uuid IS NULL OR user_id = ${userId ?? null})`);
  }

  /** A message of `senderId`, or of nobody, is new for all others. Nobody is told of a thread twice before they read it. */
  async noteMessage(transaction: Transaction, threadId: string, senderId: string | null, pushDelaySeconds: number): Promise<void> {
    await transaction.execute(sql`
      UPDATE members SET active_at = clock_timestamp(), unread = unread + counted, unread_version = unread_version + counted,
        unread_since = CASE WHEN counted = 1 THEN coalesce(unread_since, now()) ELSE unread_since END,
        push_at = CASE WHEN counted = 1 AND pushed_sequence IS NULL
          THEN coalesce(push_at, now() + make_interval(secs => ${pushDelaySeconds}::float8)) ELSE push_at END
      FROM (SELECT user_id AS who, (${senderId}::uuid IS NOT NULL AND user_id <> ${senderId}::uuid)::int AS counted
        FROM members WHERE thread_id = ${threadId}) AS each
      WHERE thread_id = ${threadId} AND user_id = who AND left_at IS NULL`);
  }

  /** A message at `sequence` counts no more. */
  async noteDeletion(transaction: Transaction, threadId: string, sequence: number, senderId: string | null): Promise<string[]> {
    const rows = await transaction.rows<{ user_id: string }>(sql`
      UPDATE members SET unread = unread - 1, unread_version = unread_version + 1, ${STILL_UNREAD}
      WHERE thread_id = ${threadId} AND left_at IS NULL AND read < ${sequence} AND user_id IS DISTINCT FROM ${senderId}::uuid
      RETURNING user_id`);
    return rows.map(({ user_id }) => user_id);
  }

  /** Undefined where that changes nothing. The pointers only rise. */
  read(transaction: Transaction, threadId: string, userId: string, sequence: number): Promise<MemberRow | undefined> {
    return transaction.row<MemberRow>(sql`
      WITH before AS (SELECT pushed_sequence AS told FROM members WHERE thread_id = ${threadId} AND user_id = ${userId})
      UPDATE members SET read = ${sequence}, delivered = greatest(delivered, ${sequence}), unread_version = unread_version + 1,
        unread = (SELECT count(*) FROM messages WHERE messages.thread_id = ${threadId} AND messages.sequence > ${sequence}
          AND messages.type <> 'system' AND messages.deleted_at IS NULL AND messages.sender_id IS DISTINCT FROM ${userId}::uuid),
        push_at = NULL, pushed_sequence = NULL, unread_since = NULL
      FROM before
      WHERE thread_id = ${threadId} AND user_id = ${userId} AND left_at IS NULL AND read < ${sequence}
      RETURNING thread_id, user_id, role, is_added, left_at, delivered, read, unread, before.told AS pushed_sequence`);
  }

  deliver(transaction: Transaction, threadId: string, userId: string, sequence: number): Promise<MemberRow | undefined> {
    return transaction.row<MemberRow>(sql`
      UPDATE members SET delivered = ${sequence}
      WHERE thread_id = ${threadId} AND user_id = ${userId} AND left_at IS NULL AND delivered < ${sequence} RETURNING ${MEMBER}`);
  }

  /** Of all their threads, with a version that rises at each change. */
  async unreadOf(userIds: readonly string[], queries: Queries = this.database): Promise<Unread[]> {
    return queries.rows<Unread>(sql`
      SELECT user_id, coalesce(sum(unread), 0)::bigint AS unread, coalesce(sum(unread_version), 0)::bigint AS version
      FROM members WHERE user_id = ANY(${userIds}::uuid[]) GROUP BY user_id`);
  }

  find(threadId: string, userId: string, queries: Queries = this.database): Promise<MemberRow | undefined> {
    return queries.row<MemberRow>(sql`SELECT ${MEMBER} FROM members WHERE thread_id = ${threadId} AND user_id = ${userId}`);
  }

  /** With whom the user has a direct thread. */
  async peersOf(userId: string): Promise<string[]> {
    const rows = await this.database.rows<{ user_id: string }>(sql`
      SELECT other.user_id FROM members own JOIN threads ON threads.id = own.thread_id AND kind = 'direct'
        JOIN members other ON other.thread_id = own.thread_id AND other.user_id <> own.user_id
      WHERE own.user_id = ${userId} ORDER BY own.active_at DESC LIMIT 1000`);
    return rows.map(({ user_id }) => user_id);
  }
}
