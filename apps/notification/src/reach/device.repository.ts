import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Platform } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { lockOfUser } from './user-lock.repository.ts';

export interface DeviceRow {
  readonly id: string;
  readonly user_id: string;
  readonly token: string;
  readonly platform: Platform;
  readonly device_id: string;
  readonly created_at: Date;
  readonly last_seen_at: Date;
}

export interface NewDevice {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
  readonly platform: Platform;
  readonly deviceId: string;
}

const MOST_OF_A_USER = 20;
const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer');
const COLUMNS = sql`id, user_id, token, platform, device_id, created_at, last_seen_at`;

/** Where pushes go: a token has one owner, and a session that it ends with. */
@Injectable()
export class DeviceRepository {
  constructor(private readonly database: Database) {}

  /** A new one was never seen after it was created. Undefined for a session that has ended. */
  async register({ userId, sessionId, token, platform, deviceId }: NewDevice): Promise<DeviceRow | undefined> {
    return this.database.transaction(async (transaction) => {
      await transaction.execute(lockOfUser(userId));
      // Who registers the same token for another user waits, and moves it.
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${token}::text, 1))`);
      // The session's end waits for this row, or is seen here.
      const ended = await transaction.row(sql`
        SELECT 1 FROM ended_sessions WHERE session_id = ${sessionId} UNION ALL SELECT 1 FROM erased_users WHERE user_id = ${userId}`);
      if (ended !== undefined) return undefined;
      const known = await transaction.row<DeviceRow>(sql`
        UPDATE devices SET last_seen_at = greatest(now(), created_at + interval '1 millisecond'), session_id = ${sessionId}, platform = ${platform}
        WHERE token_hash = ${hashOf(token)} AND user_id = ${userId} AND device_id = ${deviceId} RETURNING ${COLUMNS}`);
      if (known !== undefined) return known;
      await transaction.execute(
        sql`DELETE FROM devices WHERE token_hash = ${hashOf(token)} OR (user_id = ${userId} AND device_id = ${deviceId})`,
      );
      const device = await transaction.row<DeviceRow>(sql`
        INSERT INTO devices (id, user_id, session_id, token, token_hash, platform, device_id)
        VALUES (${uuidv7()}, ${userId}, ${sessionId}, ${token}, ${hashOf(token)}, ${platform}, ${deviceId}) RETURNING ${COLUMNS}`);
      await transaction.execute(sql`
        DELETE FROM devices WHERE id IN (
          SELECT id FROM devices WHERE user_id = ${userId} ORDER BY last_seen_at DESC, id DESC OFFSET ${MOST_OF_A_USER})`);
      return device;
    });
  }

  of(userIds: readonly string[]): Promise<DeviceRow[]> {
    return this.database.rows<DeviceRow>(
      sql`SELECT ${COLUMNS} FROM devices WHERE user_id = ANY(${userIds}::uuid[]) ORDER BY last_seen_at DESC`,
    );
  }

  async remove(userId: string, token: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM devices WHERE user_id = ${userId} AND token_hash = ${hashOf(token)}`)) === 1;
  }

  /** Tokens that the provider does not know any more. */
  async drop(tokens: readonly string[]): Promise<void> {
    await this.database.execute(sql`DELETE FROM devices WHERE token_hash = ANY(${tokens.map(hashOf)}::bytea[])`);
  }

  async removeAll(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(lockOfUser(userId));
    await transaction.execute(sql`DELETE FROM devices WHERE user_id = ${userId}`);
  }

  async endSessions(transaction: Transaction, userId: string, sessionIds: readonly string[]): Promise<void> {
    await transaction.execute(lockOfUser(userId));
    await transaction.execute(sql`
      INSERT INTO ended_sessions (session_id) SELECT unnest(${sessionIds}::uuid[]) ON CONFLICT DO NOTHING`);
    await transaction.execute(sql`DELETE FROM devices WHERE session_id = ANY(${sessionIds}::uuid[])`);
  }
}
