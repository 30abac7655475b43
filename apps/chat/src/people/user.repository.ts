import { Injectable } from '@nestjs/common';
import type { ChatSettings } from '#libs/contracts/chat/views';
import { refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface UserRow {
  readonly user_id: string;
  readonly read_receipts: boolean;
  readonly delivery_receipts: boolean;
  readonly presence: boolean;
  readonly muted_until: Date | null;
  readonly account_version: number;
  /** Null where auth has said nothing. */
  readonly works_here: boolean | null;
  readonly erased_at: Date | null;
}

const USER = sql`user_id, read_receipts, delivery_receipts, presence, CASE WHEN muted_until > now() THEN muted_until END AS muted_until,
  account_version, works_here, erased_at`;

/** Their token still says that they are staff. @throws forbidden */
export function refuseFormer(user: UserRow | undefined): void {
  if (user?.works_here === false) throw refuse('forbidden', 'You do not work here any more');
}

/** What this service knows of users; somebody without a row has all defaults. */
@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  of(userIds: readonly string[], queries: Queries = this.database): Promise<UserRow[]> {
    return queries.rows<UserRow>(sql`SELECT ${USER} FROM chat_users WHERE user_id = ANY(${userIds}::uuid[])`);
  }

  /** What a user does waits here for what they are just doing. Locked before any thread. */
  async lock(transaction: Transaction, userId: string): Promise<UserRow> {
    const row = await transaction.row<UserRow>(sql`
      INSERT INTO chat_users (user_id) VALUES (${userId}) ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id RETURNING ${USER}`);
    if (row === undefined) throw new Error('an inserted user has no row');
    return row;
  }

  /** In one order, whoever they are locked for. */
  async lockAll(transaction: Transaction, userIds: readonly string[]): Promise<UserRow[]> {
    const rows: UserRow[] = [];
    for (const userId of [...new Set(userIds)].sort()) rows.push(await this.lock(transaction, userId));
    return rows;
  }

  async setSettings(userId: string, { readReceipts, deliveryReceipts, presence }: ChatSettings): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO chat_users (user_id, read_receipts, delivery_receipts, presence)
      VALUES (${userId}, ${readReceipts}, ${deliveryReceipts}, ${presence})
      ON CONFLICT (user_id) DO UPDATE SET read_receipts = excluded.read_receipts, delivery_receipts = excluded.delivery_receipts,
        presence = excluded.presence`);
  }

  mute(transaction: Transaction, userId: string, days: number): void {
    transaction.send(sql`
      INSERT INTO chat_users (user_id, muted_until) VALUES (${userId}, now() + make_interval(days => ${days}))
      ON CONFLICT (user_id) DO UPDATE SET muted_until = greatest(chat_users.muted_until, excluded.muted_until)`);
  }

  async heardOf(userId: string): Promise<number> {
    const row = await this.database.row<{ account_version: number }>(sql`SELECT account_version FROM chat_users WHERE user_id = ${userId}`);
    return row?.account_version ?? 0;
  }

  /** False for news that is older than what is known. */
  async hear(transaction: Transaction, userId: string, version: number, worksHere: boolean): Promise<boolean> {
    const changed = await transaction.execute(sql`
      INSERT INTO chat_users AS known (user_id, account_version, works_here) VALUES (${userId}, ${version}, ${worksHere})
      ON CONFLICT (user_id) DO UPDATE SET account_version = excluded.account_version, works_here = excluded.works_here
      WHERE known.account_version < excluded.account_version`);
    return changed === 1;
  }
}
