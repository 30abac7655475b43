import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { CODE_TRIES } from './one-time-code.ts';

export type CodePurpose = 'login' | 'verify';

export interface TriedCode {
  readonly is_right: boolean;
  readonly purpose: CodePurpose;
  readonly user_id: string | null;
  /** Keys of the windows that counted it as unused. */
  readonly counted: string[];
}

const OPEN = sql`used_at IS NULL AND expires_at > now() AND tries < ${CODE_TRIES}`;

/** Codes that left by SMS; only keyed hashes of them are kept. */
@Injectable()
export class OneTimeCodeRepository {
  /** Codes for this number are asked for one after the other from here on. Ages in seconds of those of the last day that nobody used, newest first. */
  async unusedOf(transaction: Transaction, phone: string): Promise<number[]> {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext(${`one time code ${phone}`}))`);
    const rows = await transaction.rows<{ age: number }>(sql`
      SELECT extract(epoch FROM now() - created_at)::float8 AS age FROM one_time_codes
      WHERE phone = ${phone} AND used_at IS NULL AND created_at > now() - interval '1 day' ORDER BY created_at DESC`);
    return rows.map(({ age }) => age);
  }

  /** The code before it is dead from here on. */
  async replace(
    transaction: Transaction,
    code: {
      id: string;
      phone: string;
      purpose: CodePurpose;
      userId: string | undefined;
      codeHash: string;
      counted: readonly string[];
      seconds: number;
    },
  ): Promise<void> {
    await transaction.execute(sql`UPDATE one_time_codes SET expires_at = now() WHERE phone = ${code.phone} AND ${OPEN}`);
    await transaction.execute(sql`
      INSERT INTO one_time_codes (id, phone, purpose, user_id, code_hash, counted, expires_at)
      VALUES (${code.id}, ${code.phone}, ${code.purpose}, ${code.userId ?? null}, ${code.codeHash}, ${code.counted}, now() + make_interval(secs => ${code.seconds}::float8))`);
  }

  /** Counts a try, or uses the code up: fifty right ones at once are one. Undefined when there is nothing left to try. */
  tryCode(transaction: Transaction, id: string, phone: string, hashes: readonly string[]): Promise<TriedCode | undefined> {
    return transaction.row<TriedCode>(sql`
      UPDATE one_time_codes SET
        tries = tries + (CASE WHEN code_hash = ANY(${hashes}::text[]) THEN 0 ELSE 1 END),
        used_at = CASE WHEN code_hash = ANY(${hashes}::text[]) THEN now() END
      WHERE id = ${id} AND phone = ${phone} AND ${OPEN}
      RETURNING used_at IS NOT NULL AS is_right, purpose, user_id, counted`);
  }

  /** Books an SMS on today's budget in India; false when there is no room for it. */
  async spend(transaction: Transaction, paise: number, budgetPaise: number): Promise<boolean> {
    if (paise > budgetPaise) return false;
    const booked = await transaction.execute(sql`
      INSERT INTO sms_spending (day, paise) VALUES ((now() AT TIME ZONE 'Asia/Kolkata')::date, ${paise})
      ON CONFLICT (day) DO UPDATE SET paise = sms_spending.paise + excluded.paise WHERE sms_spending.paise + excluded.paise <= ${budgetPaise}`);
    return booked === 1;
  }
}
