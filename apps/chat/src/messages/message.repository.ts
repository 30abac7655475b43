import { Injectable } from '@nestjs/common';
import type { MessageType } from '#libs/contracts/chat/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface MessageRow {
  readonly id: string;
  readonly thread_id: string;
  readonly sequence: number;
  readonly revision: number;
  readonly type: MessageType;
  readonly sender_id: string | null;
  readonly client_message_id: string | null;
  readonly sent_hash: string | null;
  /** Null once another store has taken it over. */
  readonly content: string | null;
  readonly has_files: boolean;
  readonly is_reported: boolean;
  readonly created_at: Date;
  readonly edited_at: Date | null;
  readonly deleted_at: Date | null;
}

export interface NewMessage {
  readonly id: string;
  readonly threadId: string;
  readonly sequence: number;
  readonly revision: number;
  readonly type: MessageType;
  readonly senderId: string | null;
  readonly clientMessageId: string | null;
  readonly sentHash: string | null;
  readonly content: string;
  readonly hasFiles: boolean;
  /** Whose words a system message has. */
  readonly notedBy: string | null;
}

export const MESSAGE = sql`id, thread_id, sequence, revision, type, sender_id, client_message_id, sent_hash, content, has_files, is_reported, created_at,
  edited_at, deleted_at`;

/** Every message's row. Where a text is taken over by another store, `isMoved` rows wait for that. */
@Injectable()
export class MessageRepository {
  constructor(private readonly database: Database) {}

  find(id: string, queries: Queries = this.database): Promise<MessageRow | undefined> {
    return queries.row<MessageRow>(sql`SELECT ${MESSAGE} FROM messages WHERE id = ${id}`);
  }

  findMany(ids: readonly string[]): Promise<MessageRow[]> {
    return this.database.rows<MessageRow>(sql`SELECT ${MESSAGE} FROM messages WHERE id = ANY(${ids}::uuid[])`);
  }

  findSent(threadId: string, senderId: string, clientMessageId: string, queries: Queries = this.database): Promise<MessageRow | undefined> {
    return queries.row<MessageRow>(sql`
      SELECT ${MESSAGE} FROM messages WHERE thread_id = ${threadId} AND sender_id = ${senderId} AND client_message_id = ${clientMessageId}`);
  }

  /** What the user has sent in the last minute, and seconds until the first of it is a minute old. */
  async sentLately(transaction: Transaction, userId: string): Promise<{ count: number; secondsToRoom: number }> {
    const row = await transaction.row<{ count: number; seconds: number | null }>(sql`
      SELECT count(*) AS count, ceil(extract(epoch FROM min(created_at) + interval '1 minute' - clock_timestamp()))::int AS seconds
      FROM messages WHERE sender_id = ${userId} AND created_at > clock_timestamp() - interval '1 minute'`);
    return { count: row?.count ?? 0, secondsToRoom: Math.max(1, row?.seconds ?? 1) };
  }

  /** The thread is locked, so the moment fits the sequence. */
  async insert(transaction: Transaction, one: NewMessage, isToMove: boolean): Promise<MessageRow> {
    const row = await transaction.row<MessageRow>(sql`
      INSERT INTO messages (id, thread_id, sequence, revision, type, sender_id, client_message_id, sent_hash, content, has_files, noted_by,
        move_at, created_at)
      VALUES (${one.id}, ${one.threadId}, ${one.sequence}, ${one.revision}, ${one.type}, ${one.senderId}, ${one.clientMessageId}, ${one.sentHash},
        ${one.content}, ${one.hasFiles}, ${one.notedBy}, CASE WHEN ${isToMove} THEN now() END, clock_timestamp())
      RETURNING ${MESSAGE}`);
    if (row === undefined) throw new Error('an inserted message has no row');
    return row;
  }

  /** Ascending: those above, at most `limit`. */
  above(threadId: string, after: number, limit: number): Promise<MessageRow[]> {
    return this.database.rows<MessageRow>(
      sql`SELECT ${MESSAGE} FROM messages WHERE thread_id = ${threadId} AND sequence > ${after} ORDER BY sequence LIMIT ${limit}`,
    );
  }

