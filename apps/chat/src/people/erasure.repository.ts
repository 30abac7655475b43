import { Injectable } from '@nestjs/common';
import { claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { MESSAGE, type MessageRow } from '../messages/message.repository.ts';
import { DELETED_USER } from './people.ts';

const LEASE_SECONDS = 30;

/** What this service has of a user who is gone. */
@Injectable()
export class ErasureRepository {
  constructor(private readonly database: Database) {}

  /** Nothing of theirs is taken any more. Waits for what they are just sending. */
  async note(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO chat_users (user_id, erased_at, erase_due_at) VALUES (${userId}, now(), now())
      ON CONFLICT (user_id) DO UPDATE SET erased_at = coalesce(chat_users.erased_at, now()), erase_due_at = now(), muted_until = NULL,
        read_receipts = true, delivery_receipts = true, presence = true`);
    transaction.send(sql`UPDATE members SET push_at = NULL, pushed_sequence = NULL WHERE user_id = ${userId}`);
  }

  async claim(limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ user_id: string }>(
      claim({
        ...{ table: sql`chat_users`, key: sql`user_id`, due: sql`erase_due_at`, limit, leaseSeconds: LEASE_SECONDS },
        returning: sql`user_id`,
      }),
    );
    return rows.map(({ user_id }) => user_id);
  }

  async done(userId: string): Promise<void> {
    await this.database.execute(sql`UPDATE chat_users SET erase_due_at = NULL WHERE user_id = ${userId}`);
  }

  /** Threads that still have a message of theirs. */
  async threadsWritten(userId: string, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ thread_id: string }>(
      sql`SELECT DISTINCT thread_id FROM messages WHERE sender_id = ${userId} LIMIT ${limit}`,
    );
    return rows.map(({ thread_id }) => thread_id);
  }

  /** Empties so many messages of theirs, each under a revision above `revision`; the thread is locked. Answers them as they are then, and which had files. */
  async blank(
    transaction: Transaction,
    {
      threadId,
      userId,
      revision,
      content,
      isToMove,
      limit,
    }: {
      threadId: string;
      userId: string;
      revision: number;
      content: string;
      isToMove: boolean;
      limit: number;
    },
  ): Promise<{ rows: MessageRow[]; withFiles: string[] }> {
    const rows = await transaction.rows<MessageRow & { had_files: boolean }>(sql`
      WITH own AS (
        SELECT id AS own_id, has_files AS had_files, row_number() OVER (ORDER BY sequence) AS place FROM (
          SELECT id, has_files, sequence FROM messages WHERE thread_id = ${threadId} AND sender_id = ${userId} ORDER BY sequence LIMIT ${limit}) AS part)
      UPDATE messages SET sender_id = NULL, client_message_id = NULL, sent_hash = NULL, content = ${content}, has_files = false,
        revision = ${revision}::int + place, deleted_at = coalesce(deleted_at, clock_timestamp()),
        move_at = CASE WHEN ${isToMove} THEN now() END, move_tries = 0
      FROM own WHERE id = own_id RETURNING ${MESSAGE}, had_files`);
    transaction.send(sql`
      DELETE FROM message_versions USING messages
      WHERE messages.id = message_id AND message_id = ANY(${rows.map(({ id }) => id)}::uuid[]) AND NOT is_reported`);
    rows.sort((one, other) => one.sequence - other.sequence);
    return { rows, withFiles: rows.filter(({ had_files }) => had_files).map(({ id }) => id) };
  }

  /** System messages with words of theirs. */
  notesOf(userId: string, limit: number): Promise<MessageRow[]> {
    return this.database.rows<MessageRow>(sql`SELECT ${MESSAGE} FROM messages WHERE noted_by = ${userId} LIMIT ${limit}`);
  }

  /** None where that is done already. */
  blankNote(
    transaction: Transaction,
    { id, revision, content, isToMove }: { id: string; revision: number; content: string; isToMove: boolean },
  ): Promise<MessageRow[]> {
    return transaction.rows<MessageRow>(sql`
      UPDATE messages SET noted_by = NULL, content = ${content}, revision = ${revision}, edited_at = clock_timestamp(),
        move_at = CASE WHEN ${isToMove} THEN now() END, move_tries = 0
      WHERE id = ${id} AND noted_by IS NOT NULL RETURNING ${MESSAGE}`);
  }

  /** Their name goes from what they changed and reported, and what they wanted from their support threads. */
  async forget(userId: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      transaction.send(sql`UPDATE message_versions SET changed_by = NULL WHERE changed_by = ${userId}`);
      transaction.send(sql`UPDATE reports SET reporter_id = NULL, note = NULL WHERE reporter_id = ${userId}`);
      transaction.send(sql`UPDATE threads SET subject = ${DELETED_USER} WHERE kind = 'support' AND customer_id = ${userId}`);
    });
  }

  async ownSupport(userId: string): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      sql`SELECT id FROM threads WHERE kind = 'support' AND customer_id = ${userId} AND status <> 'closed'`,
    );
    return rows.map(({ id }) => id);
  }

  async assignedTo(userId: string): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      sql`SELECT id FROM threads WHERE assignee_id = ${userId} AND status = 'assigned'`,
    );
    return rows.map(({ id }) => id);
  }

  async staffIn(userId: string): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql`
      SELECT thread_id AS id FROM members JOIN threads ON threads.id = thread_id AND kind = 'support'
      WHERE user_id = ${userId} AND role = 'staff' AND left_at IS NULL`);
    return rows.map(({ id }) => id);
  }
}
