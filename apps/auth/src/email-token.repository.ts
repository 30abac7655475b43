import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import type { Transaction } from '#libs/persistence/transaction';

/** Whether the shop sent the mail with the registration, or because the customer asked for it. */
export type EmailPurpose = 'verify' | 'verify_again';

const hashOf = (token: string): string => hash('sha256', token, 'base64url');

/** Tokens that stand in links of mails; only their hashes are kept. */
@Injectable()
export class EmailTokenRepository {
  constructor(private readonly database: Database) {}

  async keep(transaction: Transaction, token: string, userId: string, purpose: EmailPurpose, hours: number): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO email_tokens (token_hash, user_id, purpose, expires_at)
      VALUES (${hashOf(token)}, ${userId}, ${purpose}, now() + make_interval(hours => ${hours}))`);
  }

  /** Whose address a link proves; undefined when it is no link of ours or over. */
  async userOf(token: string): Promise<string | undefined> {
    const found = await this.database.row<{ user_id: string }>(
      sql`SELECT user_id FROM email_tokens WHERE token_hash = ${hashOf(token)} AND expires_at > now()`,
    );
    return found?.user_id;
  }

  /** How long ago, in seconds, the mails of the last day were sent that this user asked for; the newest first. */
  async askedFor(transaction: Transaction, userId: string): Promise<number[]> {
    const rows = await transaction.rows<{ age: number }>(sql`
      SELECT extract(epoch FROM now() - created_at)::float8 AS age FROM email_tokens
      WHERE user_id = ${userId} AND purpose = 'verify_again' AND created_at > now() - interval '1 day' ORDER BY created_at DESC`);
    return rows.map(({ age }) => age);
  }

  /** A day after a link is over. */
  forgetPast(): Promise<number> {
    return inBatches(
      sql`
        DELETE FROM email_tokens WHERE token_hash IN (
          SELECT token_hash FROM email_tokens WHERE expires_at < now() - interval '1 day' LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