  /** Ascending: the newest `limit` of those below. */
  async below(threadId: string, before: number, limit: number): Promise<MessageRow[]> {
    const rows = await this.database.rows<MessageRow>(
      sql`SELECT ${MESSAGE} FROM messages WHERE thread_id = ${threadId} AND sequence < ${before} ORDER BY sequence DESC LIMIT ${limit}`,
    );
    return rows.reverse();
  }

  /** Edited or deleted since `revision`, up to `upTo`; the oldest change first. */
  changed(threadId: string, { revision, upTo, limit }: { revision: number; upTo: number; limit: number }): Promise<MessageRow[]> {
    return this.database.rows<MessageRow>(sql`
      SELECT ${MESSAGE} FROM messages WHERE thread_id = ${threadId} AND revision > ${revision} AND sequence <= ${upTo}
        AND (edited_at IS NOT NULL OR deleted_at IS NOT NULL)
      ORDER BY revision LIMIT ${limit}`);
  }

  /** The last message of each thread. */
  last(threads: readonly { readonly id: string; readonly last_sequence: number }[]): Promise<MessageRow[]> {
    const ids = threads.map(({ id }) => id);
    const sequences = threads.map(({ last_sequence }) => last_sequence);
    return this.database.rows<MessageRow>(sql`
      SELECT messages.* FROM unnest(${ids}::uuid[], ${sequences}::int[]) AS asked (id, sequence)
        JOIN messages ON messages.thread_id = asked.id AND messages.sequence = asked.sequence`);
  }

  /** New content under the next revision; undefined where the message is no longer what it was. */
  change(
    transaction: Transaction,
    { id, revision: known }: MessageRow,
    { revision, content, isDeleted, isToMove }: { revision: number; content: string; isDeleted: boolean; isToMove: boolean },
  ): Promise<MessageRow | undefined> {
    return transaction.row<MessageRow>(sql`
      UPDATE messages SET content = ${content}, revision = ${revision}, move_at = CASE WHEN ${isToMove} THEN now() END, move_tries = 0,
        edited_at = CASE WHEN ${isDeleted} THEN edited_at ELSE clock_timestamp() END,
        deleted_at = CASE WHEN ${isDeleted} THEN clock_timestamp() END, has_files = has_files AND NOT ${isDeleted}
      WHERE id = ${id} AND revision = ${known} AND deleted_at IS NULL RETURNING ${MESSAGE}`);
  }

  /** What it said before, for those who settle disputes. */
  keepVersion(transaction: Transaction, row: MessageRow, content: string, changedBy: string): void {
    transaction.send(sql`
      INSERT INTO message_versions (message_id, revision, content, since, changed_by)
      VALUES (${row.id}, ${row.revision}, ${content}, ${row.edited_at ?? row.created_at}, ${changedBy})`);
  }

  versions(id: string): Promise<{ revision: number; content: string; since: Date; until: Date; changed_by: string | null }[]> {
    return this.database.rows(sql`
      SELECT revision, content, since, until, changed_by FROM message_versions WHERE message_id = ${id} ORDER BY revision`);
  }

  /** In the order they were written in; `place` of the last leads on. */
  writtenBy(userId: string, after: string | undefined, limit: number): Promise<(MessageRow & { place: string })[]> {
    const [at, id] = after?.split(' ') ?? [];
    return this.database.rows<MessageRow & { place: string }>(sql`
      SELECT ${MESSAGE}, extract(epoch FROM created_at)::text || ' ' || id AS place FROM messages
      WHERE sender_id = ${userId}
        ${when(
          id !== undefined,
          () => sql`AND created_at >= to_timestamp(${at}::float8) - interval '1 second'
          AND (extract(epoch FROM created_at), id) > (${at}::numeric, ${id}::uuid)`,
        )}
      ORDER BY created_at, id LIMIT ${limit}`);
  }
}
