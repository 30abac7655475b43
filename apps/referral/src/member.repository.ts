import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { newCode } from './referral.ts';

export interface Member {
  readonly user_id: string;
  readonly code: string | null;
  readonly is_verified: boolean;
  readonly is_disabled: boolean;
  readonly is_erased: boolean;
  readonly rewards: number;
}

const MEMBER = sql`user_id, code, verified_at IS NOT NULL AS is_verified, is_disabled, is_erased, rewards`;
/** Whose code is good. */
export const INVITES = sql`NOT is_disabled AND NOT is_erased`;
/** Two codes that are drawn alike are rarer than any other fault. */
const MAX_DRAWS = 5;

/** What was heard of users; and their codes. */
@Injectable()
export class MemberRepository {
  constructor(private readonly database: Database) {}

  find(userId: string, queries: Pick<Database, 'row'> = this.database): Promise<Member | undefined> {
    return queries.row<Member>(sql`SELECT ${MEMBER} FROM members WHERE user_id = ${userId}`);
  }

  /** The row, locked until the transaction ends. */
  async hold(transaction: Transaction, userId: string): Promise<Member> {
    const row = await transaction.row<Member>(sql`
      INSERT INTO members AS kept (user_id) VALUES (${userId}) ON CONFLICT (user_id) DO UPDATE SET user_id = kept.user_id RETURNING ${MEMBER}`);
    if (row === undefined) throw new Error('a row that was written is gone');
    return row;
  }

  /** The one code of a user for ever; undefined once they are erased. */
  async codeOf(userId: string): Promise<string | undefined> {
    const known = await this.find(userId);
    if (known?.is_erased === true) return undefined;
    if (known?.code) return known.code;
    for (let draws = 1; ; draws += 1) {
      try {
        const row = await this.database.row<{ code: string }>(sql`
          INSERT INTO members AS kept (user_id, code) VALUES (${userId}, ${newCode()})
          ON CONFLICT (user_id) DO UPDATE SET code = coalesce(kept.code, excluded.code) WHERE NOT kept.is_erased RETURNING code`);
        return row?.code;
      } catch (error) {
        if (!isUniqueViolation(error, 'members_code_key') || draws === MAX_DRAWS) throw error;
      }
    }
  }

  /** Undefined where the code is good for nothing, whatever the reason. */
  async referrerOf(code: string): Promise<string | undefined> {
    const row = await this.database.row<{ user_id: string }>(sql`SELECT user_id FROM members WHERE code = ${code} AND ${INVITES}`);
    return row?.user_id;
  }

  async verify(transaction: Transaction, userId: string, at: string): Promise<void> {
    await this.hold(transaction, userId);
    await transaction.execute(sql`
      UPDATE members SET verified_at = least(verified_at, ${at}::timestamptz) WHERE user_id = ${userId} AND NOT is_erased`);
  }

  /** The highest version stands. */
  async change(
    transaction: Transaction,
    { userId, disabled, version }: { userId: string; disabled: boolean; version: number },
  ): Promise<void> {
    await this.hold(transaction, userId);
    await transaction.execute(sql`
      UPDATE members SET is_disabled = ${disabled}, account_version = ${version} WHERE user_id = ${userId} AND account_version < ${version}`);
  }

  async erase(transaction: Transaction, userId: string): Promise<void> {
    await this.hold(transaction, userId);
    await transaction.execute(sql`UPDATE members SET is_erased = true, code = NULL, verified_at = NULL WHERE user_id = ${userId}`);
  }
}
